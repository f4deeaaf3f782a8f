"""The one settings module. Every value that differs between machines comes from the environment
(or a file .env beside manage.py) and is documented in .env.example.
"""

from pathlib import Path

import environ
from celery.schedules import crontab

from ocop_portal.laptop.services import broker_url, embedded_database, embedded_redis_url

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- The installation

DEBUG = env.bool("OCOP_DEBUG", default=False)
# Where a laptop keeps everything it makes: database, uploads, logs, front-end packages.
DATA_DIR = Path(env.str("OCOP_DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
# The address that QR codes and e-mails point to: never taken from a request (abuse cases C5, W6).
PUBLIC_URL = env.str("OCOP_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = env.bool("OCOP_HTTPS", default=False)
ALLOWED_HOSTS = env.list("OCOP_ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
TRUSTED_PROXY_COUNT = env.int("OCOP_TRUSTED_PROXY_COUNT", default=0)


def local_secret(path: Path) -> str:
    """The laptop's own secret key: made once, kept in the data folder, never in the tree."""
    from django.core.management.utils import get_random_secret_key

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(get_random_secret_key())
        path.chmod(0o600)
    return path.read_text().strip()


SECRET_KEY = env.str("OCOP_SECRET_KEY", default="") or local_secret(DATA_DIR / "secret_key")

# --- Applications

INSTALLED_APPS = [
    "ocop_portal",
    "accounts",
    "regulations",
    "products",
    "councils",
    "evaluation",
    "trade_promotion",
    "inspections",
    "planning",
    "ocop_portal.admin_config.SystemAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "pghistory",
    "rules",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "ocop_portal.middleware.NoStoreMiddleware",
    "ocop_portal.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "ocop_portal.urls"
WSGI_APPLICATION = "ocop_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ocop_portal.navigation.navigation",
                "ocop_portal.notices.unread_count",
            ],
            "builtins": ["ocop_portal.templatetags.portal"],
        },
    },
]
FORM_RENDERER = "ocop_portal.forms.PortalFormRenderer"

# --- Database

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")}
else:
    DATABASES = {"default": embedded_database(DATA_DIR)}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
# Opening a connection per request made saving a score four times slower (docs/architecture.md).
DATABASES["default"]["CONN_MAX_AGE"] = env.int("OCOP_DATABASE_CONNECTION_SECONDS", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: broker and cache

REDIS_URL = env.str("REDIS_URL", default="") or embedded_redis_url(DATA_DIR)

CACHES = {
    "default": {
        "BACKEND": "ocop_portal.cache.RedisOrMemoryCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ocop",
        # The portal goes on without its cache: sign-in, scoring and reading need only PostgreSQL.
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Background work: the job rows in PostgreSQL are the truth, Redis only carries the call

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than twice the longest task; the sweeper, not this, brings killed work back quickly.
    "visibility_timeout": 3600,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "global_keyprefix": env.str("OCOP_BROKER_PREFIX", default="ocop:"),
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "resume-jobs": {"task": "ocop_portal.tasks.resume_jobs", "schedule": 10.0},
    # Before the offices open, and once more for what the morning brought.
    "send-digests": {
        "task": "ocop_portal.tasks.send_digests",
        "schedule": crontab(hour="7,13", minute=0),
    },
    "tell-of-expiring-certificates": {
        "task": "evaluation.tasks.tell_of_expiring_certificates",
        "schedule": crontab(hour=6, minute=30),
    },
    "tell-of-expiring-documents": {
        "task": "products.tasks.tell_of_expiring_documents",
        "schedule": crontab(hour=6, minute=15),
    },
    "raise-rechecks": {
        "task": "evaluation.tasks.raise_rechecks",
        "schedule": crontab(hour=5, minute=30),
    },
    # Before the digest of the morning goes out.
    "remind-of-deadlines": {
        "task": "products.tasks.remind_of_deadlines",
        "schedule": crontab(hour=6, minute=15),
    },
    "read-waiting-files": {"task": "ocop_portal.tasks.read_waiting_files", "schedule": 30.0},
    "sweep-uploads": {"task": "ocop_portal.tasks.sweep_uploads", "schedule": 3600.0},
}

# --- Files

MEDIA_ROOT = DATA_DIR / "media"
# Files that are still arriving: on the same disk, shared by all web hosts.
UPLOAD_ROOT = DATA_DIR / "uploads"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor", DATA_DIR / "vendor"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Source maps help developers only; compressing them took longer than all the rest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    *["jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "woff", "woff2"],
    "map",
]
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Cổng OCOP] "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Exports

