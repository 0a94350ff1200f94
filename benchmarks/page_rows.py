"""Many plausible tickets with shares and clocks, written by the ORM: the same on SQLite and on PostgreSQL.

They carry no journal, so `verify_journal` does not apply to such a database.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

#: marks the rows made here
MARK = "x"
_BATCH = 500
_STATUSES = (
    *("new", "to_dispatch", "to_sign", "handling", "to_check", "to_call_back", "redoing", "return_asked"),
    *("closed", "closed", "closed", "closed", "archived", "answered", "refused"),
)
_UNSENT = frozenset({"new", "to_dispatch", "answered", "refused"})
_DONE = frozenset({"closed", "archived", "answered", "refused"})
_SHARE = {"to_sign": "to_sign", "return_asked": "return_asked", "handling": "handling", "redoing": "handling"}


def fill(
    total: int, unit: int, texts: Sequence[tuple[str, str]] = (("路灯不亮", "路灯不亮，请尽快维修。" * 3),)
) -> None:
    """Brings the database to `total` tickets, of the last 300 days; every seventh share belongs to `unit`.

    Each ticket has one of `texts` (title, body) at random.
    """
    from ticketing.models import Assignment, Clock, Ticket

    chance, now = random.Random(total), timezone.now()
    have = Ticket.objects.count()
    tickets = [_ticket(number, chance, now, unit, texts) for number in range(have, total)]
    Ticket.objects.bulk_create(tickets, batch_size=_BATCH)
    bare = Ticket.objects.filter(head_mac=MARK, lead__isnull=False, assignments__isnull=True)
    shares = [
        Assignment(
            ticket_id=pk, department_id=lead, part="lead", status=_SHARE.get(status, "replied"), dispatched_at=at
        )
        for pk, lead, status, at in bare.values_list("pk", "lead_id", "status", "created_at")
    ]
    Assignment.objects.bulk_create(shares, batch_size=_BATCH)
    clocks = [
        Clock(
            ticket_id=share.ticket_id,
            assignment=share,
            name="handle",
            state="met" if share.status == "replied" else "running",
            policy={},
            started_at=share.dispatched_at,
            due_at=share.dispatched_at + timedelta(days=5),
            explanation=["10 个工作日"],
        )
        for share in Assignment.objects.filter(clocks__isnull=True, ticket__head_mac=MARK)
    ]
    Clock.objects.bulk_create(clocks, batch_size=_BATCH)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ticket(number: int, chance: random.Random, now: datetime, unit: int, texts: Sequence[tuple[str, str]]) -> Any:
    from ticketing.models import Ticket

    leads, leaves, regions = _directory()
    status, created = chance.choice(_STATUSES), now - timedelta(minutes=chance.randrange(60 * 24 * 300))
    done = status in _DONE
    title, body = chance.choice(texts)
    return Ticket(
        number=f"7{number:017d}",
        channel=chance.choice(("web", "phone", "wechat")),
        external_id=f"{MARK}{number}",
        kind=chance.choice(("complaint", "consult", "help")),
        category_id=chance.choice(leaves),
        region_id=chance.choice(regions),
        city_id="410100",
        title=f"{title} {number}"[:200],
        body=body,
        status=status,
        lead_id=None if status in _UNSENT else chance.choice((unit, *chance.sample(leads, 6))),
        due_at=None if done else now + timedelta(minutes=chance.randrange(-5000, 9000)),
        due_clock="" if done else "handle",
        late=not done and chance.random() < 0.2,
        urgency="urgent" if chance.random() < 0.05 else "normal",
        created_at=created,
        dispatched_at=None if status in _UNSENT else created + timedelta(hours=1),
        replied_at=created + timedelta(days=2) if done else None,
        answered_in_days=2 if done else None,
        closed_at=created + timedelta(days=3) if done else None,
        publishable=True,
        published=status == "closed" and chance.random() < 0.5,
        public_answer="已修复。" if done else "",
        return_count=chance.choice((0, 0, 0, 2)),
        redo_count=chance.choice((0, 0, 0, 1)),
        version=1,
        head_mac=MARK,
    )


_known: list[tuple[list[int], list[int], list[str]]] = []


def _directory() -> tuple[list[int], list[int], list[str]]:
    """Units, leaves of the tree and districts of the demo city."""
    from directory.models import Category, Department, Region

    if not _known:
        _known.append(
            (
                list(Department.objects.order_by("pk").values_list("pk", flat=True)[:60]),
                list(Category.objects.filter(level=3).values_list("pk", flat=True)),
                list(Region.objects.filter(code__startswith="4101").values_list("code", flat=True)),
            )
        )
    return _known[0]
