"""What this laptop's portal is told by the environment, known without starting Django."""

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import environ

from ocop_portal.laptop import services
from ocop_portal.laptop.services import LaptopError

BASE_DIR = Path(__file__).resolve().parents[2]
LEAST_FREE_BYTES = 300 * 1024 * 1024

# Commands of manage.py that need no server.
WITHOUT_SERVERS = {"", "help", "--help", "version", "--version", "check", "collectstatic"}
WITHOUT_SERVERS |= {"findstatic", "diffsettings", "startapp"}
WITHOUT_SERVERS |= {"check_regulations", "explain_result"}


@dataclass(frozen=True)
class Installation:
    """The part of the settings that programs around Django need (settings.py reads the same)."""

    data_dir: Path
    port: int
    embedded: tuple[str, ...]

    @classmethod
    def from_environment(cls) -> "Installation":
        """Read the environment and the file .env, as settings.py does."""
        environ.Env.read_env(BASE_DIR / ".env")
        addresses = {"postgresql": "DATABASE_URL", "valkey": "REDIS_URL"}
        port = os.environ.get("OCOP_PORT", "8000")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise LaptopError(f"OCOP_PORT phải là số cổng từ 1 đến 65535, không phải “{port}”.")
        return cls(
            data_dir=Path(os.environ.get("OCOP_DATA_DIR") or BASE_DIR / ".data").resolve(),
            port=int(port),
            embedded=tuple(
                name for name, variable in addresses.items() if not os.environ.get(variable)
            ),
        )

    def check_data_dir(self) -> None:
        """Refuse early what would fail later in a hundred lines."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir) as file:
                file.write(b"x" * 4096)
        except OSError as problem:
            raise LaptopError(self.why_not_writable(problem)) from problem
        free = shutil.disk_usage(self.data_dir).free
        if free < LEAST_FREE_BYTES:
            raise LaptopError(
                f"Ổ đĩa chứa {self.data_dir} chỉ còn {free // 2**20} MB trống, "
                f"cần ít nhất {LEAST_FREE_BYTES // 2**20} MB."
            )

    def why_not_writable(self, problem: OSError) -> str:
        """The sentence for a data folder that cannot be written."""
        if problem.errno == errno.ENOSPC:
            return f"Ổ đĩa chứa {self.data_dir} đã đầy: hãy giải phóng chỗ rồi chạy lại."
        return (
            f"Không ghi được vào thư mục dữ liệu {self.data_dir} ({problem.strerror}): hãy cấp "
            "quyền ghi cho bạn, hoặc đặt OCOP_DATA_DIR là thư mục khác."
        )

    def start_servers(self) -> list[services.Use]:
        """Use the embedded servers, those that no address replaces."""
        return services.start(self.data_dir, self.embedded)


def ensure_started(command: str) -> list[services.Use]:
    """Start what a command of manage.py needs. The servers leave when their last user ends."""
    if command in WITHOUT_SERVERS:
        return []
    installation = Installation.from_environment()
    if not installation.embedded:
        return []
    installation.check_data_dir()
    return installation.start_servers()
