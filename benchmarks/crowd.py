"""Consoles and boards as their pages behave, in a process of their own that costs next to nothing. Standard library.

usage: python -m benchmarks.crowd <SPEC.json >RESULT.json, ended by SIGTERM; prints `ready` on stderr once all are in

A board's socket is only read and timed. A console does what the page does: a hint → GET state, which brings the pop of
a call that the page has not seen; and it asks by itself every five seconds. All moments are of this machine's wall
clock, which is Asterisk's too.
"""

from __future__ import annotations

import http.client
import json
import queue
import selectors
import signal
import socket
import sys
import threading
import time
from array import array
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

POLL_SECONDS = 5.0  # console.js, POLL.up
PATIENCE_SECONDS = 120


class Socket:
    """A WebSocket that is only listened to: opened by hand, frames cut out of what arrives."""

    def __init__(self, port: int, path: str, cookie: str, seat: str = "") -> None:
        self.seat, self.rest = seat, b""
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        lines = [
            f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13",
            f"Origin: http://127.0.0.1:{port}", f"Cookie: sessionid={cookie}", "", "",
        ]  # fmt: skip
        self.raw.sendall("\r\n".join(lines).encode())
        while b"\r\n\r\n" not in self.rest:
            part = self.raw.recv(65536)
            if not part:
                raise OSError("the server closed the socket")
            self.rest += part
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError(head.split(b"\r\n")[0].decode())
        self.raw.setblocking(False)

    def texts(self) -> list[bytes]:
        """Every whole message that has arrived; raises OSError when the server has gone."""
        part = self.raw.recv(1 << 20)
        if not part:
            raise OSError("closed")
        self.rest += part
        found = []
        while len(self.rest) >= 2:
            size, start = self.rest[1] & 127, 2
            if size == 126:
                size, start = int.from_bytes(self.rest[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(self.rest[2:10], "big"), 10
            if len(self.rest) < start + size:
                break
            opcode, body = self.rest[0] & 15, self.rest[start : start + size]
            self.rest = self.rest[start + size :]
            if opcode == 9:
                with suppress(OSError):
                    self.raw.send(bytes([0x8A, 0x80 | len(body), 0, 0, 0, 0]) + body)
            elif opcode == 8:
                raise OSError("closed")
            elif opcode == 1:
                found.append(body)
        return found


class Console(threading.Thread):
    """The page's fetches, one after another on one kept connection, a hint during one asking once more."""

    def __init__(self, port: int, seat: str, cookie: str, token: str) -> None:
        super().__init__(daemon=True)
        self.port, self.seat = port, seat
        self.headers = {"Cookie": f"sessionid={cookie}", "X-Seat-Token": token}
        self.wake: queue.SimpleQueue[float] = queue.SimpleQueue()
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self.popped = ""
        self.pops: list[dict[str, Any]] = []
        self.fetches = self.errors = 0

    def run(self) -> None:
        while True:
            hint = 0.0
            with suppress(queue.Empty):
                hint = self.wake.get(timeout=POLL_SECONDS)
                while True:
                    self.wake.get_nowait()
            try:
                self.refresh(hint)
            except (OSError, http.client.HTTPException, ValueError):
                self.errors += 1
                self.link.close()

    def refresh(self, hint: float) -> None:
        found = self.get(f"state?popped={quote(self.popped)}").get("pop")
        self.fetches += 1
        if found:
            self.popped = found["call"]["id"]
            self.pops.append({"call": self.popped, "seat": self.seat, "hint": hint, "pop": time.time()})

    def get(self, path: str) -> dict[str, Any]:
        self.link.request("GET", f"/console/api/{path}", headers=self.headers)
        answer = self.link.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise ValueError(text[:200])
        found: dict[str, Any] = json.loads(text)
        return found


class Crowd:
    def __init__(self, spec: dict[str, Any]) -> None:
        port = spec["port"]
        self.consoles = {seat: Console(port, seat, cookie, token) for seat, cookie, token in spec["consoles"]}
        self.hints: dict[str, list[float]] = {seat: [] for seat in self.consoles}
        self.made = array("d")  # from the board's own moment to the socket, seconds
        self.boards: dict[int, dict[str, Any]] = {}  # newest journal row a board knows → when its sockets got it
        self.errors = 0
        self.selector = selectors.EpollSelector()
        for seat, cookie, _ in spec["consoles"]:
            self.open(port, "/ws/console/", cookie, seat)
        for _ in range(spec["boards"]):
            self.open(port, "/ws/board/", spec["leader"])

    def open(self, port: int, path: str, cookie: str, seat: str = "") -> None:
        try:
            link = Socket(port, path, cookie, seat)
            self.selector.register(link.raw, selectors.EVENT_READ, link)
        except OSError as error:
            self.errors += 1
            print(f"{path}: {error}", file=sys.stderr, flush=True)

    def run(self) -> None:
        for console in self.consoles.values():
            console.start()
        print("ready", file=sys.stderr, flush=True)
        last: tuple[bytes, float, int] = (b"", 0.0, 0)
        while True:
            for key, _ in self.selector.select():
                link: Socket = key.data
                try:
                    texts, now = link.texts(), time.time()
                except BlockingIOError:
                    continue
                except OSError:
                    self.errors += 1
                    self.selector.unregister(link.raw)
                    continue
                for text in texts:
                    if link.seat:
                        self.hints[link.seat].append(now)
                        self.consoles[link.seat].wake.put(now)
                        continue
                    if text != last[0]:  # the same text goes to all: read once
                        loaded = json.loads(text)
                        last = (text, datetime.fromisoformat(loaded["at"]).timestamp(), int(loaded.get("event", 0)))
                    if b'"full"' not in text[:120]:
                        self.note(last[1], last[2], now)

    def note(self, made: float, event: int, now: float) -> None:
        self.made.append(now - made)
        self.boards.setdefault(event, {"made": made, "seen": array("d")})["seen"].append(now)

    def result(self) -> dict[str, Any]:
        consoles = self.consoles.values()
        return {
            "pops": [pop for one in consoles for pop in one.pops], "hints": self.hints, "errors": self.errors,
            "fetches": sum(one.fetches for one in consoles),
            "fetch_errors": sum(one.errors for one in consoles), "made": list(self.made),
            "boards": [{"event": event, "made": one["made"], "seen": list(one["seen"])}
                       for event, one in sorted(self.boards.items())],
            "cpu_seconds": time.process_time(),
        }  # fmt: skip


def main() -> None:
    crowd = Crowd(json.load(sys.stdin))

    def leave(*_: object) -> None:
        raise SystemExit

    signal.signal(signal.SIGTERM, leave)
    try:
        crowd.run()
    finally:
        json.dump(crowd.result(), sys.stdout)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
