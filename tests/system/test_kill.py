"""`kill -9` at any moment, of the import, the web server and the worker: nothing is lost, doubled or left half done."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .backing import TOP, manage, with_city

ROWS = 1000
#: rounds; each kills two processes
IMPORT_KILLS, LOAD_KILLS = 8, 5
LEASE_SECONDS = 30

pytestmark = [pytest.mark.slow, pytest.mark.system]


class Site:
    """An installation of its own, driven only from outside."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment | {
            "HOTLINE_LOG_LEVEL": "ERROR",
            "HOTLINE_PHONE_GATEWAY": "none",
            "HOTLINE_BACKGROUND": "poller",
        }

    def manage(self, *arguments: str) -> str:
        return manage(self.environment, *arguments)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=TOP,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def check(self) -> None:
        """No ticket without journal, no clock lost or fired twice, no event undelivered."""
        self.manage("worker", "--once")
        assert " 0 with a fault" in self.manage("verify_journal")
        assert self.manage("recompute_clocks", "--check").strip().endswith("0 differences")
        script = (
            "import json,time;from collections import Counter;from ticketing.models import *;"
            "from ticketing.outbox.reading import drain,lag\n"
            # a killed reader's lease runs out by itself
            f"for _ in range({LEASE_SECONDS * 2}):\n"
            " drain()\n"
            " if not any(lag().values()): break\n"
            " time.sleep(1)\n"
            "fired=Counter((e.ticket_id,e.action,e.data.get('clock'),e.data.get('due_at')) for e in"
            " TicketEvent.objects.filter(action__in=['warn','breach']));"
            "print(json.dumps({'lag':max(lag().values(),default=0),"
            "'bare':Ticket.objects.filter(events__isnull=True).count(),"
            "'unheard':TicketEvent.objects.exclude(pk__in=OutboxEntry.objects.values('event')).count(),"
            "'clockless':Ticket.objects.filter(clocks__isnull=True).count(),"
            "'twice':sum(n>1 for n in fired.values())}))"
        )
        found = json.loads(self.manage("shell", "--no-imports", "-c", script).strip().splitlines()[-1])
        assert found == {"lag": 0, "bare": 0, "unheard": 0, "clockless": 0, "twice": 0}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with with_city(tmp_path_factory.mktemp("killed") / "var") as environment:
        yield Site(environment)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def write_rows(path: Path) -> None:
    columns = ["id", "user", "title", "created_at", "body", "reply", "replied_at"]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for number in range(ROWS):
            answered = number % 3 == 0
            reply = ["已经处理完毕，感谢反映。", "2024-03-08T10:00:00+08:00"] if answered else ["", ""]
            text = f"第{number}号路灯不亮，夜里看不清路。"
            rows.writerow([f"K{number}", f"u{number % 40}", "路灯不亮", "2024-03-01T09:00:00+08:00", text, *reply])


def test_import_and_worker_killed(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_rows(path)
    chance = random.Random(12345)
    for _ in range(IMPORT_KILLS):
        importing = site.start("manage.py", "import_complaints", str(path), "--history")
        worker = site.start("manage.py", "worker")
        # past the start of Python, somewhere in the middle of the work
        time.sleep(1.2 + 1.6 * chance.random())
        kill(importing)
        kill(worker)
    tally = json.loads(site.manage("import_complaints", str(path), "--history", "--json").strip().splitlines()[-1])
    assert tally["accepted"] + tally["duplicates"] == ROWS
    assert tally["rejected"] == 0
    again = json.loads(site.manage("import_complaints", str(path), "--history", "--json").strip().splitlines()[-1])
    assert again == {"accepted": 0, "duplicates": ROWS, "rejected": 0}
    site.check()


class Load:
    """Bounded calls of the API from a few threads; remembers what was answered 201 or 200."""

    def __init__(self, port: int, key: str) -> None:
        self._url, self._key = f"http://127.0.0.1:{port}/api/v1/tickets", key
        self.accepted: set[str] = set()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(index,)) for index in range(3)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def wait_for_answer(self) -> None:
        """Until one more was accepted: a kill before that would meet an idle server."""
        before, deadline = len(self.accepted), time.monotonic() + 120
        while len(self.accepted) == before:
            assert time.monotonic() < deadline, "the server accepts nothing: the test would prove nothing"
            time.sleep(0.05)

    def _run(self, index: int) -> None:
        for number in range(100_000):
            if self._stop.is_set():
                return
            name = f"L{index}-{number}"
            body = json.dumps({"body": "路灯不亮，请尽快维修。", "external_id": name}).encode()
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
            request = urllib.request.Request(self._url, body, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    answer.read()
                self.accepted.add(name)
            except (OSError, urllib.error.HTTPError):
                time.sleep(0.1)


def wait_for(port: int) -> None:
    """Until it answers: the kill shall meet work, not a starting interpreter."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answered on {port}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_web_and_worker_killed_under_load(site: Site) -> None:
    created = site.manage("api_key", "load", "--scopes", "create", "--per-minute", "1000000")
    key = created.split("key: ")[1].split()[0]
    port = free_port()
    server = (
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "hotline.wsgi:application",
    )
    chance = random.Random(54321)
    with Load(port, key) as load:
        for _ in range(LOAD_KILLS):
            web, worker = site.start(*server), site.start("manage.py", "worker")
            wait_for(port)
            load.wait_for_answer()
            time.sleep(1.5 * chance.random())
            kill(web)
            kill(worker)
    script = (
        "from ticketing.models import Ticket;"
        "print(*Ticket.objects.filter(channel='peer').values_list('external_id',flat=True))"
    )
    stored = site.manage("shell", "--no-imports", "-c", script).split()
    assert load.accepted <= set(stored)
    assert len(stored) == len(set(stored))
    site.check()
