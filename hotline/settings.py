"""Settings of the hotline, from the environment only (12-factor); docs/operations.md lists every variable."""

from __future__ import annotations

import os
from pathlib import Path

from hotline.env import BadSetting, Environment, database
from hotline.secretsfile import keep

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = Environment(os.environ)

# --- where things are ------------------------------------------------------------------------------------------------
DATA = ENV.folder("DATA", BASE_DIR / "var")
try:
    DATA.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise BadSetting(f"HOTLINE_DATA names {DATA}, which cannot be a folder: {error.strerror}") from error
PORT = ENV.number("PORT", 8000, low=1, high=65535)
BIND = ENV.text("BIND", "127.0.0.1")  # the address listened on; another than loopback needs ALLOWED_HOSTS too
PROFILE = ENV.choice("PROFILE", "single", ("single", "production"))
PRODUCTION = PROFILE == "production"
DEBUG = ENV.flag("DEBUG", False)
PUBLIC_URL = ENV.url("PUBLIC_URL", f"http://localhost:{PORT}", schemes=("http", "https"))
DEMO = ENV.flag("DEMO", not PRODUCTION)
DEMO_PASSWORD = ENV.text("DEMO_PASSWORD", "hotline12345")  # of the demo's staff; real staff get their own


def _secret(name: str) -> str:
    """A named secret; only a single-machine installation makes its own."""
    given = ENV.text(name)
    return given or ("" if PRODUCTION else keep(DATA / "secrets", name.lower()))


SECRET_KEY = _secret("SECRET_KEY")
JOURNAL_KEY = _secret("JOURNAL_KEY")  # HMAC key of the ticket journals; never in the database
PII_KEYS = [part for part in _secret("PII_KEYS").split(",") if part]  # first encrypts, all decrypt
LOOKUP_KEY = _secret("LOOKUP_KEY")  # keyed hashes of phones, names, query codes

