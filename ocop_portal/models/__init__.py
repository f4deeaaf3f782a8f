"""Records that every app shares."""

from ocop_portal.models.files import StoredFile
from ocop_portal.models.jobs import Job, JobItem
from ocop_portal.models.lists import SavedFilter
from ocop_portal.models.notices import Notice, NoticeOptOut
from ocop_portal.models.process import Counter, StatusChange

__all__ = [
    "Counter",
    "Job",
    "JobItem",
    "Notice",
    "NoticeOptOut",
    "SavedFilter",
    "StatusChange",
    "StoredFile",
]
