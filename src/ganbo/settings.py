"""Every setting of ganbo, read once from the environment; an unknown GANBO_* name stops the start.

Documented in docs/reference/settings.md (a test compares the two).
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_KNOWN: dict[str, str | None] = {}


def _text(name: str, default: str | None = None) -> str:
    """The value of GANBO_<name>; without a default it must be given."""
    _KNOWN[name] = default
    value = os.environ.get(f"GANBO_{name}", default)
    if value is None:
        raise ImproperlyConfigured(f"GANBO_{name} is not set; see docs/reference/settings.md.")
    return value


def _flag(name: str, default: bool = False) -> bool:
    value = _text(name, "yes" if default else "no").lower()
    if value not in {"yes", "no", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"GANBO_{name} must be yes or no, not {value!r}.")
    return value in {"yes", "true", "1"}


def _number(name: str, default: int, *, least: int, most: int) -> int:
    value = _text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"GANBO_{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def _choice(name: str, default: str, *allowed: str) -> str:
    value = _text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"GANBO_{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _database(url: str, role: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("GANBO_DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    options: dict[str, object] = {"connect_timeout": 5, "application_name": "ganbo"}
    if role == "app":
        options["options"] = "-c role=ganbo_app"
    return {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": query.get("port") or str(parts.port or ""),
        "OPTIONS": options | {key: query[key] for key in ("sslmode", "sslrootcert") if key in query},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


PACKAGE = Path(__file__).resolve().parent

# --- where it runs
DATA_DIR = Path(_text("DATA", "var")).absolute()
WAREHOUSE = Path(_text("WAREHOUSE", "") or DATA_DIR / "warehouse").absolute()
DEMO = _flag("DEMO")
DEBUG = _flag("DEBUG")
SECRET_KEY = _text("SECRET_KEY")
CODE_KEY = _text("CODE_KEY", "") or SECRET_KEY  # voucher codes are derived from it: keep it when SECRET_KEY changes
ALLOWED_HOSTS = [host for host in _text("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]
PUBLIC_URL = _text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
DEFAULT_BUSINESS = _text("BUSINESS", "")
ROLE = _choice("ROLE", "app", "app", "owner")  # owner: migrations and new businesses only
LOG_LEVEL = _choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMAT = _choice("LOG_FORMAT", "line", "line", "json")

# --- the hot path
LANE_BATCH = _number("LANE_BATCH", 200, least=1, most=1000)  # most single requests committed together
LANE_QUEUE = _number("LANE_QUEUE", 4000, least=10, most=100_000)  # more waiting than this answers 503
BULK_SOCKET = _text("BULK_SOCKET", "")  # the bulk process listens here; empty: bulk runs where it arrives

# --- the database
DATABASES = {"default": _database(_text("DATABASE_URL"), ROLE)}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TENANT_MODEL = "tenancy.Business"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
TENANT_LIMIT_SET_CALLS = True
SILENCED_SYSTEM_CHECKS = ["django_tenants.W003"]

SHARED_APPS = [
    "django_tenants",
    "ganbo.foundation.tenancy",
    "ganbo.foundation.staff",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "ninja",
    "procrastinate.contrib.django",
    "ganbo.doors.ui",
    "ganbo.doors.api",
    "ganbo.doors.till",
    "ganbo.doors.wallet",
    "ganbo.doors.console",
    "ganbo.doors.cli",
    "ganbo.doors.worker",
    "allauth",  # after the doors: their templates come before its own
    "allauth.account",
    "allauth.mfa",
]
TENANT_APPS = [
    "ganbo.foundation.audit",
    "ganbo.foundation.idempotency",
    "ganbo.foundation.outbox",
    "ganbo.people.members",
    "ganbo.people.channels",
    "ganbo.books.ledger",
    "ganbo.books.events",
    "ganbo.features.programmes",
    "ganbo.features.rewards",
    "ganbo.features.offline",
    "ganbo.features.packages",
    "ganbo.features.partners",
    "ganbo.features.households",
    "ganbo.features.perks",
    "ganbo.features.products",
    "ganbo.features.experiments",
    "ganbo.features.goals",
    "ganbo.features.starting",
    "ganbo.journeys",
]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS

# --- the web
ROOT_URLCONF = "ganbo.urls"
WSGI_APPLICATION = "ganbo.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ganbo.doors.ui.headers.SecurityHeaders",
    "ganbo.foundation.tenancy.resolving.BusinessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ganbo.doors.ui.context.shop",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_SSL_REDIRECT = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_URL.startswith("https://") else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 17 * 1024 * 1024

# --- staff sign-in
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "ganbo.doors.console.sign_in.ClosedSignUp"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_CALLABLE = "ganbo.doors.console.sign_in.name_tried"

# --- messages
_email = urlsplit(_text("EMAIL_URL", "smtp://127.0.0.1:25"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _email.hostname or "127.0.0.1"
EMAIL_PORT = _email.port or (465 if _email.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_email.username or "")
EMAIL_HOST_PASSWORD = unquote(_email.password or "")
EMAIL_USE_SSL = _email.scheme == "smtps"
EMAIL_USE_TLS = _email.scheme == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _text("EMAIL_FROM", "ganbo@localhost")

# --- languages and time
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS: list[str] = []
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"chosen": {"()": "ganbo.foundation.logs.formatter", "kind": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}

_unknown = sorted(name for name in os.environ if name.startswith("GANBO_") and name[6:] not in _KNOWN)
if _unknown:
    raise ImproperlyConfigured(
        f"Unknown setting {', '.join(_unknown)}; known are {', '.join('GANBO_' + n for n in _KNOWN)}."
    )
if not DEBUG and not DEMO and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("GANBO_SECRET_KEY must have at least 32 characters.")
