"""Calls under load on a real Asterisk: nothing lost, pops in time, memory flat. Prints JSON.

usage: python -m benchmarks.calls FOLDER [--profile signalling|shipped|steady] [--rate N] [--seconds N] [--consoles N]
       [--boards N] [--seats N]

FOLDER is an empty data folder. Needs root, SIPp and the Asterisk of scripts/asterisk (HOTLINE_ASTERISK_ROOT).
`signalling`: bare calls without greeting, music or recording, nobody answers, callers give up after 10 s.
`shipped`: the configuration as shipped (greeting, music, recording), robots answer, calls of 40 s.
`steady`: shipped at a low rate for long; watch the bridge's memory.
When the package panoramisk is installed, a bare listener of it counts the same events beside the bridge.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import websockets

from tests.system.phones import TOP, House, house, until
from tests.system.robots import script
from tests.telephony import sipp

PROFILES = {"signalling": (50.0, 20, "12399"), "shipped": (4.0, 60, "12345"), "steady": (2.0, 1800, "12345")}
USERS = """
import json
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from directory.models import Role, RoleBinding, Staff
from telephony.models import SeatState
def cookie(staff):
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(staff.pk), staff.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    return store.session_key
agents = []
for n in range({count}):
    staff = Staff.objects.create_user(f"bench{{n}}", password=None, name=f"bench{{n}}")
    RoleBinding.objects.create(staff=staff, role=Role.AGENT, region_id="410100")
    SeatState.objects.update_or_create(extension=str(9001 + n), defaults=dict(
        node="default", staff=staff, token="robot-%d" % (9001 + n), since=timezone.now()))
    agents.append([str(9001 + n), cookie(staff)])
leader = Staff.objects.create_user("benchleader", password=None, name="leader")
RoleBinding.objects.create(staff=leader, role=Role.SUPERVISOR, region_id="410100")
print("COOKIES " + json.dumps([agents, cookie(leader)]))
"""


@dataclass
class Seen:
    """What the sockets received, by the wall clock of this machine, which is Asterisk's too."""

    hints: dict[str, list[float]] = field(default_factory=dict)
    board: list[float] = field(default_factory=list)
    connected: int = 0
    errors: int = 0


class Sockets(threading.Thread):
    """All consoles and boards in one event loop of their own."""

    def __init__(self, home: House, agents: list[list[str]], leader: str, boards: int) -> None:
        super().__init__(daemon=True)
        self.home, self.agents, self.leader, self.boards = home, agents, leader, boards
        self.seen = Seen()

    def run(self) -> None:
        asyncio.run(self.all())

    async def all(self) -> None:
        jobs = [self.one("/ws/console/", cookie, seat) for seat, cookie in self.agents]
        jobs += [self.one("/ws/board/", self.leader, "") for _ in range(self.boards)]
        await asyncio.gather(*jobs)

    async def one(self, path: str, cookie: str, seat: str) -> None:
        headers = {"Cookie": f"sessionid={cookie}", "Origin": self.home.base}
        url = f"ws://127.0.0.1:{self.home.port}{path}"
        try:
            async with websockets.connect(
                url, additional_headers=headers, open_timeout=60, ping_interval=None
            ) as socket:
                self.seen.connected += 1
                async for message in socket:
                    now = time.time()
                    if seat:
                        self.seen.hints.setdefault(seat, []).append(now)
                    else:
                        made = datetime.fromisoformat(json.loads(message)["at"]).timestamp()
                        self.seen.board.append(now - made)
        except (OSError, websockets.WebSocketException, TimeoutError):
            self.seen.errors += 1


def panoramisk_listener(home: House) -> tuple[list[int], Any] | None:
    """A bare listener of the other package on the same Asterisk, for comparison."""
    try:
        from panoramisk import Manager
    except ImportError:
        return None
    count, secret = [0], (home.data / "secrets" / "ami").read_text()

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        manager = Manager(loop=loop, host="127.0.0.1", port=home.ami, username="hotline", secret=secret)

        def note(_manager: Any, event: Any) -> None:
            if event.event == "QueueCallerJoin":
                count[0] += 1

        manager.register_event("*", note)
        manager.connect()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return count, thread


