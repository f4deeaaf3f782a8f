"""The process of a dossier, as a table (design: draft → submitted → … → recognised)."""

from collections.abc import Mapping

from ocop_portal.workflow import Transition
from products.models import Dossier

State = Dossier.State
UNDECIDED = frozenset(State.values) - frozenset(Dossier.FINAL)

TRANSITIONS: Mapping[str, Transition] = {
    "submit": Transition(
        label="Nộp hồ sơ",
        sources=frozenset({State.DRAFT, State.SUPPLEMENT}),
        target=State.SUBMITTED,
        permission="products.submit_dossier",
    ),
    # Who holds the pen while it is prepared: the state stays.
    "hand_over": Transition(
        label="Gửi cán bộ",
        sources=frozenset({State.DRAFT, State.SUPPLEMENT}),
        target="",
        permission="products.hand_over_dossier",
    ),
    "give_back": Transition(
        label="Chuyển chủ thể soạn tiếp",
        sources=frozenset({State.DRAFT, State.SUPPLEMENT}),
        target="",
        permission="products.give_back_dossier",
    ),
    "take_back": Transition(
        label="Nhận lại để soạn",
        sources=frozenset({State.DRAFT, State.SUPPLEMENT}),
        target="",
        permission="products.take_back_dossier",
    ),
    "accept": Transition(
        label="Tiếp nhận",
        sources=frozenset({State.SUBMITTED}),
        target=State.ACCEPTED,
        permission="products.receive_dossiers",
    ),
    "request_supplement": Transition(
        label="Yêu cầu bổ sung",
        sources=frozenset({State.SUBMITTED}),
        target=State.SUPPLEMENT,
        permission="products.receive_dossiers",
    ),
    "withdraw": Transition(
        label="Rút hồ sơ",
        sources=frozenset({State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.ACCEPTED}),
        target=State.WITHDRAWN,
        permission="products.withdraw_dossier",
    ),
    "change_regulation": Transition(
        label="Đổi quy định áp dụng",
        sources=frozenset({State.DRAFT, State.SUBMITTED, State.SUPPLEMENT, State.ACCEPTED}),
        target="",
        permission="products.change_regulation",
    ),
    # The steps below follow from a council's session and from a decision: no button of their own.
    "start_evaluation": Transition(
        label="Đưa ra phiên họp",
        sources=frozenset({State.ACCEPTED}),
        target=State.IN_EVALUATION,
    ),
    "forward": Transition(
        label="Chuyển cấp trên",
        sources=frozenset({State.IN_EVALUATION}),
        target=State.ACCEPTED,
    ),
    "return": Transition(
        label="Trả cấp dưới",
        sources=frozenset({State.IN_EVALUATION}),
        target=State.ACCEPTED,
    ),
    "propose": Transition(
        label="Đề nghị công nhận",
        sources=frozenset({State.IN_EVALUATION}),
        target=State.AWAITING_DECISION,
    ),
    "refuse": Transition(
        label="Không công nhận",
        sources=frozenset({State.IN_EVALUATION}),
        target=State.NOT_RECOGNISED,
    ),
    "keep_recognition": Transition(
        label="Giữ kết quả cấp dưới",
        sources=frozenset({State.IN_EVALUATION}),
        target=State.RECOGNISED,
    ),
    "recognise": Transition(
        label="Công nhận",
        sources=frozenset({State.AWAITING_DECISION}),
        target=State.RECOGNISED,
    ),
}