# Words that begin like a formula stay words (abuse case F9).
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# --- E-mail

# A laptop writes e-mails to files in its data folder; an office names its server.
EMAIL_CONFIG = env.email_url("OCOP_EMAIL_URL", default=f"filemail://{DATA_DIR}/mail")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = env.str("OCOP_FROM_EMAIL", default="Cổng OCOP <ocop@localhost>")

# --- Language and time

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["ocop_portal.formats"]

# --- Browser security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Bootstrap's own icons (checks, select arrow, close) are data: images in its style sheet.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "ocop_portal.views.csrf_failure"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("OCOP_TRUSTED_ORIGINS", default=[])

# --- What an installation offers

# Producers may have accounts of their own: they write their dossiers and give them to the officer.
PRODUCER_ACCOUNTS = env.bool("OCOP_PRODUCER_ACCOUNTS", default=True)

# --- Limits

# How long people have for a supplement where the regulation sets no limit: what the form proposes.
SUPPLEMENT_WORKING_DAYS = env.int("OCOP_SUPPLEMENT_WORKING_DAYS", default=10)
IMPORT_MAX_BYTES = env.int("OCOP_IMPORT_MAX_BYTES", default=20 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("OCOP_IMPORT_MAX_ROWS", default=20_000)
# What people hand in: papers and pictures, films, and the pixels of one picture.
UPLOAD_MAX_BYTES = env.int("OCOP_UPLOAD_MAX_BYTES", default=100 * 1024 * 1024)
UPLOAD_MAX_FILM_BYTES = env.int("OCOP_UPLOAD_MAX_FILM_BYTES", default=300 * 1024 * 1024)
UPLOAD_MAX_PIXELS = env.int("OCOP_UPLOAD_MAX_PIXELS", default=80_000_000)
# Files of how many producers one person takes within 24 hours without saying why: more than the
# longest agenda has products.
FILE_SUBJECTS_PER_DAY = env.int("OCOP_FILE_SUBJECTS_PER_DAY", default=100)
# A scanner such as "clamdscan --no-summary --fdpass": it is given a path and answers 0 for a clean
# file, 1 for one with malware. Empty: files are not scanned.
SCAN_COMMAND = env.str("OCOP_SCAN_COMMAND", default="")
# What one person may have on the way at once, and how long the rest of a file is waited for.
UPLOAD_MAX_OPEN = env.int("OCOP_UPLOAD_MAX_OPEN", default=100)
UPLOAD_MAX_OPEN_BYTES = env.int("OCOP_UPLOAD_MAX_OPEN_BYTES", default=2 * 1024**3)
UPLOAD_DAYS = env.int("OCOP_UPLOAD_DAYS", default=7)
# What one dossier holds: files in a slot, and bytes of everything that was ever put into it.
DOSSIER_MAX_FILES_PER_SLOT = env.int("OCOP_DOSSIER_MAX_FILES_PER_SLOT", default=100)
DOSSIER_MAX_BYTES = env.int("OCOP_DOSSIER_MAX_BYTES", default=4 * 1024**3)
# Public look-ups of certificates per minute and address.
VERIFY_RATE_PER_MINUTE = env.int("OCOP_VERIFY_RATE_PER_MINUTE", default=60)

# --- History and log

PGHISTORY_APPEND_ONLY = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # WeasyPrint tells every step of every page at INFO.
    "loggers": {
        "weasyprint.progress": {"level": "WARNING"},
        # It tells at INFO that it was imported, on every command.
        "pikepdf": {"level": "WARNING"},
    },
    "root": {"handlers": ["console"], "level": env.str("OCOP_LOG_LEVEL", default="INFO")},
}
