"""The demo city at work: self-written complaints walk the real lifecycle at past times, into every status.

Nothing is painted: each ticket is accepted, dispatched, signed … by the same commands as in life, with the times given.
The same stage again adds nothing (each ticket has an external number of its own); after a run that was cut off it adds
what is missing, for a ticket's whole way is one transaction.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from directory.access import Bound, Standing
from directory.models import Category, Department, Region, Role, RoleBinding, Staff
from ticketing.errors import TicketError
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.intake.routing import unit_for
from ticketing.lifecycle.actions import answering, checking, citizens, extensions, handling, linking, returns, triage
from ticketing.lifecycle.actions.dispatching import Dispatch
from ticketing.lifecycle.actors import SYSTEM, Actor, citizen_actor, staff_actor
from ticketing.lifecycle.engine import Command, act
from ticketing.models import Ticket
from ticketing.privacy.identity import Person
from ticketing.terms import Status

DATA = Path(__file__).parent.parent / "data" / "complaints.jsonl"
#: stage: (tickets, days they reach back)
STAGES = {"quiet": (90, 20), "busy": (600, 45), "storm": (3000, 60)}
CHANNELS = (("phone", 60), ("web", 14), ("wechat", 12), ("mini_program", 6), ("window", 5), ("app", 3))
#: where the walk ends: (status or branch, weight)
ENDS = (
    ("new", 8),
    ("to_dispatch", 6),
    ("to_sign", 8),
    ("return_asked", 2),
    ("returned", 2),
    ("handling", 15),
    ("extension", 3),
    ("paused", 2),
    ("to_check", 5),
    ("sent_back", 2),
    ("to_call_back", 6),
    ("redoing", 2),
    ("closed", 22),
    ("archived", 2),
    ("answered", 9),
    ("refused", 2),
    ("to_110", 1),
    ("to_platform", 1),
    ("merged", 1),
    ("withdrawn", 1),
)
_AT_WORK = ("handling", "extension", "paused", "to_check", "sent_back", "to_call_back", "redoing")
#: of what is still at work, this share came within so many days; the rest is what the supervisors are for
IN_TIME, DAYS_AT_WORK = 0.92, 9
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = ("女士", "先生", "师傅", "阿姨", "老师")


@dataclass(frozen=True)
class Story:
    """A complaint of the demo and how far it goes."""

    number: int
    text: dict[str, Any]
    end: str
    channel: str
    created_at: datetime


class Cast:
    """The people of the demo city who act."""

    def __init__(self) -> None:
        self._people = {role: self._first(role) for role in Role.values}
        self._units: dict[int, Actor] = {}

    @staticmethod
    def _first(role: str) -> Staff | None:
        return Staff.objects.filter(bindings__role=role, is_active=True).order_by("pk").first()

    def hotline(self, role: str) -> Actor:
        person = self._people[role]
        if person is None:
            raise LookupError(f"nobody in the directory is {role}; load the demo city first: manage.py load_city")
        return staff_actor(person)

    def unit(self, unit: Department) -> Actor:
        """A handler of the unit; where the demo gives it none, the first handler acts for it."""
        if unit.pk not in self._units:
            binding = RoleBinding.objects.filter(department=unit, role=Role.HANDLER).select_related("staff").first()
            person = binding.staff if binding else self._people[Role.HANDLER]
            if person is None:
                raise LookupError("nobody in the directory is handler; load the demo city first: manage.py load_city")
            bounds = (Bound(Role.HANDLER, unit.pk, ""), Bound(Role.UNIT_HEAD, unit.pk, ""))
            self._units[unit.pk] = Actor("staff", "desk", Standing(person.pk, str(person), bounds))
        return self._units[unit.pk]


def stories(stage: str, now: datetime) -> list[Story]:
    """The stage's tickets, oldest first; the same for every run on the same day."""
    count, days = STAGES[stage]
    texts = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines() if line.strip()]
    chance = random.Random(f"{stage}-12345")
    found = []
    names, weights = [name for name, _ in ENDS], [weight for _, weight in ENDS]
    ends = names + chance.choices(names, weights, k=count - len(names))  # each at least once
    for number, end in enumerate(ends):
        channel = chance.choices([name for name, _ in CHANNELS], [weight for _, weight in CHANNELS])[0]
        back = timedelta(days=days * chance.random() ** 1.3, minutes=chance.randrange(600))
        if end in _AT_WORK and chance.random() < IN_TIME:
            back = timedelta(days=DAYS_AT_WORK * chance.random() ** 1.5)
        if end in ("new", "to_dispatch", "to_sign", "return_asked", "returned"):
            back = timedelta(hours=30 * chance.random() ** 2)
        if end == "archived":
            back = timedelta(days=settings.ARCHIVE_DAYS + 12 + 20 * chance.random())
        created = (now - back).replace(microsecond=0)
        found.append(Story(number, texts[number % len(texts)], end, channel, created))
    return sorted(found, key=lambda story: story.created_at)


