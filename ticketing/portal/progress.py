"""A ticket as its citizen sees it: who has it, which limit runs until when and why, what happened, what can be done.

Never shows staff, internal notes, internal reasons or an answer that was not approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from directory.worktime.source import calendar_for
from directory.worktime.text import due_words, remaining
from ticketing.lifecycle.actions.citizens import URGE_AGAIN_AFTER
from ticketing.lifecycle.capacities import is_lead
from ticketing.lifecycle.table import Action, Capacity, allowed
from ticketing.models import Assignment, Attachment, Clock, Pause, Ticket, TicketEvent
from ticketing.terms import CLOCK_OPEN, ENDED, ClockName, ClockState, LimitUnit, Status

from . import words
from .story import HOTLINE, Step, story

_HOURS_UNTIL = timedelta(hours=48)
_ANSWER_SHOWN = {Status.TO_CALL_BACK, Status.CLOSED, Status.ARCHIVED, Status.ANSWERED, Status.REFUSED}


@dataclass(frozen=True)
class Limit:
    """One running limit in plain words; `why` is the explanation line by line."""

    what: str
    left: str
    due_at: datetime | None
    late: bool
    provisional: bool
    paused_since: datetime | None
    paused_why: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the citizen may do now; `urge_from`: a second urging is possible from then on."""

    evidence: bool
    urge: bool
    urge_from: datetime | None
    withdraw: bool
    rate: bool
    rated: str
    reopen: bool
    reopen_until: datetime | None

    def any(self) -> bool:
        return self.evidence or self.urge or self.withdraw or self.rate or self.reopen


@dataclass(frozen=True)
class Progress:
    ticket: Ticket
    status: str
    headline: str
    next_step: str
    holder: str
    limits: tuple[Limit, ...]
    promised: str
    steps: tuple[Step, ...]
    answer: str
    files: tuple[Attachment, ...]
    can: Choices


def load(ticket_id: int) -> Ticket | None:
    """The ticket with everything the page names, in one statement."""
    related = ("lead", "region", "category", "master__lead")
    return Ticket.objects.select_related(*related).filter(pk=ticket_id).first()


def progress(ticket: Ticket, now: datetime | None = None) -> Progress:
    """The page's content; a constant number of queries. A merged ticket shows its master's work."""
    moment = now or timezone.now()
    worked = ticket.master if ticket.status == Status.MERGED and ticket.master is not None else ticket
    unit = str(worked.lead) if worked.lead else "责任单位"
    events = list(TicketEvent.objects.filter(ticket=ticket).select_related("department").order_by("seq"))
    headline, following = words.STATUS[Status(ticket.status)]
    if worked is not ticket:
        headline = f"{headline}：{words.STATUS[Status(worked.status)][0]}"
    return Progress(
        ticket=ticket,
        status=worked.status,
        headline=headline.format(unit=unit),
        next_step=following.format(unit=unit),
        holder=_holder(worked),
        limits=_limits(worked, unit, moment),
        promised=_promised(worked, moment),
        steps=story(ticket, events),
        answer=worked.public_answer if worked.status in _ANSWER_SHOWN else "",
        files=tuple(Attachment.objects.filter(ticket=ticket, public=True).order_by("pk")),
        can=_choices(ticket, events, moment),
    )


def _holder(ticket: Ticket) -> str:
    if ticket.status in {Status.TO_SIGN, Status.HANDLING, Status.REDOING} and ticket.lead:
        return str(ticket.lead.name)
    if ticket.status == Status.TO_110:
        return "110报警服务台"
    if ticket.status == Status.TO_PLATFORM:
        return "接收的平台"
    ended = ticket.status in {Status.CLOSED, Status.ARCHIVED, Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN}
    return "已结束" if ended else HOTLINE


