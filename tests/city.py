"""A small city for tests: two districts of one city, a neighbouring city, a few units and one person for each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import import_module

from django.apps import apps
from django.contrib.auth.hashers import make_password

from directory.access import forget_trees
from directory.models import Category, Department, Duty, Region, Role, RoleBinding, Staff
from directory.worktime import source
from ticketing import memory
from ticketing.clocks import policies
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actions.handling import Sign, SubmitReply
from ticketing.lifecycle.actions.triage import Triage
from ticketing.lifecycle.actors import Actor, citizen_actor, staff_actor
from ticketing.lifecycle.engine import act
from ticketing.models import ClockPolicy, Ticket
from ticketing.privacy.identity import Person

CITY, OTHER_CITY, DISTRICT, DISTRICT_2, STREET = "410100", "410200", "410102", "410103", "410102001"
PASSWORD = "a-long-test-password"


@dataclass
class City:
    """`unit[...]`, `category[...]`, `staff[...]` by short names; `actor(name)` acts as that person."""

    unit: dict[str, Department] = field(default_factory=dict)
    category: dict[str, Category] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return staff_actor(self.staff[name])

    def report(self, **changes: object) -> Ticket:
        """A ticket fresh from the portal."""
        facts: dict[str, object] = {
            "channel": "web",
            "body": "小区门口的路灯坏了一周，晚上出行不便，请尽快维修。",
            "region": DISTRICT,
            "person": Person(name="测试甲", phone="13800000001"),
        }
        return accept(Report(**(facts | changes)), actor=citizen_actor()).ticket  # type: ignore[arg-type]

    def triaged(self, **changes: object) -> Ticket:
        ticket = self.report(**changes)
        facts = Triage(kind="complaint", category=self.category["lamp"].pk)
        return act(ticket.pk, facts, actor=self.actor("dispatcher"))

    def dispatched(self, lead: str = "lights", assists: tuple[str, ...] = (), **changes: object) -> Ticket:
        ticket = self.triaged(**changes)
        command = Dispatch(lead=self.unit[lead].pk, assists=tuple(self.unit[name].pk for name in assists))
        return act(ticket.pk, command, actor=self.actor("dispatcher"))

    def signed(self, **changes: object) -> Ticket:
        return act(self.dispatched(**changes).pk, Sign(), actor=self.actor("handler"))

    def replied(self, **changes: object) -> Ticket:
        command = SubmitReply(public_answer="已更换灯具，现已恢复照明。", internal_note="更换两只灯头", solved=True)
        return act(self.signed(**changes).pk, command, actor=self.actor("handler"))


@lru_cache(maxsize=1)
def _password() -> str:
    """Hashing is slow on purpose; once is enough."""
    return make_password(PASSWORD)


def build() -> City:
    """Writes the city to the test database."""
    city = City()
    default_limits()
    for code, name, parent, level in (
        ("410000", "河南省", None, "province"),
        (CITY, "郑州市", "410000", "city"),
        (OTHER_CITY, "开封市", "410000", "city"),
        (DISTRICT, "中原区", CITY, "county"),
        (DISTRICT_2, "二七区", CITY, "county"),
        (STREET, "林山寨街道", DISTRICT, "street"),
    ):
        Region.objects.create(code=code, name=name, parent_id=parent, level=level)
    for key, name, superior, region, kind in (
        ("hotline", "市热线中心", None, CITY, "hotline"),
        ("urban", "市城管局", None, CITY, "bureau"),
        ("lights", "市照明中心", "urban", CITY, "bureau"),
        ("crew", "照明抢修队", "lights", CITY, "other"),
        ("water", "市自来水公司", None, CITY, "company"),
        ("street", "林山寨街道办", None, STREET, "street"),
        ("far", "开封市城管局", None, OTHER_CITY, "bureau"),
    ):
        city.unit[key] = Department.objects.create(
            code=key.upper(),
            name=name,
            short_name=name,
            superior=city.unit.get(superior or ""),
            region_id=region,
            kind=kind,
        )
    top = Category.objects.create(code="01", name="市政设施", level=1, path="市政设施")
    middle = Category.objects.create(code="0101", name="照明", parent=top, level=2, path="市政设施/照明")
    for key, code, name, words in (
        ("lamp", "010101", "路灯不亮", "路灯;不亮;照明"),
        ("pole", "010102", "灯杆倾斜", "灯杆;倾斜"),
    ):
        city.category[key] = Category.objects.create(
            code=code, name=name, parent=middle, level=3, path=f"市政设施/照明/{name}", keywords=words
        )
    Duty.objects.create(category=middle, lead=city.unit["lights"], valid_from=date(2020, 1, 1), legal_basis="职责清单")
    for name, role, unit, region in (
        ("agent", Role.AGENT, "hotline", CITY),
        ("dispatcher", Role.DISPATCHER, "hotline", CITY),
        ("dispatcher2", Role.DISPATCHER, "hotline", CITY),
        ("checker", Role.CHECKER, "hotline", CITY),
        ("caller", Role.CALLBACK_CLERK, "hotline", CITY),
        ("supervisor", Role.SUPERVISOR, "hotline", CITY),
        ("window", Role.WINDOW_CLERK, None, CITY),
        ("editor", Role.KNOWLEDGE_EDITOR, "hotline", CITY),
        ("auditor", Role.AUDITOR, None, CITY),
        ("administrator", Role.ADMINISTRATOR, None, CITY),
        ("handler", Role.HANDLER, "lights", None),
        ("colleague", Role.HANDLER, "lights", None),
        ("head", Role.UNIT_HEAD, "lights", None),
        ("crew", Role.HANDLER, "crew", None),
        ("water", Role.HANDLER, "water", None),
        ("stranger", Role.HANDLER, "street", None),
        ("far_dispatcher", Role.DISPATCHER, None, OTHER_CITY),
        ("far_handler", Role.HANDLER, "far", None),
    ):
        person = Staff.objects.create(username=name, password=_password(), name=f"{name}员", job_number=name)
        city.staff[name] = person
        RoleBinding.objects.create(
            staff=person, role=role, department=city.unit[unit] if unit else None, region_id=region
        )
    forget()
    return city


def default_limits() -> None:
    """The rows of the data migration, which the flush after a test with real commits takes away."""
    if not ClockPolicy.objects.exists():
        import_module("ticketing.migrations.0002_default_limits").fill(apps, None)


def forget() -> None:
    """Caches of the directory outlive a test's rollback; each test starts without them."""
    forget_trees()
    policies.forget()
    memory.forget()
    source.forget()
