"""The people of the demonstration: visibly fictional, one account for each role."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import AdministrativeUnit, Agency, User
from accounts.roles import Role

CITY = "01"
DISTRICT = "003"  # quận Tây Hồ
COMMUNE = "00097"  # phường Tứ Liên


@dataclass(frozen=True)
class Person:
    """One demonstration account; `shown` puts it into the table that the start-up prints."""

    username: str
    full_name: str
    what: str
    roles: tuple[Role, ...] = ()
    unit: str = CITY
    agency: str = ""
    shown: bool = True


OFFICES = [
    Person("huyen", "Cán bộ quận Tây Hồ (mẫu)", "Cán bộ huyện", (Role.DISTRICT_OFFICER,), DISTRICT),
    Person("xa", "Cán bộ phường Tứ Liên (mẫu)", "Cán bộ xã", (Role.COMMUNE_OFFICER,), COMMUNE),
    Person("chuthe", "Đại diện chủ thể (mẫu)", "Chủ thể", (Role.PRODUCER,), DISTRICT),
    Person(
        "so",
        "Chuyên viên Sở Nông nghiệp (mẫu)",
        "Chuyên viên Sở",
        (Role.DEPARTMENT_STAFF,),
        agency="dard",
    ),
    Person(
        "lanhdao",
        "Lãnh đạo Sở Nông nghiệp (mẫu)",
        "Lãnh đạo Sở",
        (Role.DEPARTMENT_LEADER,),
        agency="dard",
    ),
    Person(
        "xuctien",
        "Cán bộ xúc tiến thương mại (mẫu)",
        "Cán bộ xúc tiến thương mại",
        (Role.TRADE_PROMOTION_OFFICER,),
        agency="doit",
    ),
    Person(
        "kiemtra",
        "Cán bộ kiểm tra (mẫu)",
        "Cán bộ kiểm tra",
        (Role.INSPECTOR,),
        agency="nrd-office",
    ),
    Person("quantri", "Quản trị hệ thống (mẫu)", "Quản trị hệ thống", (Role.SYSTEM_ADMINISTRATOR,)),
]
SECRETARIES = {
    "district": Person(
        "thuky.huyen",
        "Thư ký Hội đồng quận (mẫu)",
        "Thư ký hội đồng huyện",
        (Role.COUNCIL_SECRETARY,),
        DISTRICT,
    ),
    "city": Person(
        "thuky.tp",
        "Thư ký Hội đồng Thành phố (mẫu)",
        "Thư ký hội đồng thành phố",
        (Role.COUNCIL_SECRETARY,),
        agency="nrd-office",
    ),
    "national": Person(
        "thuky.tw",
        "Thư ký Hội đồng trung ương (mẫu)",
        "Thư ký hội đồng trung ương",
        (Role.COUNCIL_SECRETARY,),
        "",
        "nrd-central",
    ),
}
MEMBER_AGENCIES = {
    "district": ["", "", ""],
    "city": ["dard", "doit", "doh", "dost", "dot"],
    "national": ["mard", "nrd-central", "mard"],
}
TIER_NAMES = {"district": "quận", "city": "Thành phố", "national": "trung ương"}
TIER_LABELS = {"district": "huyện", "city": "thành phố", "national": "trung ương"}
SHORT_NAMES = {"district": "huyen", "city": "tp", "national": "tw"}


def members_of(tier: str) -> list[Person]:
    """The members of a tier's council, the chair first; the first of them is shown."""
    unit = {"district": DISTRICT, "city": CITY, "national": ""}[tier]
    titles = ["Chủ tịch", *(f"Ủy viên {n}" for n in range(1, 9))]
    return [
        Person(
            f"hd.{SHORT_NAMES[tier]}{n}",
            f"{title} Hội đồng {TIER_NAMES[tier]} (mẫu)",
            f"Thành viên hội đồng {TIER_LABELS[tier]}",
            unit=unit,
            agency=agency,
            shown=n == 1,
        )
        for n, (title, agency) in enumerate(
            zip(titles, MEMBER_AGENCIES[tier], strict=False), start=1
        )
    ]


def everybody() -> list[Person]:
    """All accounts of the demonstration."""
    people = [*OFFICES]
    for tier, secretary in SECRETARIES.items():
        people += [secretary, *members_of(tier)]
    return people


def create_people() -> dict[str, User]:
    """Create the accounts, all with this installation's password; returns them by user name."""
    password = make_password(demo_password())
    units = {unit.code: unit for unit in AdministrativeUnit.objects.filter(edition=2021)}
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    users = {}
    for person in everybody():
        admin = Role.SYSTEM_ADMINISTRATOR in person.roles
        users[person.username] = User.objects.create(
            username=person.username,
            full_name=person.full_name,
            email=f"{person.username}@mau.example",
            roles=list(person.roles),
            unit=units.get(person.unit),
            agency=agencies.get(person.agency),
            is_staff=admin,
            is_superuser=admin,
            password=password,
        )
    return users


def demo_password() -> str:
    """The password of all demonstration accounts: made once per installation, kept beside its
    data, so that no published password opens anybody's portal.
    """
    path = Path(settings.DATA_DIR) / "demo_password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"ocop-mau-{secrets.randbelow(10**6):06d}")
        path.chmod(0o600)
    return path.read_text().strip()


def accounts_table() -> str:
    """The accounts as the start-up prints them."""
    rows = [(person.what, person.username) for person in everybody() if person.shown]
    width = max(len(what) for what, _name in rows)
    lines = [f"  {what:<{width}}  {name}" for what, name in rows]
    return "\n".join(
        [
            f"  {'Vai trò':<{width}}  Tên đăng nhập",
            *lines,
            f"  Mật khẩu chung: {demo_password()}",
        ]
    )
