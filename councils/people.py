"""Finding the account of somebody who is to sit in a council."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import Role
from councils.models import Council
from ocop_portal.text import search_key

SHOWN = 10


def candidates(council: Council) -> "QuerySet[User]":
    """Accounts that may be seated: in use, no producer's, and not in the council already."""
    seated = council.members.filter(member_to__isnull=True)
    return (
        User.objects.filter(is_active=True)
        .exclude(roles__contains=[Role.PRODUCER])
        .exclude(pk__in=seated.values("user"))
        .select_related("agency", "unit")
    )


def matching(people: "QuerySet[User]", text: str) -> list[User]:
    """Those whose name, user name or office holds every word of `text`, marks or not."""
    words = search_key(text).split()
    return [person for person in people if all(word in _key(person) for word in words)]


def described(person: User) -> str:
    """Name, office and user name: enough to tell people of the same name apart."""
    office = person.agency or person.unit
    about = ", ".join(filter(None, [person.job_title, str(office or "")]))
    name = f"{person} ({person.username})"
    return f"{name} – {about}" if about else name


def _key(person: User) -> str:
    return search_key(
        person.full_name, person.username, str(person.agency or ""), str(person.unit or "")
    )
