"""The knowledge base looked after by the clock: late answers to reports, overdue reviews, the search index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from ticketing.models import OutboxEntry, TicketEvent
from ticketing.search import engines, feed

from . import finding
from .feedback import tell_owner, use
from .models import EntryState, KnowledgeEntry, KnowledgeError

CHASE_DAYS = 7
BATCH = 200


def look(now: datetime | None = None) -> int:
    """Marks reports whose answer is late and chases overdue reviews once a week; returns how many were told."""
    moment = now or timezone.now()
    return _late_answers(moment) + _overdue_reviews(moment)


def _late_answers(now: datetime) -> int:
    rows = KnowledgeError.objects.filter(state=KnowledgeError.OPEN, late=False, due_at__lte=now)
    told = 0
    for error in rows.select_related("entry__owner")[:BATCH]:
        # of two processes one changes the row, and only that one sends
        if KnowledgeError.objects.filter(pk=error.pk, state=KnowledgeError.OPEN, late=False).update(late=True):
            text = f"知识条目 {error.entry.code} 的纠错已超期未处理。"
            tell_owner(error.entry, text, f"knowledge-late:{error.pk}", now)
            told += 1
    return told


def _overdue_reviews(now: datetime) -> int:
    today = timezone.localdate(now)
    overdue = Q(state=EntryState.PUBLISHED, review_on__lt=today)
    unchased = Q(chased_on__isnull=True) | Q(chased_on__lte=today - timedelta(days=CHASE_DAYS))
    told = 0
    for entry in KnowledgeEntry.objects.filter(overdue, unchased).select_related("owner")[:BATCH]:
        if KnowledgeEntry.objects.filter(unchased, pk=entry.pk).update(chased_on=today):
            text = f"知识条目 {entry.code} 已过复审日期（{entry.review_on:%Y-%m-%d}），请复审。"
            tell_owner(entry, text, f"knowledge-review:{entry.pk}:{today:%Y%m%d}", now)
            told += 1
    return told


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
            use(entry, "answered", ticket=event.ticket.number)


def watch() -> int:
    """Fills the index when it was lost."""
    return feed.refill(engines.knowledge, finding.KNOWLEDGE)
