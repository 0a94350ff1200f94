"""The small city as the portal's tests walk through it: one matter of one unit, from a citizen's form to its end."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from directory.models import Category, Department, Staff
from tests import city as cities
from ticketing.intake.accept import Accepted, accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actions.checking import ApproveResult, RecordCallback
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.handling import Sign, SubmitReply
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import citizen_actor, staff_actor
from ticketing.lifecycle.engine import Command, act
from ticketing.models import Ticket
from ticketing.privacy.identity import Person

PHONE = "13900001111"
ANSWER = "路灯线路已于昨日修复，您可以夜间查看。"


@dataclass
class World:
    unit: Department
    category: Category
    staff: dict[str, Staff]

    def accept(self, **changes: object) -> Accepted:
        person = Person(name="王秀英", phone=PHONE)
        facts: dict[str, object] = {
            "channel": "web",
            "kind": "help",
            "title": "路灯不亮",
            "body": "小区门口的路灯坏了一个星期，老人晚上看不见路。",
            "region": cities.DISTRICT,
            "place": "文化路口",
            "person": person,
            "publishable": True,
        }
        return accept(Report(**(facts | changes)), actor=citizen_actor())  # type: ignore[arg-type]

    def do(self, who: str, ticket: Ticket, command: Command) -> Ticket:
        return act(ticket.pk, command, actor=staff_actor(self.staff[who]))

    def dispatched(self, ticket: Ticket) -> Ticket:
        self.do("dispatcher", ticket, Triage(kind="help", category=self.category.pk))
        return self.do("dispatcher", ticket, Dispatch(lead=self.unit.pk))

    def replied(self, ticket: Ticket) -> Ticket:
        self.dispatched(ticket)
        self.do("handler", ticket, Sign())
        return self.do(
            "handler", ticket, SubmitReply(public_answer=ANSWER, internal_note="内部：已付材料费", solved=True)
        )

    def closed(self, ticket: Ticket, *, publish: bool = False) -> Ticket:
        self.replied(ticket)
        done = self.do("checker", ticket, ApproveResult(publish=publish))
        if done.status == "closed":
            return done
        return self.do(
            "callback", ticket, RecordCallback(result="reached", contacted=True, solved=True, satisfaction=5)
        )


def build() -> World:
    cache.clear()
    city = cities.build()
    return World(city.unit["lights"], city.category["lamp"], city.staff | {"callback": city.staff["caller"]})
