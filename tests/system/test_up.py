"""`scripts/up` and `scripts/manage` from outside, as a newcomer runs them."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .browsing import chromium

TOP = Path(__file__).parents[2]
#: a cold first run migrates, loads the city and the demo
START_SECONDS = 240
#: from ready to every part having given its first sign of life
HEALTHY_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


class Product:
    """A running `scripts/up` on its own data folder and port."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.log = data.with_suffix(".log")
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
        kept = {key: os.environ[key] for key in ("HOTLINE_VENV", "HOTLINE_PYTHON") if key in os.environ}
        inherited.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment = {**inherited, **kept, "HOTLINE_DATA": str(data), "HOTLINE_PORT": str(self.port)}
        self.environment["HOTLINE_PHONE_GATEWAY"] = "demo"  # tests of the phone bring their own Asterisk
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self, *arguments: str) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(TOP / "scripts" / "up"), *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.data.parent,
            )
        self.until(lambda: "Ctrl-C stops everything" in self.said())

    def until(self, condition: object, seconds: int = START_SECONDS) -> None:
        """Waits for the condition; a failure shows what the product said and how it judges itself."""
        assert callable(condition)
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{self.said()}\n{self.get('/healthz')}"
            time.sleep(0.2)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        return get(f"http://127.0.0.1:{self.port}{path}")

    def processes(self) -> dict[int, str]:
        """Every process that works on this data folder, with its command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes()
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # ended meanwhile, or another user's
            if f"HOTLINE_DATA={self.data}".encode() in environment.split(b"\0") and line:
                found[int(folder.name)] = line
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self._process = None
        return code

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = Product(tmp_path / "var")
    yield running
    running.close()


@pytest.mark.system
@pytest.mark.slow
def test_up_from_nothing_to_a_clean_end(product: Product) -> None:
    product.start()
    assert product.get("/livez") == (200, {"status": "alive"})
    assert product.get("/readyz")[0] == 200
    product.until(lambda: product.get("/healthz")[0] == 200, HEALTHY_SECONDS)
    assert f"http://localhost:{product.port}/" in product.said()

    server = next(pid for pid, line in product.processes().items() if "granian" in line)
    os.kill(server, signal.SIGKILL)
    product.until(lambda: "next start in" in product.said() and product.get("/readyz")[0] == 200)

    assert product.stop() == 0
    assert product.processes() == {}

    product.start()
    assert "preparing the database" not in product.said()
    assert product.stop(signal.SIGINT) == 0
    assert product.processes() == {}


LOGIN = """
from directory.models import Region, Role, RoleBinding, Staff
staff = Staff.objects.create_user("leader", password="correct-horse-1", name="督办")
RoleBinding.objects.create(staff=staff, role=Role.SUPERVISOR, region=Region.objects.get(code="410100"))
"""


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.browser
def test_up_with_tls_serves_https_and_a_browser_logs_in(product: Product) -> None:
    """Over TLS a browser speaks HTTP/2, which sends each cookie as a field of its own."""
    product.start("--tls", "--no-demo")
    context = ssl.create_default_context(cafile=str(product.data / "tls" / "ca.crt"))
    with urllib.request.urlopen(f"https://localhost:{product.port}/livez", timeout=10, context=context) as answer:
        assert answer.status == 200
    assert f"https://localhost:{product.port}/" in product.said()
    done = subprocess.run([TOP / "scripts" / "manage", "shell", "-c", LOGIN], env=product.environment, check=False)
    assert done.returncode == 0
    with chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        page.goto(f"https://localhost:{product.port}/login/?next=/console/board/")
        page.fill("[name=username]", "leader")
        page.fill("[name=password]", "correct-horse-1")
        page.press("[name=password]", "Enter")
        page.wait_for_selector("#seats", state="attached")
        page.wait_for_selector("#link:has-text('实时')")  # wss too
    assert product.stop() == 0


@pytest.mark.system
@pytest.mark.slow
def test_manage_sets_up_what_is_missing(product: Product) -> None:
    command = [str(TOP / "scripts" / "manage"), "shell", "-c"]
    code = "from directory.models import Region; print('regions', Region.objects.count() >= 0)"
    for _ in range(2):
        done = subprocess.run(
            [*command, code],
            env=product.environment,
            cwd=product.data.parent,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "regions True" in done.stdout
    assert (product.data / "hotline.sqlite3").exists()


def test_a_wrong_setting_is_one_clear_line(product: Product) -> None:
    done = subprocess.run(
        [str(TOP / "scripts" / "manage"), "check"],
        env=product.environment | {"HOTLINE_PORT": "eighty"},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert done.returncode != 0
    assert "HOTLINE_PORT='eighty': a whole number is accepted" in done.stderr
    assert "Traceback" not in done.stderr
