"""Forms of producers, products and dossiers: text into typed, valid values, nothing else."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts.models import AdministrativeUnit
from ocop_portal.forms import Form, ModelForm
from products import tax_codes
from products.models import Dossier, Producer, Product
from products.models.producer import TWO_TIERS
from products.product_codes import Shape, shape_of, shapes
from regulations.models import CriteriaSet, Regulation
from regulations.rules import DocumentKind


def known_shapes() -> list[Shape]:
    """The shapes of product codes in the regulations that were ever in force."""
    return shapes([row.rules for row in Regulation.objects.published()])


def units_of(user: Any) -> Any:
    """The units that a person may place a record in: districts and communes of the territory;
    for people of a unit of 2025 the communes that went into it.
    """
    units = AdministrativeUnit.objects.filter(edition=2021)
    if user.territory.startswith(TWO_TIERS):
        units = units.filter(successors__path__startswith=user.territory).distinct()
    else:
        units = units.filter(path__startswith=user.territory)
    return units.exclude(level=AdministrativeUnit.Level.PROVINCE).select_related("parent")


def units_now_of(user: Any) -> Any:
    """The communes of 2025 within the territory: its own, or those its communes went into."""
    communes = AdministrativeUnit.objects.filter(
        edition=2025, level=AdministrativeUnit.Level.COMMUNE
    )
    if user.territory.startswith(TWO_TIERS):
        return communes.filter(path__startswith=user.territory).order_by("name")
    within = AdministrativeUnit.objects.filter(path__startswith=user.territory, edition=2021)
    return communes.filter(predecessors__in=within.values("pk")).distinct().order_by("name")


class UnitChoiceField(forms.ModelChoiceField):
    """Communes under the name of their district, in one list."""

    def label_from_instance(self, unit: AdministrativeUnit) -> str:
        if unit.level == AdministrativeUnit.Level.COMMUNE and unit.parent:
            return f"{unit.parent.full_name} – {unit.full_name}"
        return unit.full_name


class ProducerForm(ModelForm):
    unit = UnitChoiceField(
        label="Địa bàn",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Chọn xã, phường hoặc huyện",
        help_text="Theo danh mục trước ngày 01/7/2025.",
    )
    current_unit = UnitChoiceField(
        label="Xã, phường hiện nay",
        queryset=AdministrativeUnit.objects.none(),
        required=False,
        empty_label="Theo bảng chuyển đổi",
        help_text="Chỉ cần chọn khi xã cũ được chia về nhiều xã, phường mới, hoặc địa bàn ghi đến "
        "cấp huyện. Trường hợp khác được điền theo bảng chuyển đổi chính thức.",
    )
    website = forms.URLField(
        label="Trang web", required=False, max_length=200, assume_scheme="https"
    )

    class Meta:
        model = Producer
        fields = [
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
        ]
        help_texts = {
            "tax_code": "10 số; 13 số với đơn vị phụ thuộc (0101234565-001); hộ kinh doanh ghi "
            "12 số định danh cá nhân của người đại diện."
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._territory = user.territory
        units = units_of(user).prefetch_related("successors")
        self.fields["unit"].queryset = units.order_by("parent__name", "level", "name")
        self.fields["current_unit"].queryset = units_now_of(user)

    def clean_tax_code(self) -> str:
        code = tax_codes.normalised(self.cleaned_data["tax_code"])
        # What an import brought in stays as it is until somebody changes it.
        stored = self.initial.get("tax_code", "")
        if code and code != stored and (problem := tax_codes.problem(code)):
            raise ValidationError(problem)
        return code

    def clean_registered_on(self) -> date | None:
        day = self.cleaned_data["registered_on"]
        return not_in_future(day) if day else None

    def clean_founded_year(self) -> int | None:
        year: int | None = self.cleaned_data["founded_year"]
        if year and year > timezone.localdate().year:
            raise ValidationError("Năm này chưa đến.")
        return year

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"name", "unit", "current_unit"} <= cleaned.keys():
            # The constraint speaks of derived fields, which the form does not show.
            for name in ("name", "unit", "current_unit"):
                setattr(self.instance, name, cleaned[name])
            self.instance.fill_keys()
            self._check_current_unit(cleaned["unit"], cleaned["current_unit"])
            cleaned["current_unit"] = self.instance.current_unit
            twin = Producer.objects.filter(
                district=self.instance.district,
                name_key=self.instance.name_key,
                merged_into=None,
            ).exclude(pk=self.instance.pk)
            if twin.exists():
                self.add_error("name", "Trên địa bàn này đã có chủ thể cùng tên.")
        return cleaned

    def _check_current_unit(
        self, unit: AdministrativeUnit, chosen: AdministrativeUnit | None
    ) -> None:
        now = self.instance.current_unit
        if chosen and chosen != now:
            possible = ", ".join(row.full_name for row in unit.successors.all())
            message = f"{unit.full_name} nay thuộc {possible}: hãy chọn lại."
            self.add_error("current_unit", message)
        elif not self.instance.lies_in(self._territory):
            self.add_error("current_unit", "Hãy chọn xã, phường hiện nay trong địa bàn của bạn.")


class ProductForm(ModelForm):
    unit = UnitChoiceField(
        label="Nơi sản xuất",
        queryset=AdministrativeUnit.objects.none(),
        empty_label="Chọn xã, phường hoặc huyện",
    )
    criteria_set = forms.ModelChoiceField(
        label="Bộ sản phẩm",
        queryset=CriteriaSet.objects.none(),
        required=False,
        empty_label="Chưa phân loại",
        help_text="Quyết định phiếu chấm của sản phẩm.",
    )

    trace_url = forms.URLField(
        label="Trang truy xuất nguồn gốc",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="Liên kết in trên tem hoặc trong mã QR.",
    )

    class Meta:
        model = Product
        fields = ["name", "producer", "unit", "criteria_set", "story", "trace_code", "trace_url"]
        widgets = {"story": forms.Textarea(attrs={"rows": 10})}
        help_texts = {
            "story": "Nguồn gốc, cách làm, người làm, nét riêng của nơi làm ra sản phẩm. "
            "Hiện trong danh mục công khai khi sản phẩm được công nhận.",
            "trace_code": "Mã in trên tem truy xuất, nếu không có trang riêng.",
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["producer"].queryset = Producer.objects.visible_to(user).select_related("unit")
        self.fields["producer"].empty_label = "Chưa rõ chủ thể"
        self.fields["unit"].queryset = units_of(user).order_by("parent__name", "level", "name")
        self.fields["criteria_set"].queryset = self._sheets_of_today()
        self._shapes = known_shapes()
        self._add_code_fields()

    def _add_code_fields(self) -> None:
        """One field for each shape in which the regulations write codes of products."""
        stored = self.instance.codes_of_all_shapes
        for n, shape in enumerate(self._shapes):
            name = f"code_{n}" if n else "code"
            fitting = [code for code in stored if shape.fits(code)]
            if not n and not fitting:
                # What an officer's list calls the code, in no shape that a regulation knows.
                fitting = [code for code in stored if shape_of(code, self._shapes) is None]
            self.fields[name] = forms.CharField(
                label=f"Mã sản phẩm theo {shape.decisions[-1 if n else 0]}",
                max_length=40,
                required=False,
                initial=fitting[0] if fitting else "",
                help_text=f"Nếu đã có, ví dụ {shape.example}. Dạng {shape.pattern.pattern}.",
            )

    @property
    def code_fields(self) -> list[Any]:
        """The fields of the codes, as the page draws them."""
        return [self[name] for name in self._code_names]

    @property
    def codes(self) -> list[str]:
        """The codes that were given, the oldest shape first."""
        given = [self.cleaned_data.get(name, "") for name in self._code_names]
        return [code for code in given if code]

    @property
    def _code_names(self) -> list[str]:
        return [f"code_{n}" if n else "code" for n in range(len(self._shapes))]

    def _check_codes(self, cleaned: dict[str, Any]) -> None:
        """A code has its shape; what was stored before, in whatever shape, may stay."""
        for name, shape in zip(self._code_names, self._shapes, strict=True):
            code = cleaned.get(name, "")
            if code and code != self.fields[name].initial and not shape.fits(code):
                self.add_error(
                    name, f"Mã phải có dạng {shape.pattern.pattern}, ví dụ {shape.example}."
                )

    def _sheets_of_today(self) -> Any:
        """Products are classified by the regulation that takes dossiers now; what one was
        classified by before stays to choose.
        """
        rows = CriteriaSet.objects.select_related("regulation")
        today = Q(regulation__in=Regulation.objects.accepting_on(timezone.localdate()))
        return rows.filter(today | Q(pk=self.instance.criteria_set_id)).order_by(
            "-regulation__effective_from", "number"
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"name", "unit", "producer"} <= cleaned.keys():
            for name in ("name", "unit", "producer"):
                setattr(self.instance, name, cleaned[name])
            self.instance.fill_keys()
            if self._twins(cleaned["producer"]).exists():
                self.add_error("name", "Chủ thể hoặc địa bàn này đã có sản phẩm cùng tên.")
        self._check_codes(cleaned)
        return cleaned

    def _twins(self, producer: Producer | None) -> Any:
        twins = Product.objects.filter(name_key=self.instance.name_key, merged_into=None)
        twins = twins.exclude(pk=self.instance.pk)
        if producer:
            return twins.filter(producer=producer)
        return twins.filter(producer__isnull=True, district=self.instance.district)


class DossierForm(ModelForm):
    """A dossier under the regulation that counts on the day of filing."""

    criteria_set = forms.ModelChoiceField(
        label="Bộ tiêu chí (phiếu chấm)",
        queryset=CriteriaSet.objects.none(),
        empty_label="Chọn bộ tiêu chí",
    )

    class Meta:
        model = Dossier
        fields = ["criteria_set", "kind", "year", "filed_on", "self_score", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3}), "filed_on": forms.HiddenInput}
        help_texts = {
            "self_score": "Từ 0 đến 100, theo bản tự đánh giá trên giấy. Tự chấm trên cổng (trang "
            "Tự chấm điểm của hồ sơ) thì điểm được cộng ở đó."
        }

    def __init__(self, *args: Any, regulation: Regulation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criteria_set"].queryset = regulation.criteria_sets.usable()

    def clean_filed_on(self) -> date | None:
        day = self.cleaned_data["filed_on"]
        return not_in_future(day) if day else None


class DossierEditForm(DossierForm):
    """Changing a dossier: `version` tells what the person had on screen."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        if self.instance.self_scores.with_answers().exists():
            # The total of the sheet that the producer scored: it follows from the choices.
            del self.fields["self_score"]