# --- Django ----------------------------------------------------------------------------------------------------------
ALLOWED_HOSTS = ENV.items("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = ENV.items("TRUSTED_ORIGINS")
INSTALLED_APPS = [
    "hotline.apps.HotlineConfig",
    "dashboards.apps.DashboardsConfig",
    "telephony.apps.TelephonyConfig",
    "ticketing.apps.TicketingConfig",
    "directory.apps.DirectoryConfig",
    "hotline.adminconfig.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "channels",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hotline.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "hotline.urls"
WSGI_APPLICATION = "hotline.wsgi.application"
ASGI_APPLICATION = "hotline.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "hotline" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hotline.context.site",
            ]
        },
    }
]
DATABASES = {"default": database(ENV.text("DATABASE_URL", f"sqlite:///{DATA / 'hotline.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "directory.Staff"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "directory.permissions.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
TLS = ENV.flag("TLS", PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.flag("BEHIND_PROXY", PRODUCTION) else None
SECURE_HSTS_SECONDS = ENV.number("HSTS_SECONDS", 31_536_000 if TLS and PRODUCTION else 0, low=0, high=10**9)
SECURE_SSL_REDIRECT = False  # the proxy redirects
X_FRAME_OPTIONS = "SAMEORIGIN"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = ENV.folder("STATIC_ROOT", DATA / "static")
STATICFILES_DIRS = [BASE_DIR / "hotline" / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- background work and sockets -------------------------------------------------------------------------------------
REDIS_URL = ENV.url("REDIS_URL", schemes=("redis", "rediss"))
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_BROKER_URL = ENV.text("BROKER_URL", REDIS_URL)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TIMEZONE = "Asia/Shanghai"
BACKGROUND = ENV.choice("BACKGROUND", "celery" if CELERY_BROKER_URL else "poller", ("celery", "poller"))

# --- the trade -------------------------------------------------------------------------------------------------------
CITY_REGION = ENV.text("CITY_REGION", "410100")  # GB/T 2260 code of the city this installation serves
ATTACHMENTS = DATA / "attachments"
ANCHORS = ENV.folder("ANCHORS", DATA / "anchors")  # outside the database: another disk or machine in production
MODELS = DATA / "models"
REOPEN_DAYS = ENV.number("REOPEN_DAYS", 15, low=0, high=365)
REVIEW_RECTIFY_WORKING_DAYS = ENV.number("REVIEW_RECTIFY_WORKING_DAYS", 15, low=1, high=250)
REVIEW_CALLBACK_WORKING_DAYS = ENV.number("REVIEW_CALLBACK_WORKING_DAYS", 3, low=1, high=250)
ARCHIVE_DAYS = ENV.number("ARCHIVE_DAYS", 30, low=1, high=3650)
ATTACHMENT_MB = ENV.number("ATTACHMENT_MB", 20, low=1, high=500)
CALENDAR_THROUGH = ENV.number("CALENDAR_THROUGH", 0, low=0, high=2100)  # 0: all years the library publishes
SEARCH_ENGINE = ENV.choice("SEARCH_ENGINE", "embedded", ("embedded", "elasticsearch"))
ELASTICSEARCH_URL = ENV.text("ELASTICSEARCH_URL")  # one or more servers, separated by commas
ELASTICSEARCH_API_KEY = ENV.text("ELASTICSEARCH_API_KEY")
ELASTICSEARCH_SHARDS = ENV.number("ELASTICSEARCH_SHARDS", 1, low=1, high=100)
ELASTICSEARCH_REPLICAS = ENV.number("ELASTICSEARCH_REPLICAS", 0, low=0, high=10)
ELASTICSEARCH_MONTHS = ENV.flag("ELASTICSEARCH_MONTHS", False)  # an index for each month of tickets
ELASTICSEARCH_LIFECYCLE = ENV.text("ELASTICSEARCH_LIFECYCLE")  # a lifecycle policy for them
SMS_GATEWAY_URL = ENV.url("SMS_GATEWAY_URL", schemes=("http", "https"))
SMS_GATEWAY_TOKEN = ENV.text("SMS_GATEWAY_TOKEN")
RATING_SMS = ENV.choice("RATING_SMS", "handling" if SMS_GATEWAY_URL else "none", ("none", "handling", "calls", "both"))
EMAIL_URL = ENV.url("EMAIL_URL", schemes=("smtp", "smtps"))  # smtp://user:password@host:port
EMAIL_FROM = ENV.text("EMAIL_FROM", "12345@localhost")
PHONE_GATEWAY = ENV.choice("PHONE_GATEWAY", "demo", ("demo", "asterisk", "twilio", "sip", "none"))
ASTERISK_AMI_URL = ENV.text("ASTERISK_AMI_URL")  # ami://user:secret@host:port
PHONE_WS_URL = ENV.text("PHONE_WS_URL")
PHONE_PORT = ENV.number("PHONE_PORT", 8088, low=1, high=65535)
PHONE_URL = ENV.text("PHONE_URL", f"ws://127.0.0.1:{PHONE_PORT}/ws")
ICE_SERVERS = ENV.items("ICE_SERVERS")
RECORDING_SPOOL = ENV.folder("RECORDING_SPOOL", DATA / "asterisk" / "monitor")
SIP_PYTHON = ENV.text("SIP_PYTHON", str(BASE_DIR / ".venv-sip" / "bin" / "python"))
TWILIO_ACCOUNT_SID = ENV.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = ENV.text("TWILIO_AUTH_TOKEN")
TWILIO_BASE_URL = ENV.text("TWILIO_BASE_URL")
TWILIO_NUMBER = ENV.text("TWILIO_NUMBER")  # shown to whom we ring; else the number that was called
TWILIO_SIGNATURE = ENV.choice("TWILIO_SIGNATURE", "HMAC_SHA1", ("HMAC_SHA1", "HMAC_SHA256"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"private": {"()": "hotline.logs.MaskPersonalData"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["private"]}},
    "root": {"handlers": ["console"], "level": ENV.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))},
}
