"""The demonstration's course of events: every step taken with the portal's own actions, so that
each role finds work on its landing page, at all three tiers.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import AdministrativeUnit, User
from councils import actions as councils
from councils.models import Council, CouncilMember, Session
from evaluation.actions import decisions, results, scoring
from evaluation.models import Assessment, Choice, Decision, Result, ScoreSheet
from ocop_portal.documents import html_to_pdf
from planning.demo import people
from products.actions import dossiers, supplements
from products.actions.checking import record_verdict
from products.actions.regulation import assignment_for, change_regulation, sheet_under
from products.models import Dossier, Product
from regulations.models import CriteriaSet
from regulations.rules import Regulation as Law
from regulations.sheets import Criterion, Sheet

# The district tier is part of the law of 2021 only.
LAW_OF_2021 = "qd1048-2019"
WHY_2021 = (
    "Ví dụ mẫu: hồ sơ của đợt đánh giá theo Kế hoạch 146/KH-UBND năm 2021, xử lý theo quy định "
    "khi đó."
)
# Two sheets of 2019 became one; which of them judges a product is for a person to say.
CHOSEN_BY_HAND = {(LAW_OF_2021, "thu-cong-my-nghe"): "thu-cong-my-nghe-trang-tri"}
OWN = people.DISTRICT
CITY_DECISION = {
    "authority": "ỦY BAN NHÂN DÂN / THÀNH PHỐ HÀ NỘI",
    "signatory_title": "TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH",
    "signatory_name": "Người ký (mẫu)",
}
NATIONAL_DECISION = {
    "authority": "BỘ NÔNG NGHIỆP / VÀ PHÁT TRIỂN NÔNG THÔN",
    "signatory_title": "KT. BỘ TRƯỞNG / THỨ TRƯỞNG",
    "signatory_name": "Người ký (mẫu)",
}


class Story:
    """Who acts and on what day: shared by the steps below."""

    def __init__(self, users: dict[str, User], products: Sequence[Product]) -> None:
        self.users = users
        self.today = timezone.localdate()
        self.random = Random(146)  # noqa: S311 - the same demonstration everywhere
        self.staff = users["so"]
        self.city = AdministrativeUnit.objects.get(edition=2021, code="01")
        self.councils = {tier: self._council(tier) for tier in people.SECRETARIES}
        self._waiting = {
            district: [row for row in products if row.district.code == district]
            for district in {row.district.code for row in products}
        }

    def tell(self) -> None:
        """Everything, the oldest first."""
        self._earlier_rounds()
        self._national_tier()
        self._city_tier()
        self._district_tier()

    def take(self, count: int, *districts: str, law: str = "") -> list[Product]:
        """The next `count` products of these districts that have no dossier yet, and a usable
        sheet under `law`.
        """
        taken: list[Product] = []
        for district in districts:
            pool = self._waiting.get(district, [])
            for product in list(pool):
                if len(taken) < count and (not law or self._sheet(product, law)):
                    pool.remove(product)
                    taken.append(product)
        return taken

    # what happened before

    def _earlier_rounds(self) -> None:
        """Certificates that have expired, run out soon, and are fresh; one is revoked."""
        rounds = [
            (6, ("016",), 40, "4802/QĐ-UBND", 74),
            (5, ("281",), 34, "6118/QĐ-UBND", 81),
            (6, ("279", "276"), 2, "1207/QĐ-UBND", 78),
        ]
        for count, districts, months_ago, number, points in rounds:
            day = self.today - timedelta(days=months_ago * 30)
            products = self.take(count, *districts, law=self._law(received_before(day)).code)
            recognised = self._through_city(products, day, points)
            decision = self._decide(recognised, day + timedelta(days=10), number)
        fresh = decision.certificates.order_by("-register_number")[0]
        decisions.revoke_certificate(
            fresh, reason="Ví dụ mẫu: ngừng sản xuất theo đề nghị của chủ thể.", by=self.staff
        )

    def _through_city(self, products: Sequence[Product], day: date, points: int) -> list[Result]:
        waiting = self._accepted(products, received_before(day))
        self._record_district(waiting, day - timedelta(days=30))
        session = self._session("city", "Phiên họp Hội đồng Thành phố", day, waiting)
        self._score(session, points)
        self._conclude(session)
        results.close_session(session, by=self._secretary("city"))
        return list(Result.objects.filter(dossier__in=waiting, tier="city"))

    def _decide(self, rows: Sequence[Result], day: date, number: str) -> Decision:
        decision, _job = decisions.issue_decision(
            [row for row in rows if row.recognised_stars],
            by=self.staff,
            number=number,
            signed_on=day,
            tier="city",
            unit=self.city,
            **CITY_DECISION,
        )
        return decision

    # the three tiers today

    def _national_tier(self) -> None:
        """One product recognised at five stars, one being scored, one waiting."""
        day = self.today - timedelta(days=120)
        potential = self._through_city(self.take(3, "018"), day, 94)
        self._decide(potential, day + timedelta(days=12), "0933/QĐ-UBND")
        first, second, _third = [row.dossier for row in potential]
        results.record_result(
            Dossier.objects.get(pk=first.pk),
            mean=Decimal(93),
            stars=5,
            source_document="Biên bản họp Hội đồng trung ương (mẫu)",
            concluded_on=self.today - timedelta(days=30),
            by=self.staff,
        )
        decisions.issue_decision(
            list(Result.objects.filter(dossier=first, tier="national")),
            by=self.staff,
            number="2101/QĐ-BNN-VPĐP",
            signed_on=self.today - timedelta(days=20),
            tier="national",
            unit=self.city,
            **NATIONAL_DECISION,
        )
        session = self._session("national", "Phiên họp Hội đồng trung ương", self.today, [second])
        self._score(session, 92, unsigned=2)

    def _city_tier(self) -> None:
        """Results that wait for a decision, a session under way, dossiers that wait for one."""
        day = self.today - timedelta(days=14)
        self._through_city(self.take(4, "282"), day, 76)
        under_way = self._accepted(self.take(4, "020"), day)
        session = self._session("city", "Phiên họp lần 2 năm nay", self.today, under_way)
        self._score(session, 73, unsigned=2)
        self._accepted(self.take(3, "275"), day)

    def _district_tier(self) -> None:
        """Tây Hồ: a session under way, new dossiers, one to complete, drafts."""
        day = self.today - timedelta(days=21)
        officer, secretary = self.users["huyen"], self._secretary("district")
        session_dossiers = self._accepted(self.take(2, OWN, law=LAW_OF_2021), day, LAW_OF_2021)
        session = self._session("district", "Phiên họp đợt 1", self.today, session_dossiers)
        self._score(session, 68, unsigned=1)
        self._accepted(self.take(1, OWN, law=LAW_OF_2021), day, LAW_OF_2021)
        for product in self.take(1, OWN, law=LAW_OF_2021):
            complete = self._complete(product, officer, law=LAW_OF_2021)
            dossiers.submit_dossier(complete, by=officer)
        for product in self.take(1, OWN, law=LAW_OF_2021):
            complete = self._complete(product, officer, law=LAW_OF_2021)
            dossier = dossiers.submit_dossier(complete, by=officer)
            unclear = dossier.documents.current().get(slot="business_registration")
            comment = "Bản chụp mờ, đề nghị tải lại bản rõ."
            record_verdict(unclear, verdict="to_supplement", comment=comment, seen=0, by=secretary)
            supplements.request_supplement(dossier, by=secretary)
        for product in self.take(1, OWN):
            self._complete(product, officer)
        for product in self.take(1, OWN):
            self._draft(product, officer)

    # steps

    def _law(self, day: date) -> Law:
        return assignment_for(day, Dossier.Kind.FIRST, day).regulation

    def _draft(self, product: Product, by: User, day: date | None = None) -> Dossier:
        """A dossier as the producer filed it on `day`, today without one."""
        filed_on = day or self.today
        return dossiers.create_dossier(
            product,
            by=by,
            criteria_set=self._sheet(product, self._law(filed_on).code),
            kind=Dossier.Kind.FIRST,
            year=filed_on.year,
            filed_on=day,
            self_score=None,
            note="",
        )

    def _sheet(self, product: Product, law: str) -> CriteriaSet | None:
        """The usable sheet for a product under `law`, if it has one."""
        if product.criteria_set is None:
            return None
        code = CHOSEN_BY_HAND.get((law, product.criteria_set.code))
        if code:
            return CriteriaSet.objects.get(regulation__code=law, code=code)
        return sheet_under(product.criteria_set, law)

    def _complete(
        self, product: Product, by: User, day: date | None = None, law: str = ""
    ) -> Dossier:
        """A dossier with all compulsory documents; `law` is one that the staff chose for it."""
        dossier = self._draft(product, by, day)
        if law:
            sheet = self._sheet(product, law)
            assert sheet is not None  # `take` has asked for it
            dossier = change_regulation(dossier, criteria_set=sheet, reason=WHY_2021, by=self.staff)
        for slot in dossier.regulation.rules.documents_for(dossier.kind):
            if slot.compulsory and slot.is_file:
                upload = SimpleUploadedFile(f"{slot.name}.pdf", sample_document(slot.name))
                dossiers.add_document(dossier, slot.code, upload, by=by)
        return dossier

    def _accepted(self, products: Sequence[Product], day: date, law: str = "") -> list[Dossier]:
        """Complete dossiers, received on `day`."""
        received = []
        for product in products:
            complete = self._complete(product, self.staff, day, law)
            dossier = dossiers.submit_dossier(complete, by=self.staff)
            received.append(dossiers.accept_dossier(dossier, received_on=day, by=self.staff))
        return received

    def _record_district(self, rows: Sequence[Dossier], day: date) -> None:
        """What the other districts' councils found, as their minutes say: enough to go on."""
        for dossier in rows:
            if dossier.tier != "district":
                continue
            results.record_result(
                dossier,
                mean=Decimal(70 + self.random.randrange(0, 15)),
                stars=4,
                source_document="Biên bản họp Hội đồng cấp huyện (mẫu)",
                concluded_on=day,
                by=self.staff,
            )

    def _session(self, tier: str, title: str, day: date, rows: Sequence[Dossier]) -> Session:
        secretary = self._secretary(tier)
        session = councils.create_session(
            self.councils[tier],
            by=secretary,
            title=title,
            round=1,
            held_on=day,
            place="Hội trường (mẫu)",
        )
        councils.add_to_agenda(session, rows, by=secretary)
        opened = scoring.open_session(session, by=secretary)
        nothing = councils.Declared(conflicted=False, reason="Không liên quan (mẫu)")
        for member in self.councils[tier].members.active().voting().select_related("user"):
            said = dict.fromkeys(opened.agenda.values_list("pk", flat=True), nothing)
            councils.declare_conflicts(opened, said, by=member.user)
        return opened

    def _score(self, session: Session, points: int, *, unsigned: int = 0) -> None:
        """Fill and sign the sheets; of the last `unsigned` products the chair's stays open."""
        assessments = list(Assessment.objects.filter(item__session=session))
        first_open = len(assessments) - unsigned
        for n, assessment in enumerate(assessments):
            sheets = list(assessment.sheets.select_related("member__user"))
            for sheet in sheets:
                if n >= first_open and sheet is sheets[0]:
                    continue
                self._fill(sheet, points + self.random.randrange(-3, 4))
                scoring.sign_sheet(sheet, by=sheet.member.user)

    def _fill(self, sheet: ScoreSheet, points: int) -> None:
        """All choices of a sheet at once; the portal's own page saves them one by one."""
        criteria_set = sheet.assessment.criteria_set
        stars = criteria_set.regulation.rules.band(Decimal(points)).stars
        choices = list(choices_near(criteria_set.sheet, points, stars))
        Choice.objects.bulk_create(
            Choice(sheet=sheet, criterion=code, option=option, points=worth)
            for code, option, worth in choices
        )
        sheet.total = sum(worth for _code, _option, worth in choices)
        sheet.version = len(choices)
        sheet.save(update_fields=["total", "version", "updated_at"])

    def _conclude(self, session: Session) -> None:
        by = self._secretary(session.council.tier)
        for assessment in Assessment.objects.filter(item__session=session):
            result = results.conclude(assessment, results.Findings(), by=by)
            Result.objects.filter(pk=result.pk).update(concluded_on=session.held_on)

    # who

    def _secretary(self, tier: str) -> User:
        return self.users[people.SECRETARIES[tier].username]

    def _council(self, tier: str) -> Council:
        unit = {
            "district": AdministrativeUnit.objects.get(edition=2021, code=OWN),
            "city": self.city,
            "national": None,
        }[tier]
        name = {"district": "quận Tây Hồ", "city": "Thành phố Hà Nội", "national": "trung ương"}
        begin = date(self.today.year - 4, 1, 1)
        council = Council.objects.create(
            name=f"Hội đồng OCOP {name[tier]}",
            tier=tier,
            unit=unit,
            decision_number="Quyết định mẫu",
            decision_date=begin,
            term_from=begin,
        )
        chair, member = CouncilMember.Position.CHAIR, CouncilMember.Position.MEMBER
        for n, person in enumerate(people.members_of(tier)):
            user = self.users[person.username]
            CouncilMember.objects.create(
                council=council,
                user=user,
                position=chair if n == 0 else member,
                agency=user.agency,
                member_from=begin,
            )
        CouncilMember.objects.create(
            council=council,
            user=self._secretary(tier),
            position=CouncilMember.Position.SECRETARY,
            votes=False,
            member_from=begin,
        )
        return council


