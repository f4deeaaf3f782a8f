"""Judging a PDF in a process of its own: what unpacks into something huge ends that process alone.

Packed objects are unpacked whole by qpdf, and a few kilobytes can hold gigabytes of them. So the
process has little memory and little time, and says on its output what it found.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from io import UnsupportedOperation
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from products.upload_contents import BadContent, inspect_pdf

# What the process may take, a book of 400 scanned pages takes 60 MB; and what it can take at all:
# qpdf passes over what it has no memory for, so the first is far below the second.
MEMORY_BYTES = 256 * 1024**2
AT_ALL = 4
CPU_SECONDS = 30
# Objects can only be packed where the file has such a table; its name may be written in numbers.
PACKED = re.compile(rb"/(?:X|#58)(?:R|#52)(?:e|#65)(?:f|#66)")
LONGEST = 16
CHUNK_BYTES = 1024 * 1024
FOLDER = Path(__file__).resolve().parent.parent


def judge_pdf(stream: BinaryIO, size: int) -> None:
    """Refuse a PDF that is cut off, locked, without pages, acts (F2), or is a bomb (F3)."""
    if _may_be_packed(stream):
        _judge_apart(stream, size)
    else:
        inspect_pdf(stream, size)


def _may_be_packed(stream: BinaryIO) -> bool:
    stream.seek(0)
    end = b""
    while chunk := stream.read(CHUNK_BYTES):
        if PACKED.search(end + chunk):
            return True
        end = chunk[-LONGEST:]
    return False


def _judge_apart(stream: BinaryIO, size: int) -> None:
    """Raise what the process of its own found, or that it could not bear the file."""
    with tempfile.TemporaryFile() as copied:
        try:
            number = stream.fileno()
        except (UnsupportedOperation, AttributeError):
            stream.seek(0)
            copyfileobj(stream, copied)
            copied.flush()
            number = copied.fileno()
        words = [sys.executable, "-m", "products.pdf_judge", str(size), str(MEMORY_BYTES)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                words, stdin=number, capture_output=True, cwd=FOLDER, timeout=60, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _bomb() from error
    if done.returncode != 0:
        raise _bomb()
    found = json.loads(done.stdout)
    if found:
        raise BadContent(found["code"], found["message"])


def _bomb() -> BadContent:
    return BadContent(
        "pdf_bomb",
        "bung ra lớn bất thường nên không nhận được. Hãy in lại thành PDF rồi tải lên.",
    )


def main(size: int, memory: int) -> None:
    """Judge the file on the input and write what is wrong with it, as JSON."""
    resource.setrlimit(resource.RLIMIT_DATA, (AT_ALL * memory, AT_ALL * memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = None
    with os.fdopen(0, "rb") as stream:
        try:
            inspect_pdf(stream, size)
        except BadContent as bad:
            found = {"code": bad.code, "message": bad.message}
    if _peak() > memory:
        raise SystemExit("too much memory")
    sys.stdout.write(json.dumps(found))


def _peak() -> int:
    """The most memory that this process has held, in bytes (the figures of getrusage are those of
    the process that started it, too).
    """
    line = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
