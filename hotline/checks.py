"""Django system checks that refuse an unsafe production installation; each has an id and a hint what to set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

SECRETS = ("SECRET_KEY", "JOURNAL_KEY", "PII_KEYS", "LOOKUP_KEY")
SHORTEST_SECRET = 32  # characters; 128 bits written as hexadecimal digits


def production(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that must be true when HOTLINE_PROFILE=production; nothing otherwise."""
    if not settings.PRODUCTION:
        return []
    return [*_secrets(), *_switches(), *_addresses(), *_stores(), *_phone()]


def spelling(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A variable with our prefix that no setting reads is most often a misspelling of one that matters."""
    unknown = [name for name in settings.ENV.unknown() if name not in OUTSIDE and not name.startswith("HOTLINE_TEST_")]
    return [
        Warning(f"{name} is set but no setting has this name", hint="See docs/operations.md.", id="hotline.W001")
        for name in unknown
    ]


#: read by the scripts or by the process supervisor, not by settings.py
OUTSIDE = frozenset({"HOTLINE_VENV", "HOTLINE_PYTHON", "HOTLINE_MINORS"})


def _value(name: str) -> str:
    try:
        value = getattr(settings, name)
    except ImproperlyConfigured:  # Django's own complaint about an empty SECRET_KEY
        return ""
    return ",".join(value) if isinstance(value, list) else str(value)


def _secrets() -> Iterator[CheckMessage]:
    values = {name: _value(name) for name in SECRETS}
    for name, value in values.items():
        if any(len(part) < SHORTEST_SECRET for part in value.split(",")):
            yield Error(
                f"HOTLINE_{name} is missing or shorter than {SHORTEST_SECRET} characters",
                hint=f"Set HOTLINE_{name} or HOTLINE_{name}_FILE to the output of: openssl rand -hex 32",
                id="hotline.E001",
            )
    given = [value for value in values.values() if value]
    if len(set(given)) < len(given):
        yield Error(
            "two of " + ", ".join(f"HOTLINE_{name}" for name in SECRETS) + " are equal",
            hint="Give each its own random value: whoever learns one must not hold the others.",
            id="hotline.E002",
        )


def _switches() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("HOTLINE_DEBUG is on", hint="Set HOTLINE_DEBUG=false: error pages show data.", id="hotline.E003")
    if settings.DEMO:
        yield Error(
            "HOTLINE_DEMO is on", hint="Set HOTLINE_DEMO=false: demo log-ins are public knowledge.", id="hotline.E004"
        )
    if not settings.TLS:
        yield Error(
            "HOTLINE_TLS is off: session cookies would travel in the clear",
            hint="Serve https (the proxy of compose.yaml does) and set HOTLINE_TLS=true.",
            id="hotline.E005",
        )


def _addresses() -> Iterator[CheckMessage]:
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "HOTLINE_ALLOWED_HOSTS is empty or names every host",
            hint="Set HOTLINE_ALLOWED_HOSTS to the public host names, separated by commas.",
            id="hotline.E006",
        )
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme != "https" or address.hostname in (None, "localhost", "127.0.0.1"):
        yield Error(
            f"HOTLINE_PUBLIC_URL is {settings.PUBLIC_URL!r}; citizens are sent there",
            hint="Set HOTLINE_PUBLIC_URL to the https address that citizens use.",
            id="hotline.E007",
        )
    if "*" in settings.CSRF_TRUSTED_ORIGINS or any(o.startswith("http:") for o in settings.CSRF_TRUSTED_ORIGINS):
        yield Error(
            "HOTLINE_TRUSTED_ORIGINS holds an origin that is not https",
            hint="List https origins only, or none: the site's own origin needs no entry.",
            id="hotline.E008",
        )


def _stores() -> Iterator[CheckMessage]:
    if str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
        yield Error(
            "HOTLINE_DATABASE_URL names SQLite, which serves one machine only",
            hint="Set HOTLINE_DATABASE_URL=postgresql://user:password@host:5432/name, or HOTLINE_PROFILE=single.",
            id="hotline.E009",
        )
    if not settings.REDIS_URL:
        yield Error(
            "HOTLINE_REDIS_URL is not set: sockets and rate limits of several processes would not know each other",
            hint="Set HOTLINE_REDIS_URL=redis://host:6379/0.",
            id="hotline.E010",
        )
    if settings.SEARCH_ENGINE == "elasticsearch" and not settings.ELASTICSEARCH_URL:
        yield Error(
            "HOTLINE_SEARCH_ENGINE=elasticsearch, but HOTLINE_ELASTICSEARCH_URL is not set",
            hint="Set HOTLINE_ELASTICSEARCH_URL=https://user:password@host:9200.",
            id="hotline.E011",
        )
    if settings.ANCHORS.is_relative_to(settings.DATA):
        yield Warning(
            "HOTLINE_ANCHORS lies inside the data folder",
            hint="Journal anchors prove more on another disk or machine: set HOTLINE_ANCHORS to a folder there.",
            id="hotline.W002",
        )


def _phone() -> Iterator[CheckMessage]:
    if settings.PHONE_GATEWAY == "demo":
        yield Error(
            "HOTLINE_PHONE_GATEWAY is demo: its calls are invented",
            hint="Set HOTLINE_PHONE_GATEWAY to asterisk, twilio or sip, or to none.",
            id="hotline.E012",
        )
    needed = {"asterisk": ("ASTERISK_AMI_URL",), "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")}
    for name in needed.get(settings.PHONE_GATEWAY, ()):
        if not getattr(settings, name):
            yield Error(
                f"HOTLINE_PHONE_GATEWAY={settings.PHONE_GATEWAY}, but HOTLINE_{name} is not set",
                hint=f"Set HOTLINE_{name} or HOTLINE_{name}_FILE.",
                id="hotline.E013",
            )


def register() -> None:
    """Called once when the apps are ready; every management command then runs these first."""
    checks.register(production, checks.Tags.security)
    checks.register(spelling)


def refuse_unsafe() -> None:
    """For servers, which run no checks of their own: end with all errors rather than serve unsafely."""
    errors = [message for message in production() if message.level >= checks.ERROR]
    if errors:
        raise SystemExit("\n".join(f"{error.id}: {error.msg}\n  {error.hint}" for error in errors))
