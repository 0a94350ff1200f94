"""What `scripts/up` decides: processes, certificate, banner, static files."""

from __future__ import annotations

import socket
import ssl
import stat
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command
from django.test import override_settings

from directory.models import Region, RegionLevel, RoleBinding, Staff
from hotline.launch import banner, phone, plan, static, tls
from hotline.management.commands import first_run, up


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "get_commands", lambda: {"worker": "ticketing", "bridge": "telephony"})


@pytest.mark.usefixtures("commands")
@pytest.mark.parametrize(
    ("background", "phone", "expected"),
    [
        ("poller", "demo", ["web", "worker", "bridge"]),
        ("poller", "none", ["web", "worker"]),
        ("celery", "asterisk", ["web", "worker", "beat", "bridge"]),
        ("poller", "twilio", ["web", "worker", "bridge"]),
        ("poller", "sip", ["web", "worker", "bridge", "sip_line"]),
    ],
)
def test_the_processes_follow_the_settings(background: str, phone: str, expected: list[str]) -> None:
    with override_settings(BACKGROUND=background, PHONE_GATEWAY=phone):
        assert names(plan.programs("127.0.0.1")) == expected


def test_the_web_server_listens_where_it_is_told(settings: Any) -> None:
    settings.PORT = 8123
    argv = plan.web("127.0.0.1", None, None)["argv"]
    assert argv[argv.index("--host") + 1] == "127.0.0.1"
    assert argv[argv.index("--port") + 1] == "8123"
    assert "--ssl-certificate" not in argv
    assert "--ssl-certificate" in plan.web("127.0.0.1", Path("c"), Path("k"))["argv"]


def test_a_taken_port_is_told_before_anything_is_done(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up.signal, "signal", lambda *_: None)
    settings.DATA = tmp_path
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.PORT = server.getsockname()[1]
        settings.BIND = "127.0.0.1"
        with pytest.raises(CommandError, match=r"is taken; HOTLINE_PORT"):
            call_command(up.Command())


def test_an_address_of_another_machine_is_not_called_taken() -> None:
    assert "no address of this machine" in up.listen_fault("203.0.113.9", 8123)


@pytest.mark.django_db
def test_a_city_that_the_directory_does_not_have_is_named(settings: Any) -> None:
    settings.CITY_REGION = "999999"
    assert "HOTLINE_CITY_REGION" in up.city_fault()
    Region.objects.create(code="999999", name="某市", level=RegionLevel.CITY)
    assert up.city_fault() == ""


