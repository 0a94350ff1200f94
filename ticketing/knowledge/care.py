"""The knowledge base looked after by the clock: late answers to reports, overdue reviews, the search index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q
from django.utils import timezone

from ticketing.models import OutboxEntry, TicketEvent
from ticketing.search import engines, feed

from . import finding
from .feedback import tell_owner, use
from .models import EntryState, ExpiryStep, KnowledgeEntry, KnowledgeError

CHASE_DAYS = 7
#: [default] so many days before an entry ceases to be valid its owner is told, and once more when it did
EXPIRY_DAYS = 14
BATCH = 200
#: so many codes a message names
NAMED = 5


def look(now: datetime | None = None) -> int:
    """Marks reports whose answer is late, chases overdue reviews once a week and tells of validity that ends; returns
    how many messages were written. A unit gets one for all its entries: many fall due on the day of one import."""
    moment = now or timezone.now()
    return _late_answers(moment) + _overdue_reviews(moment) + _expiring(moment)


def _late_answers(now: datetime) -> int:
    rows = KnowledgeError.objects.filter(state=KnowledgeError.OPEN, late=False, due_at__lte=now)
    told = 0
    for error in rows.select_related("entry__owner")[:BATCH]:
        # of two processes one changes the row, and only that one sends
        if KnowledgeError.objects.filter(pk=error.pk, state=KnowledgeError.OPEN, late=False).update(late=True):
            text = f"知识条目 {error.entry.code} 的纠错已超期未处理。"
            tell_owner(error.entry.owner, text, f"knowledge-late:{error.pk}", now)
            told += 1
    return told


def _overdue_reviews(now: datetime) -> int:
    today = timezone.localdate(now)
    overdue = Q(state=EntryState.PUBLISHED, review_on__lt=today) & ~expired(today)
    unchased = Q(chased_on__isnull=True) | Q(chased_on__lte=today - timedelta(days=CHASE_DAYS))
    return _tell("review", overdue & unchased, {"chased_on": today}, "已过复审日期，请复审", now)


def _expiring(now: datetime) -> int:
    """Each entry is told of twice: some days before its last day, and after it."""
    today = timezone.localdate(now)
    soon = ending(today) & ~expired(today) & Q(expiry_step=ExpiryStep.NONE)
    gone = expired(today) & Q(state=EntryState.PUBLISHED) & ~Q(expiry_step=ExpiryStep.OVER)
    return _tell(
        "ending", soon, {"expiry_step": ExpiryStep.SOON}, f"将在 {EXPIRY_DAYS} 天内失效，仍适用的请修改有效期", now
    ) + _tell(
        "expired", gone, {"expiry_step": ExpiryStep.OVER}, "已失效，不再显示；仍适用的请修改有效期，否则请下线", now
    )


def ending(today: date) -> Q:
    """What is published and will soon be, or already is, no longer valid."""
    return Q(state=EntryState.PUBLISHED, valid_to__lte=today + timedelta(days=EXPIRY_DAYS))


def expired(today: date) -> Q:
    return Q(valid_to__isnull=False, valid_to__lt=today)


def _tell(about: str, wanted: Q, marked: Mapping[str, object], text: str, now: datetime) -> int:
    """One message to each owner of entries that are `wanted`, which are `marked` so that they no longer are.

    Of two processes one changes the row, and only that one sends.
    """
    rows = KnowledgeEntry.objects.filter(wanted).select_related("owner").order_by("owner_id", "code")[:BATCH]
    mine = [row for row in rows if KnowledgeEntry.objects.filter(wanted, pk=row.pk).update(**marked)]
    owners = groupby(mine, key=lambda entry: entry.owner)
    for owner, entries in owners:
        codes = [entry.code for entry in entries]
        named = "、".join(codes[:NAMED]) + (f"等 {len(codes)} 条" if len(codes) > NAMED else "")
        key = f"knowledge-{about}:{codes[0]}:{timezone.localdate(now):%Y%m%d}"
        tell_owner(owner, f"知识条目 {named}{text}。", key, now)
    return len({entry.owner_id for entry in mine})


def hear_changes(entries: Sequence[OutboxEntry]) -> None:
    """Writes changed entries to the index."""
    ids = {int(entry.key) for entry in entries if entry.key.isdigit()}
    if ids:
        feed.write(engines.knowledge, finding.KNOWLEDGE, ids)


def hear_answers(entries: Sequence[OutboxEntry]) -> None:
    """A ticket answered at once with an entry counts as a use of it (直接答复)."""
    events = [entry.event_id for entry in entries if entry.payload.get("action") == "answer" and entry.event_id]
    for event in TicketEvent.objects.filter(pk__in=events).select_related("ticket"):
        code = str(event.data.get("knowledge") or "")
        entry = KnowledgeEntry.objects.filter(code=code).first() if code else None
        if entry is not None:
            use(entry, "answered", ticket=event.ticket.number, by_staff=event.staff_id)


def watch() -> int:
    """Fills the index when it was lost."""
    return feed.refill(engines.knowledge, finding.KNOWLEDGE)
