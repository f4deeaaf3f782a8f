"""Who else sees a dossier beside the people of its territory: apps to the right add their own
reasons in `AppConfig.ready`, each as a function from a person to a condition on dossiers.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

Scope = Callable[[Any], Q]

_scopes: list[Scope] = []


def register(scope: Scope) -> None:
    """Add a reason to see dossiers; called once per app, when Django starts.

    The condition must not join rows that repeat a dossier: it asks with `pk__in` instead.
    """
    _scopes.append(scope)


def further_dossiers(user: Any) -> Q:
    """The dossiers that `user` sees for the reasons of other apps."""
    condition = Q(pk__in=[])
    for scope in _scopes:
        condition |= scope(user)
    return condition
