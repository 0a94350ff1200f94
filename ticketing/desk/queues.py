"""The work queues: for whom, which tickets, in which order. Every question meets an index; counts are capped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from directory.models import Role
from ticketing.lifecycle.actors import Actor
from ticketing.models import Assignment, Decision, ExtensionRequest, ReturnRequest, Supervision, Ticket
from ticketing.terms import ASSIGNMENT_OPEN, ENDED, AssignmentStatus, Status, Urgency
from ticketing.visibility import visible

#: a count stops here: what is more is work for a week and needs no exact number
CAP = 999
SOON = timedelta(hours=24)

R = Role
FRONT = frozenset({R.AGENT, R.DISPATCHER, R.SUPERVISOR})
RULING = frozenset({R.DISPATCHER, R.SUPERVISOR})
UNITS = frozenset({R.HANDLER, R.UNIT_HEAD})
EVERYBODY = frozenset(Role)

Where = Callable[[Actor, datetime], Q]


@dataclass(frozen=True)
class Queue:
    """`order`: soonest due first ("due") or newest first ("new"); `tone` colours the tile when it is not empty."""

    code: str
    label: str
    group: str
    roles: frozenset[Role]
    where: Where
    order: str = "due"
    tone: str = ""


@dataclass(frozen=True)
class Counted:
    """A queue with its count, at most `CAP`."""

    queue: Queue
    count: int

    @property
    def words(self) -> str:
        return f"{CAP}+" if self.count > CAP else str(self.count)


def _status(*statuses: Status) -> Where:
    return lambda actor, now: Q(status__in=statuses) if len(statuses) > 1 else Q(status=statuses[0])


def _units(actor: Actor) -> frozenset[int]:
    return actor.standing.departments if actor.standing else frozenset()


def _share(*statuses: AssignmentStatus) -> Where:
    """The unit's own shares in one of `statuses`, lead or assist."""

    def where(actor: Actor, now: datetime) -> Q:
        shares = Assignment.objects.filter(department_id__in=_units(actor), status__in=statuses)
        return Q(pk__in=shares.values("ticket_id"))

    return where


def _open_share(actor: Actor) -> Q:
    shares = Assignment.objects.filter(department_id__in=_units(actor), status__in=ASSIGNMENT_OPEN)
    return Q(pk__in=shares.values("ticket_id"))


def _supervised(actor: Actor, now: datetime) -> Q:
    rows = Supervision.objects.filter(department_id__in=_units(actor), answered_at=None)
    return Q(pk__in=rows.values("ticket_id")) & still_open()


def soon(now: datetime) -> Q:
    """Due within a day: only open tickets have a due time, so the time alone says it and meets its index."""
    return Q(due_at__gt=now, due_at__lte=now + SOON)


def still_open() -> Q:
    """Open, asked the other way round: a list of the open statuses would draw the database away from better indexes."""
    return ~Q(status__in=ENDED)


def _asked() -> QuerySet[ReturnRequest]:
    """Open requests of shares that still wait for the ruling: a withdrawn ticket's request asks nobody any more."""
    return ReturnRequest.objects.filter(decision=Decision.OPEN, assignment__status=AssignmentStatus.RETURN_ASKED)


def _returns(actor: Actor, now: datetime) -> Q:
    return Q(pk__in=_asked().values("ticket_id"))


def _returns_from_below(actor: Actor, now: datetime) -> Q:
    return Q(pk__in=_asked().filter(assignment__parent__department_id__in=_units(actor)).values("ticket_id"))


def _extensions(actor: Actor, now: datetime) -> Q:
    rows = ExtensionRequest.objects.filter(decision=Decision.OPEN, assignment__status=AssignmentStatus.HANDLING)
    return Q(pk__in=rows.values("ticket_id")) & Q(status__in=(Status.HANDLING, Status.REDOING))


S = Status
HOTLINE, UNIT, WATCH, REST = "热线", "我的单位", "时限与督办", "全部"
WAITING = (S.NEW, S.TO_DISPATCH)

