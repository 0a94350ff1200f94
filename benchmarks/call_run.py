"""One run on a real Asterisk: seats that answer, pages that look, a crowd that calls, a listener beside the bridge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.call_figures import Books, callers, children, cpu, memory, slope
from tests.system.phones import TOP, House, until
from tests.system.robots import script
from tests.telephony import sipp

PEOPLE = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from directory.models import Role, RoleBinding, Staff
from telephony.models import Queue
def cookie(staff):
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(staff.pk), staff.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    return store.session_key
def person(username, role):
    staff = Staff.objects.create_user(username, password=None, name=username)
    RoleBinding.objects.create(staff=staff, role=role, region_id="410100")
    return cookie(staff)
Queue.objects.update(after_seconds={after})
agents = [[str(9001 + n), person(f"robot-{{9001 + n}}", Role.AGENT), f"robot-{{9001 + n}}"] for n in range({count})]
print("COOKIES " + json.dumps([agents, person("benchleader", Role.SUPERVISOR)]))
"""
#: SIPp stands for telephones elsewhere: with a thread for each voice it would take the processor from what is measured
ELSEWHERE = 10
MEDIA_PORTS = {"HOTLINE_RTP_START": "10000", "HOTLINE_RTP_END": "17999"}


@dataclass(frozen=True)
class Load:
    """What calls: `line` 12399 is bare (no greeting, music, recording), 12345 as shipped. Times in seconds."""

    rate: float
    seconds: int
    line: str = "12345"
    stays: float = 40.0
    voice: bool = True