def _limits(ticket: Ticket, unit: str, now: datetime) -> tuple[Limit, ...]:
    """The open clocks of the ticket and of the share that answers for it, the promise to the citizen first."""
    lead = next((a for a in Assignment.objects.filter(ticket=ticket).order_by("-pk") if is_lead(a)), None)
    clocks = [
        clock
        for clock in Clock.objects.filter(ticket=ticket, state__in=list(CLOCK_OPEN))
        if clock.assignment_id is None or (lead is not None and clock.assignment_id == lead.pk)
    ]
    paused = [clock.pk for clock in clocks if clock.state == ClockState.PAUSED]
    stretches = {pause.clock_id: pause for pause in Pause.objects.filter(clock__in=paused, ends_at__isnull=True)}
    order = list(words.CLOCKS)
    clocks.sort(key=lambda clock: order.index(ClockName(clock.name)))
    return tuple(_limit(clock, unit, stretches.get(clock.pk), ticket.city_id, now) for clock in clocks)


def _limit(clock: Clock, unit: str, pause: Pause | None, region: str, now: datetime) -> Limit:
    due_at = clock.due_at
    left = _left(clock, region, now)
    return Limit(
        what=words.CLOCKS[ClockName(clock.name)].format(unit=unit),
        left=left,
        due_at=due_at,
        late=due_at is not None and now > due_at,
        provisional=clock.provisional,
        paused_since=pause.starts_at if pause else None,
        paused_why=pause.reason if pause else "",
        why=tuple(str(line) for line in clock.explanation),
    )


def _left(clock: Clock, region: str, now: datetime) -> str:
    """Working days for limits in working days; hours for the others, whose `2 working days left` would mislead."""
    if clock.due_at is None:
        return "计时已暂停"
    over = now >= clock.due_at
    if over or clock.policy.get("unit") == LimitUnit.WORKING_DAYS or clock.due_at - now > _HOURS_UNTIL:
        return remaining(clock.due_at, now, calendar_for(region), provisional=clock.provisional)
    hours, minutes = divmod((clock.due_at - now) // timedelta(minutes=1), 60)
    left = f"{hours}小时" if hours else f"{max(minutes, 1)}分钟"
    return f"还剩{left}，{due_words(clock.due_at, now)}前"


def _promised(ticket: Ticket, now: datetime) -> str:
    """The first promise, which stays visible when a later unit or an extension moved the limit."""
    return f"{due_words(ticket.promised_at, now)}前" if ticket.promised_at else ""


def _choices(ticket: Ticket, events: Sequence[TicketEvent], now: datetime) -> Choices:
    moves = {move.action for move in allowed(ticket.status, frozenset({Capacity.CITIZEN}))}
    last_urge = next((e.at for e in reversed(events) if e.action == Action.URGE and e.actor_kind == "citizen"), None)
    rated = next((e for e in reversed(events) if e.action == Action.RATE and _after_end(e, ticket)), None)
    window = ticket.closed_at + timedelta(days=settings.REOPEN_DAYS) if ticket.closed_at else None
    again = last_urge + URGE_AGAIN_AFTER if last_urge else None
    may_reopen = bool(moves & {Action.REOPEN, Action.REOPEN_ANSWER}) and ticket.reopen_count == 0
    return Choices(
        evidence=Action.EVIDENCE in moves,
        urge=Action.URGE in moves and (again is None or again <= now),
        urge_from=again if Action.URGE in moves and again and again > now else None,
        withdraw=Action.WITHDRAW in moves and not ticket.merged.exists(),
        rate=Action.RATE in moves and rated is None and not _still_handled(ticket),
        rated=words.level(rated.data.get("level")) if rated else "",
        reopen=may_reopen and (window is None or now <= window),
        reopen_until=window,
    )


def _still_handled(ticket: Ticket) -> bool:
    """Merged into another one that has no result yet: nothing to rate."""
    return ticket.status == Status.MERGED and ticket.master is not None and ticket.master.status not in ENDED


def _after_end(event: TicketEvent, ticket: Ticket) -> bool:
    return ticket.closed_at is None or event.at >= ticket.closed_at