def percentile(values: list[float], share: float) -> float | None:
    """In milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


def spread(values: list[float]) -> dict[str, float | None]:
    return {"n": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99)}


def stamp(text: str) -> float:
    """Epoch seconds of a time as SQLite holds it (UTC)."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def pops(home: House, seen: Seen) -> dict[str, list[float]]:
    """Asterisk's time of ring and of INVITE (Newchannel) → first hint at that seat's console after the ring."""
    rows = home.rows(
        "SELECT r.seat, r.at AS rung, a.at AS arrived, c.line FROM telephony_callevent r "
        "JOIN telephony_callevent a ON a.call = r.call AND a.kind = 'arrived' "
        "JOIN telephony_call c ON c.call = r.call WHERE r.kind = 'ringing'"
    )
    from_ring, from_invite = [], []
    for row in rows:
        start = stamp(row["rung"])
        after = [moment - start for moment in seen.hints.get(row["seat"], []) if moment >= start - 0.001]
        if after and after[0] < 5:
            from_ring.append(after[0])
            waited = start - stamp(row["arrived"])
            if row["line"] == "12399" and waited < 1:  # found a free seat at once: no waiting in the figure
                from_invite.append(after[0] + waited)
    return {"ring": from_ring, "invite": from_invite}


def memory(pid: int) -> float:
    """Resident megabytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def robots(home: House, folder: Path, count: int, stack: ExitStack) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    voice = [sipp.play(sipp.tone_pcap(folder / "voice.pcap", 700, 60))]  # a silent seat is a lost leg after 20 s
    for n in range(count):
        steps = [*sipp.ANSWER, *voice, *sipp.HUNG_UP]
        stack.enter_context(sipp.Sipp(steps, folder / f"r{n}", f"{sipp.NET}.1.{n + 1}", callee=True, seconds=7200))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", script(count)], cwd=TOP, env=home.environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stack.callback(process.kill)
    assert process.stdout is not None
    until(lambda: b"ready" in process.stdout.readline(), 120, "robots are ready")  # type: ignore[union-attr]


def run(home: House, options: argparse.Namespace) -> dict[str, Any]:
    rate, seconds, line = options.rate, options.seconds, PROFILES[options.profile][2]
    text = home.manage("shell", "-c", USERS.format(count=options.consoles))
    agents, leader = json.loads(next(row for row in text.splitlines() if row.startswith("COOKIES"))[8:])
    home.end("bridge")
    home.start_bridge()
    sockets = Sockets(home, agents, leader, options.boards)
    sockets.start()
    # before the robots log in: a seat's socket is for the person who holds the seat
    until(lambda: sockets.seen.connected + sockets.seen.errors >= options.consoles + options.boards, 120, "sockets")
    listener = panoramisk_listener(home)
    with ExitStack() as stack:
        robots(home, options.folder / "robots", options.seats, stack)
        patience = 10_000 if options.profile == "signalling" else 40_000
        voice = [] if options.profile == "signalling" else [sipp.play(options.folder / "robots" / "voice.pcap")]
        steps = [*sipp.CALL, *voice, sipp.pause(patience), *sipp.HANGUP]
        bridge = home.processes["bridge"].pid
        sizes = [memory(bridge)]
        crowd = sipp.Sipp(
            steps, options.folder / "crowd", sipp.CALLER, remote=home.remote, service=line, calls=int(rate * seconds),
            rate=rate, limit=2000, seconds=seconds + 180, caller="13800[call_number]",
        )  # fmt: skip
        stack.enter_context(crowd)
        began = time.monotonic()
        while crowd.process is not None and crowd.process.poll() is None:
            time.sleep(min(30.0, seconds / 4))
            with suppress(OSError):
                sizes.append(memory(bridge))
        code, elapsed = crowd.end(), time.monotonic() - began
        until(lambda: not [c for c in home.calls() if c["status"] != "ended"], 60, "every call is closed")
    entered = {row[1] for row in home.queue_log() if row[4] == "ENTERQUEUE"}
    ours = {row["call"] for row in home.calls() if row["queued_at"]}
    found = pops(home, sockets.seen)
    return {
        "profile": options.profile, "rate": rate, "seconds": seconds, "elapsed": round(elapsed, 1), "sipp_exit": code,
        "consoles": options.consoles, "boards": options.boards, "socket_errors": sockets.seen.errors,
        "calls_in_queue_log": len(entered), "calls_in_journal": len(ours), "lost": len(entered - ours),
        "invented": len(ours - entered),
        "ring_to_hint_ms": spread(found["ring"]),
        "invite_to_hint_ms": spread(found["invite"]),
        "board_ms": spread(sockets.seen.board),
        "bridge_mb": [round(size, 1) for size in sizes],
        "panoramisk_joins": listener[0][0] if listener else None,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="signalling")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--minutes", type=float, help="instead of --seconds")
    parser.add_argument("--consoles", type=int, default=50)
    parser.add_argument("--boards", type=int, default=0)
    parser.add_argument("--seats", type=int, default=8)
    options = parser.parse_args()
    rate, seconds, _ = PROFILES[options.profile]
    given = int(options.minutes * 60) if options.minutes else options.seconds
    options.rate, options.seconds = options.rate or rate, given or seconds
    options.folder.mkdir(parents=True, exist_ok=True)
    with house(options.folder, max(12, options.seats)) as home:
        print(json.dumps(run(home, options), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