class WorkbookForm(Form):
    file = forms.FileField(
        label="Tệp Excel (.xlsx) hoặc CSV",
        error_messages={"empty": "Tệp không có nội dung.", "required": "Hãy chọn tệp."},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text="Sổ đang dùng của đơn vị là được: không cần sửa tiêu đề, bỏ gộp ô hay xóa dòng "
        "tổng. Chưa có gì được lưu ở bước này.",
    )


class ReasonForm(Form):
    """Why something is returned, withdrawn, repeated or revoked; `label` asks for just that."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = help_text


class ReceptionForm(Form):
    received_on = forms.DateField(
        label="Ngày tiếp nhận", help_text="Quyết định quy định áp dụng cho hồ sơ."
    )

    def clean_received_on(self) -> date:
        return not_in_future(self.cleaned_data["received_on"])


class PagesForm(Form):
    """Pages of a file, from 1 and both included, and the slot that they go into."""

    first = forms.IntegerField(label="Từ trang", min_value=1)
    last = forms.IntegerField(label="Đến trang", min_value=1)
    slot = forms.ChoiceField(label="Mục")

    def __init__(self, *args: Any, slots: Iterable[DocumentKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = [
            ("", "Chọn mục"),
            *((slot.code, slot.name) for slot in slots),
        ]


class FilingForm(Form):
    """The day on which a producer filed a dossier that is only now entered here."""

    ngay_nop = forms.DateField(label="Ngày chủ thể nộp hồ sơ", required=False)

    def clean_ngay_nop(self) -> date | None:
        day = self.cleaned_data["ngay_nop"]
        return not_in_future(day) if day else None


class RegulationForm(Form):
    """Another regulation than that of the day of receipt, by the sheet to be used."""

    criteria_set = forms.ModelChoiceField(
        label="Bộ tiêu chí (phiếu chấm)",
        queryset=CriteriaSet.objects.none(),
        empty_label="Chọn bộ tiêu chí",
        help_text="Quy định áp dụng đi theo bộ tiêu chí.",
    )
    reason = forms.CharField(
        label="Lý do", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = Regulation.State.PUBLISHED
        rows = CriteriaSet.objects.usable().filter(regulation__state=published)
        field = self.fields["criteria_set"]
        field.queryset = rows
        ordered = rows.select_related("regulation").defer("data", "regulation__data")
        groups = groupby(
            ordered.order_by("-regulation__effective_from", "number"),
            key=lambda row: row.regulation.title,
        )
        field.choices = [
            ("", field.empty_label),
            *((title, [(row.pk, row.name) for row in rows]) for title, rows in groups),
        ]


def not_in_future(day: date) -> date:
    """Refuse a day that has not come yet (a date in Vietnam)."""
    if day > timezone.localdate():
        raise ValidationError("Ngày này chưa đến.")
    return day
