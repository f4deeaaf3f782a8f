"""Records that every app shares."""

from ocop_portal.models.access import FileAccess, FileAccessReason
from ocop_portal.models.files import StoredFile
from ocop_portal.models.jobs import Job, JobItem
from ocop_portal.models.lists import SavedFilter
from ocop_portal.models.notices import Notice, NoticeOptOut
from ocop_portal.models.process import Counter, StatusChange
from ocop_portal.models.uploads import Upload

__all__ = [
    "Counter",
    "FileAccess",
    "FileAccessReason",
    "Job",
    "JobItem",
    "Notice",
    "NoticeOptOut",
    "SavedFilter",
    "StatusChange",
    "StoredFile",
    "Upload",
]
