"""A site without a PBX: one caller, one seat's phone, their sound carried over; a second caller hears busy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from telephony.gateways.events import CallEvent, Kind
from telephony.gateways.outside.pool import Pool
from telephony.gateways.sip.line import Line, Sounds
from telephony.gateways.sip.talk import Late

SOUNDS = Sounds(b"\x81" * 160, b"\x82" * 160, b"\x83" * 160)


class Clock:
    """Seconds that pass only in sleep; what is planned happens on the way."""

    def __init__(self) -> None:
        self.now = 0.0
        self.plans: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def at(self, moment: float, run: Callable[[], None]) -> None:
        self.plans.append((moment, run))

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for plan in [plan for plan in self.plans if plan[0] <= self.now]:
            self.plans.remove(plan)
            plan[1]()


class Phone:
    """A call as pyVoIP shows it. What it says is one byte value; what it heard is kept."""

    def __init__(self, name: str, voice: int, number: str = "") -> None:
        self.name, self.voice = name, voice
        self.heard: set[int] = set()
        self.keys = ""
        self.request = type("R", (), {"headers": {"From": {"number": number}}})
        self.become("RINGING")

    def become(self, state: str) -> None:
        self.state = type("S", (), {"name": state})

    def answer(self) -> None:
        self.become("ANSWERED")

    def deny(self) -> None:
        self.become("ENDED")

    def hangup(self) -> None:
        assert self.state.name == "ANSWERED", "pyVoIP refuses that"
        self.become("ENDED")

    def write_audio(self, data: bytes) -> None:
        self.heard |= set(data)

    def read_audio(self, length: int, blocking: bool) -> bytes:
        assert not blocking, "a blocking read hangs on silence"
        return bytes([self.voice]) * length

    def get_dtmf(self, length: int) -> str:
        found, self.keys = self.keys[:length], self.keys[length:]
        return found


class Site:
    """The line with a clock, its events, and the seat's phone."""

    def __init__(self) -> None:
        self.clock, self.told = Clock(), list[CallEvent]()
        self.seat = Phone("seat", 20)
        self.caller = Phone("caller", 10, "13800000001")
        self.line = Line(lambda to: self.dialled(to), self.told.extend, SOUNDS, clock=self.clock,
                         sleep=self.clock.sleep, refused=lambda number: number == "666")  # fmt: skip
        self.to: list[str] = []

    def dialled(self, to: str) -> Any:
        self.to.append(to)
        return self.seat

    def ring(self) -> None:
        call = next(event.call for event in self.told if event.kind == Kind.QUEUED)
        self.line.order("ring", {"call": call, "leg": "leg-1", "to": "8001"}, "8001")

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.told]


def test_a_call_is_forwarded_and_rated() -> None:
    site = Site()
    site.clock.at(3, site.ring)
    site.clock.at(6, site.seat.answer)
    site.clock.at(30, site.seat.hangup)
    site.clock.at(31, lambda: setattr(site.caller, "keys", "94"))
    site.line.incoming(site.caller)
    assert site.kinds() == ["arrived", "queued", "connected", "leg_ended", "rated", "ended"]
    assert site.to == ["8001"] and site.told[0].number == "13800000001"
    assert site.told[3].data["by"] == "agent" and site.told[4].data["level"] == 4
    assert site.seat.heard == {10}, "the agent hears the caller"
    assert site.caller.heard == {20, 0x81, 0x82, 0x83}, "the caller hears prompts and agent"
    assert site.caller.state.name == "ENDED" and not site.line.taken.locked()


def test_the_caller_hangs_up_during_the_talk() -> None:
    site = Site()
    site.clock.at(1, site.ring)
    site.clock.at(2, site.seat.answer)
    site.clock.at(9, site.caller.hangup)
    site.line.incoming(site.caller)
    assert site.kinds() == ["arrived", "queued", "connected", "leg_ended", "ended"]
    assert site.told[3].data["by"] == "caller" and site.seat.state.name == "ENDED"


def test_the_button_ends_the_talk() -> None:
    site = Site()
    site.clock.at(1, site.ring)
    site.clock.at(2, site.seat.answer)
    site.clock.at(9, lambda: site.line.order("hang_up", {"leg": "leg-1"}, ""))
    site.line.incoming(site.caller)
    assert "leg_ended" in site.kinds() and site.clock.now < 30


def test_a_phone_that_is_not_answered_is_missed_and_hung_up_on_when_late() -> None:
    site = Site()
    first = site.seat
    site.clock.at(1, site.ring)
    site.clock.at(40, site.caller.hangup)
    site.line.incoming(site.caller)
    assert site.kinds() == ["arrived", "queued", "missed", "abandoned", "ended"]
    first.answer()
    site.line.late.sweep()
    assert first.state.name == "ENDED" and not site.line.late.calls


def test_nobody_comes() -> None:
    site = Site()
    site.line.incoming(site.caller)
    assert site.kinds() == ["arrived", "queued", "overflowed", "ended"]
    assert 299 < site.clock.now < 301


@pytest.mark.parametrize("number", ["13800000002", "666"])
def test_a_second_caller_and_a_nuisance_are_blocked(number: str) -> None:
    site = Site()
    if number != "666":
        site.line.taken.acquire()
    second = Phone("second", 1, number)
    site.line.incoming(second)
    assert site.kinds() == ["arrived", "blocked", "ended"] and second.state.name == "ENDED"


def test_a_fault_ends_the_call_and_frees_the_line() -> None:
    site = Site()
    site.clock.at(1, site.ring)
    site.line.dial = lambda to: 1 / 0
    site.line.incoming(site.caller)
    assert site.kinds()[-1] == "ended" and site.caller.state.name == "ENDED" and not site.line.taken.locked()


def test_a_line_in_use_stays_taken_until_the_end() -> None:
    site = Site()
    entered = threading.Event()
    site.clock.at(1, lambda: entered.set() if site.line.taken.locked() else None)
    site.clock.at(2, site.caller.hangup)
    site.line.incoming(site.caller)
    assert entered.is_set()


def test_late_calls_that_ended_are_forgotten() -> None:
    late, phone = Late(), Phone("p", 1)
    late.add(phone)
    late.sweep()
    assert late.calls == [phone]
    phone.become("ENDED")
    late.sweep()
    assert not late.calls


def test_the_pool_serves_in_order_and_picks_the_longest_idle() -> None:
    pool, since = Pool(), {"1": 30, "2": 10, "3": 20}
    for seat, queues in (("1", ["a"]), ("2", ["a", "b"]), ("3", ["b"])):
        pool.join(seat, queues)
        pool.pause(seat, False)
    for call, queue in (("x", "a"), ("y", "a"), ("z", "a")):
        pool.wait(call, queue)
    pool.wait("back", "a", front=True)
    pool.wait("x", "b")
    assert pool.offers(lambda seat: since[seat]) == [("back", "2"), ("x", "1")]  # type: ignore[arg-type, return-value]
    assert pool.offers(lambda seat: since[seat]) == []  # type: ignore[arg-type, return-value]
    pool.free("1")
    pool.pause("1", True)
    assert pool.offers(lambda seat: since[seat]) == []  # type: ignore[arg-type, return-value]
    pool.pause("1", False)
    assert pool.gone("back") == ["2"]
    assert pool.offers(lambda seat: since[seat]) == [("x", "2"), ("y", "1")]  # type: ignore[arg-type, return-value]
