"""Who else sees a dossier beside the people of its territory: apps to the right add their own
reasons in `AppConfig.ready`, each as a function from a person to a condition on dossiers.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

Scope = Callable[[Any], Q]

_scopes: list[Scope] = []


def register(scope: Scope) -> None:
    """Add a reason to see dossiers; called once per app, when Django starts.

    The condition must not join rows that repeat a dossier: it asks with `pk__in` instead.
    """
    _scopes.append(scope)


def further_conditions(user: Any) -> list[Q]:
    """The dossiers that `user` sees for the reasons of other apps, one by one: asked apart, each
    reason is answered from an index.
    """
    return [part for scope in _scopes for part in _alternatives(scope(user))]


def _alternatives(condition: Q) -> Iterator[Q]:
    if condition.connector != Q.OR or condition.negated:
        yield condition
        return
    for child in condition.children:
        yield from _alternatives(child if isinstance(child, Q) else Q(child))
