"""Signals of gaming: patterns worth a look, each with the tickets behind it. A signal accuses nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ticketing.lifecycle.table import Action
from ticketing.models import Callback, Reply, Ticket, TicketEvent
from ticketing.terms import IN_UNIT, CallbackResult, Satisfaction

from .models import Review, ReviewChange
from .terms import BAD_UP_TO, OWN_CHANNELS, ReviewChannel, ReviewKind

#: calls' keys → keyed digest of the number that called; calls live above this floor, so the asker brings it
Numbers = Callable[[list[str]], Mapping[str, str]]
#: so many reviews of one day from one number or address are a series
SERIES = 5
MOST = 500


@dataclass(frozen=True)
class Signal:
    """`n` tickets to look at (or `n` of `reviews`, which names those without a ticket too), at most `MOST` by id."""

    code: str
    name: str
    meaning: str
    n: int
    tickets: tuple[int, ...]
    reviews: tuple[int, ...] = ()

    @property
    def shown(self) -> int:
        return len(self.reviews or self.tickets)


@dataclass(frozen=True)
class Stretch:
    """[start, end) in one city; `tickets` and `reviews` limit it further to what somebody may see or asked for."""

    start: datetime
    end: datetime
    city: str
    tickets: QuerySet[Ticket] | None = None
    reviews: QuerySet[Review] | None = None

    def within(self, column: str) -> dict[str, datetime]:
        return {f"{column}__gte": self.start, f"{column}__lt": self.end}

    def of_tickets(self, path: str) -> Q:
        """The condition on rows whose ticket lies behind `path` ("" for tickets themselves)."""
        city = Q(**{f"{path}__city_id" if path else "city_id": self.city})
        return city if self.tickets is None else city & Q(**{f"{path or 'pk'}__in": self.tickets})


def signals(
    start: datetime,
    end: datetime,
    city: str,
    numbers: Numbers | None = None,
    *,
    tickets: QuerySet[Ticket] | None = None,
    reviews: QuerySet[Review] | None = None,
) -> list[Signal]:
    """All signals of the stretch [start, end) in one city, or among some of its tickets and reviews.

    Without `numbers`, calls rated in series stay unknown.
    """
    asked = Stretch(start, end, city, tickets, reviews)
    return [
        _signal("late_change", "办理中改类", "派单后更改诉求类型或类别，可能改变期限", _late_change(asked)),
        _series_signal(_series(asked, numbers)),
        _signal("skipped", "未解决而未回访", "单位答复“未解决”、需要回访的工单没有回访", _skipped(asked)),
        _signal("unhappy", "解决而不满意", "回访称已解决，评价却为不满意", _unhappy(asked)),
        _signal("claimed", "答复已解决而群众称未解决", "单位答复“已解决”，回访中群众称未解决", _claimed(asked)),
        _signal("raised", "回访后差评变好评", "群众自己给的差评，回访登记后改成了好评", _raised(asked)),
    ]


def _signal(code: str, name: str, meaning: str, tickets: list[int]) -> Signal:
    found = sorted(set(tickets))
    return Signal(code, name, meaning, len(found), tuple(found[:MOST]))


def _late_change(asked: Stretch) -> list[int]:
    """A corrected place or urgency is none: it moves no case from one rate to another."""
    rows = TicketEvent.objects.filter(
        asked.of_tickets("ticket"),
        Q(data__before__has_key="kind") | Q(data__before__has_key="category_id"),
        action=Action.CORRECT,
        from_status__in=list(IN_UNIT),
        **asked.within("at"),
    )
    return list(rows.values_list("ticket_id", flat=True))


def _series(asked: Stretch, numbers: Numbers | None) -> list[Review]:
    """The reviews of one local day that came from one number or address, `SERIES` or more of them."""
    every = Review.objects.filter(city_id=asked.city) if asked.reviews is None else asked.reviews
    rows = every.filter(channel__in=list(OWN_CHANNELS), **asked.within("given_at"))
    # a tablet at a window is rated in series by its nature
    unknown = rows.filter(kind=ReviewKind.CALL, origin_hash="").exclude(channel=ReviewChannel.QR)
    calls = list(unknown.order_by("pk")) if numbers else []
    callers = numbers([review.key for review in calls]) if numbers and calls else {}
    gathered: dict[tuple[str, date], list[Review]] = defaultdict(list)
    for review in [*rows.exclude(origin_hash="").order_by("pk"), *calls]:
        if origin := review.origin_hash or callers.get(review.key, ""):
            gathered[origin, timezone.localdate(review.given_at)].append(review)
    return [review for found in gathered.values() if len(found) >= SERIES for review in found]


def _series_signal(found: Iterable[Review]) -> Signal:
    reviews = sorted(found, key=lambda review: review.pk)
    tickets = sorted({review.ticket_id for review in reviews if review.ticket_id is not None})
    meaning = f"同一号码或网络地址一天内评价不少于 {SERIES} 次"
    shown = tuple(review.pk for review in reviews[:MOST])
    return Signal("series", "成串评价", meaning, len(reviews), tuple(tickets[:MOST]), shown)


def _skipped(asked: Stretch) -> list[int]:
    called = Callback.objects.filter(ticket=OuterRef("pk"), tried_at__gte=OuterRef("replied_at"))
    unsolved = Reply.objects.filter(ticket=OuterRef("pk"), solved=False, superseded=False)
    rows = Ticket.objects.filter(
        asked.of_tickets(""),
        Exists(unsolved),
        ~Exists(called),
        anonymous=False,
        wants_callback=True,
        history=False,
        **asked.within("closed_at"),
    )
    return list(rows.values_list("pk", flat=True))


def _unhappy(asked: Stretch) -> list[int]:
    rows = _reached(asked).filter(solved=True, satisfaction__lte=Satisfaction.BAD)
    return list(rows.values_list("ticket_id", flat=True))


def _claimed(asked: Stretch) -> list[int]:
    claims = Reply.objects.filter(ticket=OuterRef("ticket"), solved=True, superseded=False)
    rows = _reached(asked).filter(Exists(claims), solved=False)
    return list(rows.values_list("ticket_id", flat=True))


def _raised(asked: Stretch) -> list[int]:
    """The person's own bad review that a clerk's call-back turned into a good one."""
    rows = ReviewChange.objects.filter(
        asked.of_tickets("review__ticket"),
        channel__in=list(OWN_CHANNELS),
        level__lte=BAD_UP_TO,
        review__channel=ReviewChannel.CLERK,
        review__level__gt=BAD_UP_TO,
        **asked.within("at"),
    )
    return list(rows.values_list("review__ticket_id", flat=True))


def _reached(asked: Stretch) -> QuerySet[Callback]:
    return Callback.objects.filter(
        asked.of_tickets("ticket"), result=CallbackResult.REACHED, **asked.within("tried_at")
    )