QUEUES: tuple[Queue, ...] = (
    Queue(
        "urgent",
        "紧急待派",
        HOTLINE,
        FRONT,
        lambda a, n: Q(status__in=WAITING) & ~Q(urgency=Urgency.NORMAL),
        tone="late",
    ),
    Queue("new", "待审核", HOTLINE, FRONT, _status(S.NEW)),
    Queue("to_dispatch", "待派单", HOTLINE, RULING, _status(S.TO_DISPATCH)),
    Queue("to_sign", "待签收", HOTLINE, RULING, _status(S.TO_SIGN)),
    Queue("returns", "退单待审", HOTLINE, RULING, _returns, tone="warn"),
    Queue("extensions", "待延期审批", HOTLINE, RULING | {R.CHECKER}, _extensions, tone="warn"),
    Queue("handling", "办理中", HOTLINE, RULING, _status(S.HANDLING)),
    Queue("to_check", "待结果审核", HOTLINE, frozenset({R.CHECKER, R.SUPERVISOR}), _status(S.TO_CHECK)),
    Queue("to_call_back", "待回访", HOTLINE, frozenset({R.CALLBACK_CLERK, R.SUPERVISOR}), _status(S.TO_CALL_BACK)),
    Queue("redoing", "重办中", HOTLINE, RULING | {R.CALLBACK_CLERK}, _status(S.REDOING)),
    Queue("to_review", "改类待复核", HOTLINE, frozenset({R.SUPERVISOR}), lambda a, n: Q(to_review=True), tone="warn"),
    Queue(
        "taken",
        "我登记的",
        HOTLINE,
        frozenset({R.AGENT, R.WINDOW_CLERK}),
        lambda a, n: Q(taken_by_id=a.staff_id),
        "new",
    ),
    Queue("unit_to_sign", "待我单位签收", UNIT, UNITS, _share(AssignmentStatus.TO_SIGN), tone="warn"),
    Queue("unit_handling", "我单位办理中", UNIT, UNITS, _share(AssignmentStatus.HANDLING)),
    Queue("unit_redoing", "我单位重办", UNIT, UNITS, lambda a, n: Q(lead_id__in=_units(a), status=S.REDOING)),
    Queue("unit_returns", "下级退单待审", UNIT, UNITS, _returns_from_below, tone="warn"),
    Queue("unit_supervised", "待督办反馈", UNIT, UNITS, _supervised, tone="warn"),
    Queue("unit_soon", "我单位即将到期", UNIT, UNITS, lambda a, n: _open_share(a) & soon(n), tone="warn"),
    Queue("unit_late", "我单位超期", UNIT, UNITS, lambda a, n: _open_share(a) & Q(late=True), tone="late"),
    Queue("unit_replied", "我单位已反馈", UNIT, UNITS, _share(AssignmentStatus.REPLIED), "new"),
    Queue("soon", "即将到期", WATCH, RULING | {R.CHECKER}, lambda a, n: soon(n), tone="warn"),
    Queue("late", "超期", WATCH, RULING | {R.CHECKER}, lambda a, n: Q(late=True), tone="late"),
    Queue("open", "全部在办", REST, EVERYBODY, lambda a, n: still_open()),
    Queue("all", "全部工单", REST, EVERYBODY, lambda a, n: Q(), "new"),
)
BY_CODE = {queue.code: queue for queue in QUEUES}
#: their count says nothing about work and would cost the most
UNCOUNTED = frozenset({"open", "all"})


def of(actor: Actor) -> list[Queue]:
    """The queues of the actor's roles."""
    return [queue for queue in QUEUES if actor.standing and actor.standing.has(*queue.roles)]


def find(actor: Actor, code: str) -> Queue | None:
    """The queue with that code when it is one of the actor's."""
    queue = BY_CODE.get(code)
    return queue if queue and actor.standing and actor.standing.has(*queue.roles) else None


def tickets(queue: Queue, actor: Actor, now: datetime) -> QuerySet[Ticket]:
    return visible(actor).filter(queue.where(actor, now))


def capped(rows: QuerySet[Ticket]) -> int:
    """How many there are, at most `CAP` + 1: the database stops counting there."""
    return rows.order_by()[: CAP + 1].count()


def counts(actor: Actor, now: datetime) -> list[Counted]:
    return [Counted(queue, capped(tickets(queue, actor, now))) for queue in of(actor) if queue.code not in UNCOUNTED]
