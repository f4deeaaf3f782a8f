"""What making two producers one would do: shown to people first, then done by the action."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.db import models
from django.db.models import UniqueConstraint

from ocop_portal.problems import Problem
from products.models import Dossier, Producer, ProducerMerge, Product

# Fields of which the person chooses the value that stays.
FIELDS = (
    "name",
    "kind",
    "tax_code",
    "registration_number",
    "registered_on",
    "registered_at",
    "founded_year",
    "unit",
    "current_unit",
    "address",
    "representative",
    "representative_title",
    "phone",
    "email",
    "website",
)


@dataclass(frozen=True)
class Difference:
    """A field that both records state, differently; the values as people read them."""

    name: str
    label: str
    kept: str
    merged: str


@dataclass(frozen=True)
class MergePlan:
    """What would move from `merged` to `kept`, and what stands against it."""

    kept: Producer
    merged: Producer
    differences: tuple[Difference, ...]
    filled: tuple[str, ...]
    moved: tuple[Product, ...]
    joined: tuple[tuple[Product, Product], ...]
    counts: tuple[tuple[str, int], ...]
    left: tuple[str, ...]
    problems: tuple[Problem, ...]


def plan_merge(kept: Producer, merged: Producer) -> MergePlan:
    """What merging would do now. Nothing is changed."""
    own = {row.name_key: row for row in kept.products.filter(merged_into=None)}
    theirs = list(merged.products.filter(merged_into=None))
    joined = tuple((own[row.name_key], row) for row in theirs if row.name_key in own)
    counts, left = _what_moves(kept, merged)
    return MergePlan(
        kept=kept,
        merged=merged,
        differences=tuple(_differences(kept, merged)),
        filled=tuple(_filled(kept, merged)),
        moved=tuple(row for row in theirs if row.name_key not in own),
        joined=joined,
        counts=tuple(counts),
        left=tuple(left),
        problems=tuple(_problems(joined)),
    )


def references(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """Every field of any app that points at rows of `model` and moves with a merge."""
    for relation in model._meta.get_fields(include_hidden=True):
        owner: Any = relation.related_model
        if not relation.one_to_many or not relation.auto_created:
            continue
        is_history = issubclass(owner, pghistory.models.Event)
        if is_history or owner._meta.auto_created or owner is ProducerMerge:
            continue
        field: Any = relation.field  # type: ignore[union-attr]
        if field.name != "merged_into" and (owner, field.name) != (Product, "producer"):
            yield field


def pointing_at(field: models.ForeignKey, record: models.Model) -> Any:
    """The rows whose `field` is the record."""
    owner: Any = field.model
    return owner.objects.filter(**{field.name: record})


def pointing_at_any(field: models.ForeignKey, keys: Iterable[int]) -> Any:
    """The rows whose `field` is one of the records with these keys."""
    owner: Any = field.model
    return owner.objects.filter(**{f"{field.name}__in": keys})


def collides(field: models.ForeignKey, row: Any, target: models.Model) -> bool:
    """Whether the row would break a unique constraint if it moved to `target`."""
    owner: Any = field.model
    manager = owner.objects
    for constraint in field.model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint) or field.name not in constraint.fields:
            continue
        others = {name: getattr(row, name) for name in constraint.fields if name != field.name}
        twins = manager.filter(**others, **{field.name: target})
        if constraint.condition is not None:
            if not manager.filter(constraint.condition, pk=row.pk).exists():
                continue
            twins = twins.filter(constraint.condition)
        if twins.exists():
            return True
    return False


def _problems(joined: tuple[tuple[Product, Product], ...]) -> Iterator[Problem]:
    for kept, merged in joined:
        both = Dossier.objects.open().filter(product__in=[kept, merged])
        if both.values("product").distinct().count() == 2:
            yield Problem(
                "both_open",
                f"Sản phẩm “{kept.name}” có ở cả hai chủ thể và cả hai đều đang có hồ sơ chưa kết "
                "thúc: hãy kết thúc hoặc rút một hồ sơ trước khi gộp.",
            )


def _what_moves(kept: Producer, merged: Producer) -> tuple[list[tuple[str, int]], list[str]]:
    counts, left = [], []
    for field in references(Producer):
        rows = list(pointing_at(field, merged))
        staying = [row for row in rows if collides(field, row, kept)]
        if moving := len(rows) - len(staying):
            counts.append((str(field.model._meta.verbose_name), moving))
        left += [f"{field.model._meta.verbose_name}: {row}" for row in staying]
    accounts = merged.accounts.exclude(pk__in=kept.accounts.values("pk")).count()
    if accounts:
        counts.append(("tài khoản", accounts))
    return counts, left


def _differences(kept: Producer, merged: Producer) -> Iterator[Difference]:
    for name in FIELDS:
        one, other = getattr(kept, name), getattr(merged, name)
        if one != other and one not in {None, ""} and other not in {None, ""}:
            yield Difference(name, label_of(kept, name), shown(kept, name), shown(merged, name))


def _filled(kept: Producer, merged: Producer) -> Iterator[str]:
    """Fields that only the record to be merged states: they are taken over."""
    for name in FIELDS:
        if getattr(kept, name) in {None, ""} and getattr(merged, name) not in {None, ""}:
            yield name


def label_of(record: models.Model, name: str) -> str:
    """The field in Vietnamese, with a capital letter."""
    label = str(record._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def shown(record: models.Model, name: str) -> str:
    """A value as people read it."""
    value = getattr(record, name)
    if name == "registered_on" and value:
        return f"{value:%d/%m/%Y}"
    display = getattr(record, f"get_{name}_display", None)
    return str(display() if display else value)
