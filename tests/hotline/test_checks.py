"""An unsafe production installation is refused, with the id and the hint of each reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import ERROR

from hotline import checks

SAFE: dict[str, Any] = {
    "PRODUCTION": True,
    "DEBUG": False,
    "DEMO": False,
    "TLS": True,
    "SECRET_KEY": "a" * 64,
    "JOURNAL_KEY": "b" * 64,
    "PII_KEYS": ["c" * 64],
    "LOOKUP_KEY": "d" * 64,
    "ALLOWED_HOSTS": ["12345.example"],
    "PUBLIC_URL": "https://12345.example",
    "CSRF_TRUSTED_ORIGINS": [],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "REDIS_URL": "redis://redis/0",
    "SEARCH_ENGINE": "elasticsearch",
    "ELASTICSEARCH_URL": "http://elasticsearch:9200",
    "DATA": Path("/data"),
    "ANCHORS": Path("/anchors"),
    "PHONE_GATEWAY": "asterisk",
    "ASTERISK_AMI_URL": "ami://a:b@asterisk:5038",
}
UNSAFE = [
    ("hotline.E001", {"SECRET_KEY": ""}),
    ("hotline.E001", {"JOURNAL_KEY": "short"}),
    ("hotline.E001", {"PII_KEYS": ["c" * 64, "old"]}),
    ("hotline.E001", {"PII_KEYS": []}),
    ("hotline.E002", {"LOOKUP_KEY": "a" * 64}),
    ("hotline.E003", {"DEBUG": True}),
    ("hotline.E004", {"DEMO": True}),
    ("hotline.E005", {"TLS": False}),
    ("hotline.E006", {"ALLOWED_HOSTS": []}),
    ("hotline.E006", {"ALLOWED_HOSTS": ["*"]}),
    ("hotline.E007", {"PUBLIC_URL": "http://12345.example"}),
    ("hotline.E007", {"PUBLIC_URL": "https://localhost"}),
    ("hotline.E008", {"CSRF_TRUSTED_ORIGINS": ["http://12345.example"]}),
    ("hotline.E009", {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}),
    ("hotline.E010", {"REDIS_URL": ""}),
    ("hotline.E011", {"ELASTICSEARCH_URL": ""}),
    ("hotline.W002", {"ANCHORS": Path("/data/anchors")}),
    ("hotline.E012", {"PHONE_GATEWAY": "demo"}),
    ("hotline.E013", {"ASTERISK_AMI_URL": ""}),
    ("hotline.E013", {"PHONE_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": "x"}),
]


class Settings:
    """Only what is given: a check that reads anything else fails the test."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def found(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[str | None]:
    monkeypatch.setattr(checks, "settings", Settings(SAFE | changes))
    messages = checks.production()
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_safe_installation_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) == []


@pytest.mark.parametrize(("identity", "changes"), UNSAFE)
def test_each_unsafe_setting_is_found_alone(
    monkeypatch: pytest.MonkeyPatch, identity: str, changes: dict[str, Any]
) -> None:
    assert found(monkeypatch, **changes) == [identity]


def test_a_single_machine_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, PRODUCTION=False, DEBUG=True, SECRET_KEY="") == []


def test_servers_do_not_start_unsafely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "settings", Settings(SAFE | {"DEBUG": True, "DEMO": True}))
    with pytest.raises(SystemExit) as refused:
        checks.refuse_unsafe()
    assert "hotline.E003" in str(refused.value)
    assert "hotline.E004" in str(refused.value)


def test_a_warning_does_not_stop_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "settings", Settings(SAFE | {"ANCHORS": Path("/data/anchors")}))
    assert all(message.level < ERROR for message in checks.production())
    checks.refuse_unsafe()


def test_a_misspelt_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Known:
        def unknown(self) -> list[str]:
            return ["HOTLINE_PROT", "HOTLINE_VENV", "HOTLINE_TEST_WORKERS"]

    monkeypatch.setattr(checks, "settings", Settings({"ENV": Known()}))
    assert [message.msg for message in checks.spelling()] == ["HOTLINE_PROT is set but no setting has this name"]
