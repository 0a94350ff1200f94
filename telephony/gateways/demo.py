"""A scripted phone network through the same door as the real one; every screen says that it is one."""

from __future__ import annotations

import heapq
import itertools
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from telephony.gateways.events import CallEvent, Happening, Kind, SeatEvent, SeatKind, Snapshot
from telephony.gateways.protocol import GatewayError

SCENES = {"quiet": 40.0, "busy": 6.0, "storm": 0.5}  # mean seconds between calls
LINE, QUEUE = "12345", "normal"
RING, PATIENCE, TALK = 1.5, 60.0, (20.0, 60.0)


class DemoGateway:
    """Calls arrive by chance, wait, are answered by ready seats by themselves, and end with a rating now and then."""

    places_alarms = True
    label = "演示电话：未连接真实电话网络"

    def __init__(self, node: str, scene: str = "quiet", *, seed: int | None = None) -> None:
        if scene not in SCENES:
            raise GatewayError("bad_scene", f"演示场景只接受：{'、'.join(SCENES)}")
        self.node, self.mean = node, SCENES[scene]
        self.random = random.Random(seed)
        self._serial = itertools.count(1)
        self._agenda: list[tuple[float, int, str, str, str]] = []  # when, serial, what, call, seat
        self._out: list[Happening | Snapshot] = []
        self._ready: list[str] = []
        self._members: set[str] = set()
        self._waiting: list[str] = []
        self._talking: dict[str, str] = {}  # call → seat
        self._intent: dict[str, str] = {}
        self.healthy = False

    # --- life --------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        self.healthy = True
        self._out.append(Snapshot(self.node, datetime.now(UTC)))
        self._plan(self.random.expovariate(1 / min(self.mean, 3)), "arrive")

    def stop(self) -> None:
        self.healthy = False

    def happenings(self, seconds: float) -> Iterator[Happening | Snapshot]:
        now = time.monotonic()
        while self._agenda and self._agenda[0][0] <= now:
            _, _, what, call, seat = heapq.heappop(self._agenda)
            getattr(self, f"_{what}")(call, seat)
        if not self._out:
            time.sleep(seconds)
        out, self._out = self._out, []
        yield from out

    def _plan(self, after: float, what: str, call: str = "", seat: str = "") -> None:
        heapq.heappush(self._agenda, (time.monotonic() + after, next(self._serial), what, call, seat))

    def _tell(self, kind: Kind, call: str, **fields: object) -> None:
        number = next(self._serial)
        self._out.append(
            CallEvent(kind, self.node, call, datetime.now(UTC), f"{call}:{kind}:{number}", **fields)  # type: ignore[arg-type]
        )

    # --- the script --------------------------------------------------------------------------------------------------
    def _arrive(self, _call: str, _seat: str) -> None:
        call = f"demo-{datetime.now(UTC):%Y%m%d%H%M%S}-{next(self._serial)}"
        number = f"1380000{self.random.randrange(10000):04d}"
        self._tell(Kind.ARRIVED, call, number=number, line=LINE, data={"channel": f"demo/{call}"})
        self._tell(Kind.QUEUED, call, queue=QUEUE, data={"position": len(self._waiting) + 1})
        self._waiting.append(call)
        self._plan(PATIENCE, "give_up", call)
        self._plan(self.random.expovariate(1 / self.mean), "arrive")
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self._ready:
            call, seat = self._waiting.pop(0), self._ready.pop(0)
            self._talking[call] = seat
            self._tell(Kind.RINGING, call, seat=seat, leg=f"leg-{call}", queue=QUEUE)
            self._plan(RING, "connect", call, seat)

    def _connect(self, call: str, seat: str) -> None:
        if self._talking.get(call) == seat:
            data = {"channel": f"demo/{seat}"}
            self._tell(Kind.CONNECTED, call, seat=seat, leg=f"leg-{call}", queue=QUEUE, data=data)
            self._plan(self.random.uniform(*TALK), "finish", call, seat)

    def _finish(self, call: str, seat: str) -> None:
        if self._talking.pop(call, None) is None:
            return
        self._tell(Kind.LEG_ENDED, call, seat=seat, leg=f"leg-{call}", data={"by": "caller"})
        if self.random.random() < 0.4:
            self._tell(Kind.RATED, call, seat=seat, data={"level": self.random.choice((5, 5, 4, 4, 3, 2, 1))})
        self._tell(Kind.ENDED, call, data={"cause": 16})

    def _give_up(self, call: str, _seat: str) -> None:
        if call in self._waiting:
            self._waiting.remove(call)
            self._tell(Kind.ABANDONED, call, queue=QUEUE)
            self._tell(Kind.ENDED, call, data={"cause": 0})

    # --- what can be asked -------------------------------------------------------------------------------------------
    def log_in(self, seat: str, password: str, queues: list[str]) -> None:
        self.join(seat, queues)
        self._out.append(SeatEvent(SeatKind.REACHABLE, self.node, seat, datetime.now(UTC)))

    def join(self, seat: str, queues: list[str]) -> None:
        self._members.add(seat)

    def log_out(self, seat: str) -> None:
        self._members.discard(seat)
        self.pause(seat, True)

    def pause(self, seat: str, paused: bool, reason: str = "") -> None:
        if paused and seat in self._ready:
            self._ready.remove(seat)
        elif not paused and seat in self._members and seat not in self._ready:
            self._ready.append(seat)
            self._serve()

    def intend(self, channel: str, intent: str) -> None:
        self._intent[channel] = intent
        call = channel.removeprefix("demo/")
        if call in self._talking:
            self._finish(call, self._talking[call])

    def hang_up(self, leg: str) -> None:
        for call, seat in list(self._talking.items()):
            if leg in (f"demo/{seat}", f"demo/{call}"):
                self._finish(call, seat)

    def blind(self, leg: str, target: str) -> None:
        raise GatewayError("demo", "演示电话不能转接；请连接真实电话系统")

    def attended(self, leg: str, target: str) -> None:
        self.blind(leg, target)

    def cancel_attended(self, leg: str) -> None:
        self.blind(leg, "")

    def add_party(self, channel: str, target: str, party: str, call: str) -> None:
        self.blind(channel, target)

    def originate(self, seat: str, number: str, call: str) -> None:
        raise GatewayError("demo", "演示电话不能呼出；请连接真实电话系统")

    def survey(self, number: str, call: str, key: str) -> None:
        self.originate("", number, call)

    def alarm(self, number: str, call: str, key: str) -> None:
        self.originate("", number, call)

    def record(self, channel: str, on: bool) -> None:
        return None

    def block(self, number: str, on: bool) -> None:
        return None

    def spy(self, supervisor: str, leg: str, mode: str, call: str) -> None:
        raise GatewayError("demo", "演示电话不能监听")
