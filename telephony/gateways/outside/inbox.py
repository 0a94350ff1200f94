"""From another process to the bridge without a broker: happenings are rows until the journal has them.

Whoever hears from the network (webhooks, the SIP line) calls `put`; the bridge calls `take`. A killed bridge loses
nothing: a row goes only after its key is in the journal, so a happening can be taken twice but not missed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from telephony.gateways.events import CallEvent, Kind
from telephony.models import CallEvent as Row
from telephony.models import Incoming
from ticketing.privacy.crypto import open_box, seal

FIELDS = ("call", "key", "leg", "seat", "queue", "number", "line")
BATCH = 500


def put(events: Iterable[CallEvent]) -> None:
    """Stores what is new; the same happening told again changes nothing."""
    rows = [Incoming(key=e.key[:240], content_box=seal(_dump(e)), created_at=timezone.now()) for e in events]
    Incoming.objects.bulk_create(rows, ignore_conflicts=True)


def take(node: str) -> list[CallEvent]:
    """Everything that is not in the journal yet, oldest first."""
    rows = list(Incoming.objects.order_by("id")[:BATCH])
    if not rows:
        return []
    keys = [row.key for row in rows]
    known = set(Row.objects.filter(node=node, key__in=keys).values_list("key", flat=True))
    drop(known)
    return [_load(open_box(row.content_box), node) for row in rows if row.key not in known]


def drop(keys: Iterable[str]) -> None:
    """Forgets rows that are journalled, or that concern no call of ours."""
    wanted = list(keys)
    if wanted:
        Incoming.objects.filter(key__in=wanted).delete()


def _dump(event: CallEvent) -> str:
    plain = {name: getattr(event, name) for name in FIELDS}
    return json.dumps(
        {**plain, "kind": event.kind.value, "at": event.at.isoformat(), "data": dict(event.data)}, ensure_ascii=False
    )


def _load(text: str, node: str) -> CallEvent:
    given = json.loads(text)
    plain = {name: given[name] for name in FIELDS}
    return CallEvent(
        kind=Kind(given["kind"]), node=node, at=datetime.fromisoformat(given["at"]), data=given["data"], **plain
    )
