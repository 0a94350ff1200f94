"""A hand-made month: March 2025, 60 tickets and 80 calls (and three we placed), and its measures computed by hand.

Working days of March 2025 are Monday to Friday; there is no holiday between 5 February and 4 April. The comments count
each group; `EXPECTED` is the table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from telephony.calls.store import append
from telephony.gateways.events import CallEvent, Kind
from tests.city import DISTRICT, City
from tests.dashboards.settle import settle
from ticketing.clocks.poller import fire_all
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actions import (
    answering,
    checking,
    citizens,
    dispatching,
    extensions,
    handling,
    returns,
    triage,
)
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import Command, act
from ticketing.models import Ticket
from ticketing.privacy.identity import Person
from ticketing.reviews import points, rectifying
from ticketing.reviews.models import Review, ServiceItem

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: code → (value, numerator, denominator, excluded)
EXPECTED: dict[str, tuple[float | None, float, int | None, int]] = {
    "received": (54, 54, None, 0),  # all 60 but G's six of February
    "closed": (46, 46, None, 0),  # A20 B10 C8 D2 G6
    "direct_answer_rate": (14.81, 8, 54, 0),  # C8; D was refused
    "dispatch_on_time": (72.0, 36, 50, 10),  # A20 E6+6 F4; B10 late, H4 never; C8 D2 needed none
    "sign_on_time": (75.0, 30, 40, 6),  # A20 E6 F4; B10 late; the first six of E were called off
    "close_on_time": (75.0, 30, 40, 0),  # A20 F4 (extended to the 31st) G6 (due 3 March); B10 late
    "reply_on_time": (76.19, 32, 42, 0),  # and the two redone of G
    "assist_on_time": (None, 0, 0, 0),
    "feedback_on_time": (None, 0, 0, 0),
    "answered_within_3": (20.0, 10, 50, 0),  # C8 D2
    "answered_within_5": (68.0, 34, 50, 0),  # and A20, G4
    "answered_within_10": (88.0, 44, 50, 0),  # and B10; F4 took 15 days, G2 eleven
    "dispatch_accuracy": (85.0, 34, 40, 0),  # A20 B10 F4; E6 went back
    "return_rate": (13.04, 6, 46, 0),  # E6 / A20 B10 E12 F4
    "extension_rate": (8.7, 4, 46, 0),  # F4
    "redo_rate": (5.56, 2, 36, 0),  # G2 / A20 B10 G6
    "callback_rate": (88.89, 32, 36, 4),  # A20 B6 G6; F4 not yet; B4 anonymous
    "callback_on_time": (100.0, 34, 34, 0),  # A20 B6 G6 and G2 again
    "response_rate": (85.71, 24, 28, 18),  # A18 G4+2; B6 three times not reached
    "solved_rate": (85.71, 24, 28, 18),
    "satisfaction_rate": (83.08, 21.6, 26, 20),  # 12 + 6 + 0.9 × 4 of 26; two did not say
    "overall_score": (84.66, 84.6593, 100, 0),  # 0.6 × 24/28 + 0.4 × 21.6/26
    "calls": (80, 80, None, 0),
    "call_answer_rate": (92.11, 70, 76, 4),
    "call_timeliness": (85.71, 60, 70, 0),
    "call_within_15": (78.95, 60, 76, 4),
    "self_review_rate": (17.39, 8, 46, 0),  # C6 A2
    "good_review_rate": (84.38, 27, 32, 0),  # A16 G6 C5 of A18 G8 C6
    "good_call_review_rate": (80.0, 8, 10, 0),
    "bad_review_rectified": (50.0, 1, 2, 0),  # G2 fell due on the 26th; A2 on 2 April
    "item_coverage": (75.0, 3, 4, 0),
    "unit_coverage": (40.0, 2, 5, 0),
}
ASK_RETURN = returns.AskReturn(ground="not_our_duty", cited_duty="职责清单第三条", reason="不属于本单位职责")
REPLY = handling.SubmitReply(public_answer="已经派人处理完毕。", internal_note="已处理", solved=True)
_serial = count(1)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=SHANGHAI)


class Month:
    """Walks tickets through their lives at given times."""

    def __init__(self, city: City) -> None:
        self.city = city

    def new(self, when: datetime, kind: str = "complaint", **changes: object) -> Ticket:
        person = Person() if changes.get("anonymous") else Person(name="测试甲", phone="13800000001")
        facts: dict[str, object] = {"channel": "web", "body": f"第{next(_serial)}件：路灯坏了。", "region": DISTRICT}
        report = Report(**(facts | {"person": person} | changes))  # type: ignore[arg-type]
        ticket = accept(report, actor=citizen_actor(), now=when).ticket
        return self.do(ticket, triage.Triage(kind=kind, category=self.city.category["lamp"].pk), "dispatcher", when)

    def do(self, ticket: Ticket, command: Command, who: str, when: datetime) -> Ticket:
        return act(ticket.pk, command, actor=self.city.actor(who), now=when)

    def sent(self, ticket: Ticket, unit: str, when: datetime) -> Ticket:
        return self.do(ticket, dispatching.Dispatch(lead=self.city.unit[unit].pk), "dispatcher", when)

    def called(self, ticket: Ticket, when: datetime, **answers: object) -> Ticket:
        facts: dict[str, object] = {"result": "reached", "contacted": True, "solved": True}
        return self.do(ticket, checking.RecordCallback(**(facts | answers)), "caller", when)  # type: ignore[arg-type]

    def rate(self, ticket: Ticket, level: int, when: datetime) -> None:
        act(ticket.pk, citizens.Rate(level=level), actor=citizen_actor(ticket.pk), now=when)

    # --- the groups

    def a(self) -> None:
        """Twenty complaints, everything in time."""
        answers: list[dict[str, object]] = [
            *([{"satisfaction": 5}] * 12),
            *([{"satisfaction": 3}] * 4),
            *([{"satisfaction": 1, "contacted": False, "solved": False}] * 2),
            *([{}] * 2),
        ]
        for index, answer in enumerate(answers):
            ticket = self.sent(self.new(at(3)), "lights", at(3, 10))
            self.do(ticket, handling.Sign(), "handler", at(3, 15))
            self.do(ticket, REPLY, "handler", at(10))
            self.do(ticket, checking.ApproveResult(), "checker", at(11))
            self.called(ticket, at(12), **answer)
            if index < 2:
                self.rate(ticket, 4, at(14))  # within seven days: changes what the clerk noted

    def b(self) -> None:
        """Ten requests for help, late at every step; four anonymous, six never reached."""
        for index in range(10):
            ticket = self.sent(self.new(at(4), "help", anonymous=index < 4), "water", at(5, 11))
            self.do(ticket, handling.Sign(), "water", at(7, 12))
            self.do(ticket, REPLY, "water", at(14))
            self.do(ticket, checking.ApproveResult(), "checker", at(17))
            if index >= 4:
                for when in (at(18, 10), at(18, 15), at(19, 10)):
                    self.do(ticket, checking.RecordCallback(result="no_answer"), "caller", when)

    def c_and_d(self) -> None:
        """Eight answered at once, six of them rated; two refused."""
        for index in range(8):
            ticket = self.new(at(6, 10), "consult")
            self.do(ticket, answering.Answer(answer="可到社区办理。"), "agent", at(6, 10, 5))
            if index < 6:
                self.rate(ticket, 2 if index == 5 else 5, at(7))
        for _ in range(2):
            self.do(self.new(at(6, 11)), answering.Refuse(code="4"), "agent", at(6, 11, 5))

    def e(self) -> None:
        """Six went back from the first unit; the second still has them at the end of the month."""
        for _ in range(6):
            ticket = self.sent(self.new(at(20)), "lights", at(20, 10))
            self.do(ticket, ASK_RETURN, "handler", at(20, 14))
            self.do(ticket, returns.ApproveReturn(opinion="同意改派"), "dispatcher2", at(21, 10))
            self.sent(ticket, "water", at(21, 11))
            self.do(ticket, handling.Sign(), "water", at(21, 16))

    def f(self) -> None:
        """Four extended by five working days, from 24 to 31 March, and answered an hour before the end."""
        for _ in range(4):
            ticket = self.sent(self.new(at(10)), "street", at(10, 10))
            self.do(ticket, handling.Sign(), "stranger", at(10, 11))
            self.do(ticket, extensions.AskExtension(working_days=5, reason="等待配件"), "stranger", at(20))
            self.do(ticket, extensions.ApproveExtension(), "dispatcher", at(21))
            self.do(ticket, REPLY, "stranger", at(31, 23))

    def g(self) -> None:
        """Six received in February and due on 3 March; two are redone."""
        for index in range(6):
            ticket = self.sent(self.new(at(24, 9, month=2), "help"), "lights", at(24, 10, month=2))
            self.do(ticket, handling.Sign(), "handler", at(24, 11, month=2))
            self.do(ticket, REPLY, "handler", at(3, 20))
            self.do(ticket, checking.ApproveResult(), "checker", at(4))
            if index >= 2:
                self.called(ticket, at(5), satisfaction=4)
                continue
            self.called(ticket, at(5), contacted=False, solved=False, satisfaction=2, close=False)
            self.do(ticket, checking.Redo(reason="仍然不亮"), "caller", at(5, 10))
            self.do(ticket, REPLY, "handler", at(11))
            self.do(ticket, checking.ApproveResult(), "checker", at(12))
            self.called(ticket, at(13), satisfaction=4)

    def h(self) -> None:
        """Four that nobody dispatched."""
        for _ in range(4):
            self.new(at(27), "consult")

    def coverage(self) -> None:
        """Windows at two of five units; three of four items can be rated there."""
        for name in ("lights", "water"):
            points.create(self.city.unit[name], window="一号窗口")
        for index, name in enumerate(("lights", "lights", "water", "street")):
            ServiceItem.objects.create(code=f"S{index}", name=f"事项{index}", department=self.city.unit[name])

    def rectified(self) -> None:
        """Of the two bad reviews of 5 March one is made good in time."""
        row = Review.objects.filter(given_at=at(5), level=2).order_by("pk")[0].rectification  # type: ignore[attr-defined]
        actor = self.city.actor("handler")
        rectifying.verify(row.pk, actor=actor, truthful=True, finding="确实没有联系群众", now=at(7))
        rectifying.rectify(row.pk, actor=actor, measures="已经上门重新更换", now=at(11))
        rectifying.answer(row.pk, actor=actor, answer="已经向群众说明并致歉", now=at(20))


def _call(number: int, wait: float | None, rating: int = 0, outbound: bool = False) -> list[CallEvent]:
    """One call at noon of a day of the month: `wait` seconds until answered, -1 given up, None never asked."""
    start, name = at(1 + number % 28, 12), f"call-{number}"
    serial = count(1)

    def event(kind: Kind, seconds: float, **fields: object) -> CallEvent:
        moment = start + timedelta(seconds=seconds)
        return CallEvent(kind, "n1", name, moment, f"{name}:{next(serial)}", **fields)  # type: ignore[arg-type]

    made = [event(Kind.OUTBOUND if outbound else Kind.ARRIVED, 0, number="13800000001")]
    if wait is not None:
        made.append(event(Kind.QUEUED, 1, queue="normal"))
    if wait is not None and wait >= 0:
        made.append(event(Kind.CONNECTED, 1 + wait, seat="8001", leg=f"leg-{number}"))
        made.append(event(Kind.LEG_ENDED, 61 + wait, seat="8001", leg=f"leg-{number}"))
    if rating:
        made.append(event(Kind.RATED, 62, data={"level": rating}))
    return [*made, event(Kind.ENDED, 100)]


def calls() -> None:
    """60 answered within 15 s (ten of them rated), 10 after 20 s, 6 given up, 4 never asked; 3 placed by us."""
    waits: list[float | None] = [*([15.0] * 60), *([20.0] * 10), *([-1.0] * 6), *([None] * 4)]
    cache: dict[str, object] = {}
    for number, wait in enumerate(waits):
        append(_call(number, wait, (5 if number < 8 else 1) if number < 10 else 0), cache)  # type: ignore[arg-type]
    for number in range(100, 103):
        append(_call(number, 3.0, outbound=True), cache)  # type: ignore[arg-type]


def build(city: City) -> Month:
    """The whole month, with everything heard by the listeners."""
    month = Month(city)
    for group in (month.a, month.b, month.c_and_d, month.e, month.f, month.g, month.h, month.coverage):
        group()
    calls()
    fire_all(at(31, 23, 59))
    settle()
    month.rectified()
    settle()
    return month