class Director:
    """Walks each story through the lifecycle."""

    def __init__(self, stage: str, now: datetime | None = None) -> None:
        self._stage = stage
        self._now = now or timezone.now()
        self._cast = Cast()
        self._categories = dict(Category.objects.values_list("code", "pk"))
        self._regions = set(Region.objects.values_list("code", flat=True))
        self._clock = self._now
        self._chance = random.Random(stage)

    def play(self, progress: Callable[[int], None] | None = None) -> int:
        """Plays the stage; returns how many tickets are new."""
        new = 0
        for index, story in enumerate(stories(self._stage, self._now), start=1):
            new += self._tell(story)
            if progress is not None:
                progress(index)
        return new

    @transaction.atomic
    def _tell(self, story: Story) -> bool:
        self._clock = story.created_at
        accepted = accept(self._report(story), actor=SYSTEM, now=story.created_at)
        if accepted.new:
            try:
                for step in self._steps(story, accepted.ticket):
                    step()
            except TicketError:
                # a walk may meet a rule (a return after its day); the ticket then simply stands where it is
                return True
        return accepted.new

    def _report(self, story: Story) -> Report:
        text = story.text
        chance = random.Random(story.number)
        anonymous = chance.random() < 0.05
        person = Person(
            name="" if anonymous else chance.choice(SURNAMES) + chance.choice(GIVEN),
            phone="" if anonymous else f"1{chance.choice('3578')}0{chance.randrange(10**8):08d}",
            address="",
        )
        return Report(
            channel=story.channel,
            external_id=f"demo-{self._stage}-{story.number}",
            title=text["title"],
            body=text["body"],
            region=text["region"] if text["region"] in self._regions else "",
            place=text.get("place", "")[:300],
            urgency="urgent" if text.get("urgent") else "normal",
            anonymous=anonymous,
            confidential=chance.random() < 0.04,
            publishable=chance.random() < 0.6,
            person=person,
            created_at=story.created_at,
        )

    def _do(self, ticket: Ticket, command: Command, actor: Actor, *, after: float) -> Ticket:
        """Acts `after` hours later, never in the future."""
        self._clock = min(self._clock + timedelta(hours=after * (0.5 + self._chance.random())), self._now)
        return act(ticket.pk, command, actor=actor, now=self._clock)

    def _steps(self, story: Story, ticket: Ticket) -> Iterator[Callable[[], Ticket]]:
        """The ticket's way, one action at a time, as far as its end says."""
        desk, text = self._cast.hotline(Role.DISPATCHER), story.text
        early: dict[str, Command] = {
            "answered": answering.Answer(answer=text["reply"]),
            "refused": answering.Refuse(code="4"),
            "to_110": answering.To110(reason="属于110职责范围"),
            "to_platform": answering.ToPlatform(platform="河南省12345热线", reason="省级部门职责"),
            "withdrawn": answering.Withdraw(reason="问题已自行解决"),
        }
        if story.end == "new":
            return
        if story.end in early:
            actor = self._cast.hotline(Role.AGENT) if story.end == "withdrawn" else desk
            yield lambda: self._do(ticket, early[story.end], actor, after=0.2)
            return
        if story.end == "merged":
            master = Ticket.objects.filter(status=Status.HANDLING, city=ticket.city).exclude(pk=ticket.pk).first()
            if master is not None:
                yield lambda: self._do(ticket, linking.MergeInto(master=master.number), desk, after=0.5)
            return
        facts = triage.Triage(kind=text["kind"], category=self._categories.get(text["category"]))
        yield lambda: self._do(ticket, facts, desk, after=0.5)
        if story.end != "to_dispatch":
            yield from self._in_unit(story, ticket, desk)

    def _in_unit(self, story: Story, ticket: Ticket, desk: Actor) -> Iterator[Callable[[], Ticket]]:
        found = unit_for(self._categories.get(story.text["category"]), ticket.region_id or ticket.city_id, self._clock)
        if found is None:
            return
        unit = Department.objects.get(pk=found.lead_id)
        handler = self._cast.unit(unit)
        assists = tuple(pk for pk in found.assist_ids if self._chance.random() < 0.3)
        yield lambda: self._do(ticket, Dispatch(lead=unit.pk, assists=assists, opinion="请依职责办理"), desk, after=1)
        if story.end == "to_sign":
            return
        if story.end in ("return_asked", "returned"):
            ask = returns.AskReturn(
                ground="not_our_duty", cited_duty="三定规定", reason="经核实不属于本单位职责范围，请重新派单。"
            )
            yield lambda: self._do(ticket, ask, handler, after=2)
            if story.end == "returned":
                yield lambda: self._do(ticket, returns.ApproveReturn(opinion="情况属实"), desk, after=3)
            return
        yield lambda: self._do(ticket, handling.Sign(), handler, after=5)
        contact = handling.Contact(note="已电话联系反映人，了解具体情况。")
        yield lambda: self._do(ticket, contact, handler, after=3)
        yield from self._at_work(story, ticket, handler)

    def _at_work(self, story: Story, ticket: Ticket, handler: Actor) -> Iterator[Callable[[], Ticket]]:
        if story.end in ("handling", "extension", "paused"):
            note = handling.AddNote(text="已到现场查看，正在制定处置方案。", public=True)
            yield lambda: self._do(ticket, note, handler, after=8)
            if story.end == "extension":
                ask = extensions.AskExtension(working_days=3, reason="需采购配件，施工周期较长。")
                yield lambda: self._do(ticket, ask, handler, after=6)
            if story.end == "paused":
                pause = handling.PauseClock(ground="material", reason="等待反映人补充合同材料")
                yield lambda: self._do(ticket, pause, handler, after=6)
            return
        good, solved = story.text["reply"], self._chance.random() < 0.85
        reply = handling.SubmitReply(
            public_answer=story.text.get("bad_reply") or good if story.end == "sent_back" else good,
            internal_note="现场处置完毕，照片存档。",
            truthful=True,
            solved=solved,
            unsolved_reason="" if solved else "涉及历史遗留问题，需分步解决",
            close_silent="协办单位无需另行反馈",
        )
        yield lambda: self._do(ticket, reply, handler, after=60)
        checker = self._cast.hotline(Role.CHECKER)
        if story.end == "sent_back":
            yield lambda: self._do(ticket, checking.SendBack(reason="答复未说明整改结果"), checker, after=4)
        elif story.end != "to_check":
            yield lambda: self._do(ticket, checking.ApproveResult(publish=True), checker, after=4)
            yield from self._after_answer(story, ticket)

    def _after_answer(self, story: Story, ticket: Ticket) -> Iterator[Callable[[], Ticket]]:
        clerk = self._cast.hotline(Role.CALLBACK_CLERK)
        if story.end == "to_call_back":
            return
        ticket.refresh_from_db()
        if ticket.status == Status.TO_CALL_BACK:
            if story.end == "redoing":
                yield lambda: self._do(ticket, checking.Redo(reason="反映人表示问题没有解决"), clerk, after=20)
                return
            level = self._chance.choices((5, 4, 3, 2, 1), (45, 30, 12, 8, 5))[0]
            answers = checking.RecordCallback(
                result="reached", contacted=self._chance.random() < 0.96, solved=level >= 3, satisfaction=level
            )
            yield lambda: self._do(ticket, answers, clerk, after=20)
        if story.end == "archived":
            yield lambda: self._do(ticket, checking.Archive(), SYSTEM, after=48 * settings.ARCHIVE_DAYS)
            return
        if self._chance.random() < 0.25:
            rating = citizens.Rate(level=self._chance.choices((5, 4, 3, 2, 1), (40, 30, 15, 10, 5))[0])
            yield lambda: self._do(ticket, rating, citizen_actor(ticket.pk), after=10)
