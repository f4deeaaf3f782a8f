"""What tests override: speed and isolation, never a rule."""

import os
import tempfile
from pathlib import Path

from ocop_portal.settings import *  # noqa: F403
from ocop_portal.settings import BASE_DIR, STORAGES

# One folder for each test process: uploads of one never meet those of another.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
TEST_DIR = Path(tempfile.gettempdir()) / f"ocop-test-{os.getuid()}" / _worker

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = TEST_DIR / "media"
UPLOAD_ROOT = TEST_DIR / "uploads"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    **STORAGES,
    # Names without a hash: no collectstatic before a test run.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"ocop-test-{_worker}:"}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PUBLIC_URL = "http://127.0.0.1:8000"
TEST_DATA_DIR = BASE_DIR / "products" / "tests" / "data"
