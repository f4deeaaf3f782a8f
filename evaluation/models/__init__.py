from evaluation.models.assessment import Assessment, Result
from evaluation.models.attendance import AttendanceChange
from evaluation.models.certificate import Certificate
from evaluation.models.decision import Decision
from evaluation.models.score_sheet import Choice, ScoreSheet

__all__ = [
    "Assessment",
    "AttendanceChange",
    "Certificate",
    "Choice",
    "Decision",
    "Result",
    "ScoreSheet",
]
