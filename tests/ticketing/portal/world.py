"""A very small city for the portal's tests: one unit, its handler, the hotline's people, one matter."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from directory.models import Category, Department, DepartmentKind, Region, RegionLevel, RoleBinding, Staff
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
    other_unit: Department
    category: Category
    staff: dict[str, Staff]

    def accept(self, **changes: object) -> Accepted:
        person = Person(name="王秀英", phone=PHONE)
        facts: dict[str, object] = {
            "channel": "web",
            "kind": "help",
            "title": "路灯不亮",
            "body": "小区门口的路灯坏了一个星期，老人晚上看不见路。",
            "region": "410105",
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
    province = Region.objects.create(code="410000", name="河南省", level=RegionLevel.PROVINCE)
    city = Region.objects.create(code="410100", name="郑州市", level=RegionLevel.CITY, parent=province)
    Region.objects.create(code="410105", name="金水区", level=RegionLevel.COUNTY, parent=city)
    Region.objects.create(code="410102", name="中原区", level=RegionLevel.COUNTY, parent=city)
    hotline = Department.objects.create(code="H", name="热线中心", region=city, kind=DepartmentKind.HOTLINE)
    unit = Department.objects.create(code="LAMP", name="路灯管理处", short_name="路灯处", region=city)
    other = Department.objects.create(code="BUS", name="公交公司", short_name="公交", region=city)
    root = Category.objects.create(code="01", name="城市建设", level=1, path="城市建设")
    leaf = Category.objects.create(code="0101", name="路灯", level=2, path="城市建设/路灯", parent=root)
    staff = {}
    for name, role, department in (
        ("dispatcher", "dispatcher", hotline),
        ("checker", "checker", hotline),
        ("callback", "callback_clerk", hotline),
        ("supervisor", "supervisor", hotline),
        ("handler", "handler", unit),
        ("stranger", "handler", other),
    ):
        person = Staff.objects.create(username=name, name=f"工作人员{name}")
        RoleBinding.objects.create(staff=person, role=role, department=department, region=city)
        staff[name] = person
    return World(unit, other, leaf, staff)