@pytest.mark.django_db
def test_the_demo_is_not_loaded_into_a_city_that_is_not_there(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(first_run.Command, "_call", lambda self, name, **options: called.append(name))
    monkeypatch.setattr(first_run.static, "collect", lambda: True)
    Region.objects.create(code="410100", name="某市", level=RegionLevel.CITY)
    settings.DATA, settings.DEMO, settings.CITY_REGION = tmp_path, True, "999999"
    call_command(first_run.Command(), demo=True)
    assert called == []
    settings.CITY_REGION = "410100"
    call_command(first_run.Command(), demo=True)
    assert called[-1] == "demo"


class Asterisk:
    """Stands for `scripts/asterisk`: the exit codes of `status` and `start`."""

    def __init__(self, status: int, start: int | None) -> None:
        self.codes = {"status": status, "start": start}
        self.asked: list[str] = []

    def run(self, argv: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        self.asked.append(argv[1])
        code = self.codes[argv[1]]
        if code is None:
            raise subprocess.TimeoutExpired(argv, 1)
        return subprocess.CompletedProcess(argv, code)

    def start(self, script: str, environment: dict[str, str]) -> int:
        return self.run([script, "start"]).returncode


@pytest.mark.parametrize(
    ("status", "start", "gateway", "stops"),
    [(0, 0, "asterisk", False), (3, 0, "asterisk", True), (3, 1, "demo", False), (3, None, "demo", False)],
)
def test_root_gets_an_asterisk_when_one_can_be_had(
    monkeypatch: pytest.MonkeyPatch, settings: Any, status: int, start: int | None, gateway: str, stops: bool
) -> None:
    settings.PHONE_GATEWAY, settings.ASTERISK_AMI_URL = "demo", ""
    monkeypatch.delenv("HOTLINE_PHONE_GATEWAY", raising=False)
    monkeypatch.setattr(phone.os, "geteuid", lambda: 0)
    asterisk = Asterisk(status, start)
    monkeypatch.setattr(phone.subprocess, "run", asterisk.run)
    monkeypatch.setattr(phone, "_run", asterisk.start)
    chosen = phone.choose(lambda text: None)
    assert (chosen.gateway, bool(chosen.stop)) == (gateway, stops)


def test_the_phone_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    asterisk = Asterisk(3, 0)
    monkeypatch.setattr(phone.subprocess, "run", asterisk.run)
    monkeypatch.setattr(phone.os, "geteuid", lambda: 0)
    monkeypatch.delenv("HOTLINE_PHONE_GATEWAY", raising=False)
    settings.PHONE_GATEWAY = "none"
    assert phone.choose(lambda text: None).gateway == "none"
    settings.PHONE_GATEWAY, settings.ASTERISK_AMI_URL = "demo", "ami://a:b@pbx:5038"
    assert phone.choose(lambda text: None).gateway == "asterisk"
    settings.ASTERISK_AMI_URL = ""
    monkeypatch.setenv("HOTLINE_PHONE_GATEWAY", "demo")
    assert phone.choose(lambda text: None).gateway == "demo"
    assert asterisk.asked == []


def test_an_ordinary_user_gets_the_labelled_demo(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PHONE_GATEWAY, settings.ASTERISK_AMI_URL = "demo", ""
    monkeypatch.delenv("HOTLINE_PHONE_GATEWAY", raising=False)
    monkeypatch.setattr(phone.os, "geteuid", lambda: 1000)
    chosen = phone.choose(lambda text: None)
    assert chosen.gateway == "demo" and "labelled" in chosen.note


@pytest.mark.django_db
def test_the_first_run_calls_what_exists_and_only_once(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    called: list[str] = []
    monkeypatch.setattr(first_run, "call_command", lambda name, **options: called.append(name))
    known = {"load_city": "directory", "demo": "ticketing", "import_knowledge": "ticketing"}
    monkeypatch.setattr(first_run, "get_commands", lambda: known)
    monkeypatch.setattr(static, "collect", lambda: False)
    settings.DEMO = True
    empty = {"directory.Region": True, "ticketing.KnowledgeEntry": True, "ticketing.Ticket": True}
    monkeypatch.setattr(first_run, "is_empty", empty.get)
    call_command(first_run.Command(), demo=True)
    assert called == ["load_city", "import_knowledge", "demo"]
    called.clear()
    call_command(first_run.Command(), demo=False)
    assert called == ["load_city"]
    called.clear()
    empty.update(dict.fromkeys(empty, False))
    call_command(first_run.Command(), demo=True)
    assert called == []


@pytest.mark.django_db
def test_a_demo_cut_off_is_completed_by_the_next_start(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    called: list[str] = []

    def killed(name: str, **options: object) -> None:
        called.append(name)
        if len(called) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(first_run, "call_command", killed)
    monkeypatch.setattr(first_run, "get_commands", lambda: {"demo": "ticketing"})
    monkeypatch.setattr(static, "collect", lambda: False)
    settings.DEMO, settings.DATA = True, tmp_path
    monkeypatch.setattr(first_run, "is_empty", lambda label: label == "ticketing.Ticket" and not called)
    with pytest.raises(KeyboardInterrupt):
        call_command(first_run.Command(), demo=True)
    for _ in range(2):
        call_command(first_run.Command(), demo=True)
    assert called == ["demo", "demo"]


@pytest.mark.django_db
@pytest.mark.parametrize("demo", [True, False])
def test_staff_get_the_known_password_only_in_the_demo(
    monkeypatch: pytest.MonkeyPatch, settings: Any, demo: bool
) -> None:
    given: list[str] = []
    monkeypatch.setattr(first_run, "call_command", lambda name, **options: given.append(options.get("password", "")))
    monkeypatch.setattr(first_run, "get_commands", lambda: {"load_city": "directory"})
    monkeypatch.setattr(first_run, "is_empty", lambda label: True)
    monkeypatch.setattr(static, "collect", lambda: False)
    settings.DEMO = demo
    call_command(first_run.Command(), demo=False)
    assert (given[-1] == settings.DEMO_PASSWORD) is demo
    assert len(given[-1]) >= 10


@pytest.mark.django_db
def test_the_banner_names_one_log_in_per_role_with_the_demo_password(settings: Any) -> None:
    settings.DEMO = True
    for username, role, password in (
        ("zhao", "dispatcher", settings.DEMO_PASSWORD),
        ("qian", "dispatcher", settings.DEMO_PASSWORD),
        ("sun", "auditor", "something of their own"),
    ):
        staff = Staff.objects.create_user(username, password=password)
        RoleBinding.objects.create(staff=staff, role=role)
    assert banner.logins() == [("派单员", "zhao")]
    text = banner.text("http://localhost:8000/", [])
    assert "zhao" in text and "sun" not in text
    settings.DEMO = False
    assert "zhao" not in banner.text("http://localhost:8000/", [])


def test_static_files_are_collected_once_per_change(settings: Any, tmp_path: Path) -> None:
    settings.DATA, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.css").write_text("a", encoding="ascii")
    assert static.collect()
    assert not static.collect()
    (tmp_path / "source" / "a.css").write_text("ab", encoding="ascii")
    assert static.collect()
    assert (tmp_path / "static" / "a.css").read_text(encoding="ascii") == "ab"


def test_the_certificate_is_kept_renewed_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = tls.ensure(tmp_path, ["localhost", "127.0.0.1"])
    first = files.certificate.read_bytes()
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca.key").stat().st_mode) == 0o600
    tls.ensure(tmp_path, ["localhost", "127.0.0.1"])
    assert files.certificate.read_bytes() == first
    authority = files.authority.read_bytes()
    tls.ensure(tmp_path, ["localhost", "127.0.0.1", "seat.example"])
    assert files.certificate.read_bytes() != first
    assert files.authority.read_bytes() == authority
    monkeypatch.setattr(tls, "RENEW_DAYS", tls.SERVER_DAYS + 1)
    second = files.certificate.read_bytes()
    tls.ensure(tmp_path, ["localhost", "127.0.0.1", "seat.example"])
    assert files.certificate.read_bytes() != second


def test_the_certificate_names_what_seats_call() -> None:
    names = tls.served_names(["10.0.0.8", "[fd00::8]", "seats.example", ".city.example", "*", "localhost"])
    assert {"localhost", "127.0.0.1", "10.0.0.8", "fd00::8", "seats.example", "*.city.example"} <= set(names)
    assert "*" not in names and len(names) == len(set(names))


def test_the_certificate_is_one_that_browsers_take(tmp_path: Path) -> None:
    files = tls.ensure(tmp_path, ["localhost", "127.0.0.1"])
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=398)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=str(files.authority))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with server.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            socket.create_connection(listener.getsockname()) as plain,
            client.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.recv(1) == b"x"
        thread.join()
