"""Signals of gaming: patterns worth a look, each with the tickets behind it. A signal accuses nobody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from ticketing.lifecycle.table import Action
from ticketing.models import Callback, Reply, Ticket, TicketEvent
from ticketing.terms import IN_UNIT, CallbackResult, Satisfaction

from .models import Review

#: so many reviews of one day from one number or address are a series
SERIES = 5
MOST = 50


@dataclass(frozen=True)
class Signal:
    """`tickets`: ids of the tickets to look at, at most `MOST`; `n`: how many there are."""

    code: str
    name: str
    meaning: str
    n: int
    tickets: tuple[int, ...]


def signals(start: datetime, end: datetime, city: str) -> list[Signal]:
    """All signals of the stretch [start, end) in one city."""
    return [
        _signal("late_change", "办理中改类", "派单后更改诉求类型或类别，可能改变期限", _late_change(start, end, city)),
        _signal("series", "成串评价", f"同一来源一天内评价不少于 {SERIES} 次", _series(start, end, city)),
        _signal("skipped", "未解决而未回访", "单位答复“未解决”、需要回访的工单没有回访", _skipped(start, end, city)),
        _signal("unhappy", "解决而不满意", "回访称已解决，评价却为不满意", _unhappy(start, end, city)),
        _signal(
            "claimed", "答复已解决而群众称未解决", "单位答复“已解决”，回访中群众称未解决", _claimed(start, end, city)
        ),
    ]


def _signal(code: str, name: str, meaning: str, tickets: list[int]) -> Signal:
    found = sorted(set(tickets))
    return Signal(code, name, meaning, len(found), tuple(found[:MOST]))


def _late_change(start: datetime, end: datetime, city: str) -> list[int]:
    rows = TicketEvent.objects.filter(
        action=Action.CORRECT, from_status__in=list(IN_UNIT), at__gte=start, at__lt=end, ticket__city_id=city
    )
    return list(rows.values_list("ticket_id", flat=True))


def _series(start: datetime, end: datetime, city: str) -> list[int]:
    rows = Review.objects.filter(given_at__gte=start, given_at__lt=end, city_id=city).exclude(origin_hash="")
    days = rows.annotate(day=TruncDate("given_at")).values("origin_hash", "day").annotate(n=Count("pk"))
    by_origin: dict[str, list[date]] = defaultdict(list)
    for row in days.filter(n__gte=SERIES).order_by():
        by_origin[row["origin_hash"]].append(row["day"])
    found: list[int] = []
    for origin, moments in by_origin.items():
        chosen = rows.filter(origin_hash=origin, given_at__date__in=moments, ticket__isnull=False)
        found += [pk for pk in chosen.values_list("ticket_id", flat=True) if pk is not None]
    return found


def _skipped(start: datetime, end: datetime, city: str) -> list[int]:
    called = Callback.objects.filter(ticket=OuterRef("pk"), tried_at__gte=OuterRef("replied_at"))
    unsolved = Reply.objects.filter(ticket=OuterRef("pk"), solved=False, superseded=False)
    rows = Ticket.objects.filter(
        Exists(unsolved),
        ~Exists(called),
        city_id=city,
        closed_at__gte=start,
        closed_at__lt=end,
        anonymous=False,
        history=False,
    )
    return list(rows.values_list("pk", flat=True))


def _unhappy(start: datetime, end: datetime, city: str) -> list[int]:
    rows = _reached(start, end, city).filter(solved=True, satisfaction__lte=Satisfaction.BAD)
    return list(rows.values_list("ticket_id", flat=True))


def _claimed(start: datetime, end: datetime, city: str) -> list[int]:
    claims = Reply.objects.filter(ticket=OuterRef("ticket"), solved=True, superseded=False)
    rows = _reached(start, end, city).filter(Exists(claims), solved=False)
    return list(rows.values_list("ticket_id", flat=True))


def _reached(start: datetime, end: datetime, city: str) -> QuerySet[Callback]:
    return Callback.objects.filter(
        result=CallbackResult.REACHED, tried_at__gte=start, tried_at__lt=end, ticket__city_id=city
    )