class Stage:
    """A house with people in it; entered once, then as many loads as wanted."""

    def __init__(
        self,
        home: House,
        folder: Path,
        *,
        seats: int,
        answering: int,
        consoles: int,
        boards: int,
        speaking: bool,
        panoramisk: str,
    ) -> None:
        self.home, self.folder, self.stack = home, folder, ExitStack()
        self.answering, self.speaking = answering, speaking
        self.seats, self.consoles, self.boards, self.panoramisk = seats, consoles, boards, panoramisk
        self.watchers: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Stage:
        text = self.home.manage("shell", "-c", PEOPLE.format(count=self.seats, after=1))
        row = next(row for row in text.splitlines() if row.startswith("COOKIES"))
        self.agents, self.leader = json.loads(row[8:])
        self.voice = sipp.tone_pcap(self.folder / "voice.pcap", 700, 60)
        self.robots()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def robots(self) -> None:
        """Phones for the seats that answer: speaking ones where calls last (a silent leg is a lost one after 20 s)."""
        addresses = [f"{sipp.NET}.1.{n + 1}" for n in range(self.answering)]
        if addresses and not self.speaking:
            self.spawn([sys.executable, "-m", "benchmarks.phones", *addresses], "phones.out")
            addresses = []
        for n, address in enumerate(addresses):
            steps = [*sipp.ANSWER, sipp.play(self.voice), *sipp.HUNG_UP]
            place = self.folder / f"r{n}"
            self.stack.enter_context(sipp.Sipp(steps, place, address, callee=True, seconds=14_400, nice=ELSEWHERE))
        process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-c", script(self.seats, self.answering)],
            cwd=TOP, env=self.home.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.stack.callback(process.kill)
        assert process.stdout is not None
        until(lambda: b"ready" in process.stdout.readline(), 120, "robots are ready")  # type: ignore[union-attr]

    def spawn(self, argv: list[str], name: str, text: str = "") -> subprocess.Popen[bytes]:
        """A helper that says `ready`, and its JSON when it is ended."""
        process = subprocess.Popen(
            argv, cwd=TOP, stdin=subprocess.PIPE, stdout=(self.folder / name).open("wb"), stderr=subprocess.PIPE
        )
        self.stack.callback(process.kill)
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        while line := process.stderr.readline():
            if b"ready" in line:
                return process
            print(f"{name}: {line.decode().strip()}", file=sys.stderr)
        raise RuntimeError(f"{name} ended before it was ready")

    def harvest(self, process: subprocess.Popen[bytes], name: str) -> dict[str, Any]:
        process.terminate()
        process.wait(120)
        found: dict[str, Any] = json.loads((self.folder / name).read_text())
        return found

    def run(self, load: Load, label: str) -> dict[str, Any]:
        """One load; its figures."""
        home, books = self.home, Books(self.home)
        place = self.folder / label
        place.mkdir(parents=True)
        spec = {
            "port": home.port,
            "consoles": self.agents[: self.consoles],
            "boards": self.boards,
            "leader": self.leader,
        }
        watchers = self.spawn([sys.executable, "-m", "benchmarks.crowd"], f"{label}.seen", json.dumps(spec))
        secret = str(home.data / "secrets" / "ami")
        listener = None
        if self.panoramisk:
            argv = [self.panoramisk, str(TOP / "benchmarks" / "listener.py"), str(home.ami), secret]
            listener = self.spawn(argv, f"{label}.bare")
        with Samples(self.home) as samples, self.crowd(load, place) as crowd:
            while crowd.process is not None and crowd.process.poll() is None:
                time.sleep(min(30.0, max(1.0, load.seconds / 20)))
                samples.take()
            code = crowd.end()
        stuck = 0
        try:
            until(lambda: not books.open_calls(), 30, "every call is closed")
        except AssertionError:
            stuck = len(books.open_calls())
        seen = self.harvest(watchers, f"{label}.seen")
        bare = self.harvest(listener, f"{label}.bare") if listener else None
        if bare:
            bare["lost"] = len(books.joins() - set(bare["joins"]))
            bare["joins"] = len(bare["joins"])
        return {
            "rate": load.rate, "seconds": load.seconds, "line": load.line, "consoles": self.consoles,
            "boards": self.boards, "seats": self.seats, "sipp_exit": code, "callers": callers(place),
            "events": books.compared(), "open_for_ever": stuck, **books.pops(seen), **books.boards(seen),
            "page_errors": seen["errors"] + seen["fetch_errors"], "page_fetches": seen["fetches"],
            **samples.found(), "panoramisk": bare or "not given (--panoramisk PYTHON)",
            "machine_load": [round(one, 1) for one in os.getloadavg()],
        }  # fmt: skip

    def crowd(self, load: Load, place: Path) -> sipp.Sipp:
        head = [step.replace('retrans="500"', 'retrans="500" start_rtd="1"') for step in sipp.CALL[:1]]
        rest = [step.replace('response="200"', 'response="200" rtd="1"') for step in sipp.CALL[1:]]
        voice = [sipp.play(self.voice)] if load.voice else []
        steps = [*head, *rest, *voice, sipp.pause(int(1000 * load.stays)), *sipp.HANGUP]
        return sipp.Sipp(
            steps, place, sipp.CALLER, remote=self.home.remote, service=load.line, calls=int(load.rate * load.seconds),
            rate=load.rate, limit=4000, seconds=load.seconds + int(load.stays) + 120, caller="138[call_number]",
            more=("-trace_stat", "-fd", "5", "-trace_rtt", "-rtt_freq", "1"), nice=ELSEWHERE,
        )  # fmt: skip


class Samples:
    """Memory of the bridge and the web process over the run, and what each process used of a core."""

    def __init__(self, home: House) -> None:
        web = home.processes["web"].pid
        server = next(iter(children(web)), web)
        self.pids = {"bridge": home.processes["bridge"].pid, "web": server, "asterisk": home.asterisk_pid}
        self.sizes: dict[str, list[tuple[float, float]]] = {name: [] for name in self.pids}

    def __enter__(self) -> Samples:
        self.began, self.used = time.monotonic(), {name: cpu(pid) for name, pid in self.pids.items()}
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.elapsed = time.monotonic() - self.began
        self.used = {name: cpu(pid) - self.used[name] for name, pid in self.pids.items()}

    def take(self) -> None:
        for name, pid in self.pids.items():
            with suppress(OSError):
                self.sizes[name].append((time.monotonic() - self.began, memory(pid)))

    def found(self) -> dict[str, Any]:
        return {
            "elapsed": round(self.elapsed, 1),
            "cpu_percent_of_a_core": {name: round(100 * used / self.elapsed) for name, used in self.used.items()},
            "memory_mb": {name: [round(size) for _, size in sizes] for name, sizes in self.sizes.items()},
            "memory_mb_per_hour": {name: slope(sizes) for name, sizes in self.sizes.items()},
        }