def received_before(session_day: date) -> date:
    """When the dossiers of a session had come in."""
    return session_day - timedelta(days=40)


def choices_near(sheet: Sheet, points: int, stars: int) -> Iterator[tuple[str, int, int]]:
    """One option for each criterion, taken down a level in turn until the total fits `points`;
    never below what `stars` asks for at least.
    """
    criteria = sheet.by_code
    chosen = {code: best_index(criterion) for code, criterion in criteria.items()}
    surplus = sum(criteria[code].points(index) for code, index in chosen.items()) - points
    changed = True
    while surplus > 0 and changed:
        changed = False
        for code, criterion in criteria.items():
            lower = next_lower(criterion, chosen[code])
            if any(criterion.unmet_minimum(n, lower) for n in range(1, stars + 1)):
                continue
            step = criterion.points(chosen[code]) - criterion.points(lower)
            if 0 < step <= surplus:
                chosen[code], surplus, changed = lower, surplus - step, True
    for code, index in chosen.items():
        yield code, index, criteria[code].points(index)


def next_lower(criterion: Criterion, index: int) -> int:
    """The option with the most points below those of `index`; `index` itself where none is."""
    below = [
        n
        for n in range(len(criterion.options))
        if criterion.points(n) < criterion.points(index)
        and criterion.options[n].case == criterion.options[index].case
    ]
    return max(below, key=criterion.points, default=index)


def best_index(criterion: Criterion) -> int:
    """The option with the most points."""
    return max(range(len(criterion.options)), key=criterion.points)


@lru_cache
def sample_document(name: str) -> bytes:
    """A one-page PDF that says that it is a sample."""
    html = render_to_string("planning/pdf/sample_document.html", {"name": name})
    return html_to_pdf(html)
