"""Reading a document that somebody sends as a JSON file."""

import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from ocop_portal.problems import Refused

LARGEST = 1024 * 1024  # bytes; the largest sheet of the four regulations has 40 KB


def read_json(upload: UploadedFile) -> Any:
    """Return what the file holds; raises `Refused` for one that is too large or is no JSON."""
    if upload.size is None or upload.size > LARGEST:
        raise Refused.because("file_too_large", "Tệp lớn hơn 1 MB nên không thể là một văn bản.")
    try:
        value = json.loads(
            upload.read().decode("utf-8-sig"), parse_float=_fraction, parse_constant=_no_number
        )
        _storable(value)
    except (ValueError, RecursionError) as error:
        raise Refused.because(
            "not_json", f"Tệp “{upload.name}” không phải là tệp JSON đọc được ({_brief(error)})."
        ) from error
    return value


def _fraction(text: str) -> Any:
    """A number with a fraction stays exact: as text, as the database keeps it."""
    return text


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _storable(value: Any) -> None:
    """Raise ValueError for what the database cannot hold: NUL, half a character."""
    json.dumps(value, ensure_ascii=False).encode()
    if "\\u0000" in json.dumps(value):
        raise ValueError("NUL")


def _brief(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"sai ở dòng {error.lineno}, cột {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "không phải mã UTF-8"
    return "có nội dung không lưu được"
