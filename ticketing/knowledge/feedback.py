"""What comes back: uses, whether it helped, errors that agents report, questions nobody could answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from directory.worktime.clock import Limit, Unit, run
from directory.worktime.source import calendar_for
from nlp.privacy import mask
from ticketing.errors import BadInput, MoveNotAllowed, NotYours
from ticketing.lifecycle.actors import Actor
from ticketing.notify.telling import tell

from .editing import may_edit
from .models import KnowledgeEntry, KnowledgeError, KnowledgeGap, KnowledgeUse

#: [default] the owner answers a report within this many working days
ANSWER_DAYS = 3


def use(
    entry: KnowledgeEntry, how: str, *, actor: Actor | None = None, helped: bool | None = None, ticket: str = ""
) -> KnowledgeUse:
    """Counts one use. `actor` None: a citizen. With a ticket, the same use of the same entry counts once."""
    accepted = [code for code, _ in KnowledgeUse.HOW]
    if how not in accepted:
        raise BadInput("how", f"“how”只接受：{'、'.join(accepted)}", accepted=accepted)
    with transaction.atomic():
        if ticket and (known := KnowledgeUse.objects.filter(entry=entry, how=how, ticket_number=ticket).first()):
            return known
        made = KnowledgeUse.objects.create(
            entry=entry,
            how=how,
            audience="staff" if actor else "public",
            staff_id=actor.staff_id if actor else None,
            ticket_number=ticket,
            helped=helped,
            at=timezone.now(),
        )
        _count(entry, 1, helped)
    return made


def vote(entry: KnowledgeEntry, helped: bool) -> None:
    """A citizen's "did it help" on an entry that was opened before."""
    KnowledgeUse.objects.create(entry=entry, how="opened", audience="public", helped=helped, at=timezone.now())
    _count(entry, 0, helped)


def _count(entry: KnowledgeEntry, uses: int, helped: bool | None) -> None:
    changed: dict[str, Any] = {"uses": F("uses") + uses}
    if helped is not None:
        name = "helped" if helped else "not_helped"
        changed[name] = F(name) + 1
    KnowledgeEntry.objects.filter(pk=entry.pk).update(**changed)


def report_error(entry: KnowledgeEntry, text: str, *, actor: Actor, now: datetime | None = None) -> KnowledgeError:
    """纠错: starts the owner's clock and tells the owner's unit."""
    if actor.staff_id is None or actor.standing is None or not actor.standing.bounds:
        raise NotYours("只有工作人员可以纠错")
    if not 2 <= len(text.strip()) <= 1000:
        raise BadInput("text", "问题描述应为 2 至 1000 个字")
    moment = now or timezone.now()
    due = run(moment, Limit(ANSWER_DAYS, Unit.WORKING_DAYS), calendar_for(entry.owner.region_id))
    assert due.due_at is not None  # a clock without pauses always has a due time
    with transaction.atomic():
        made = KnowledgeError.objects.create(
            entry=entry,
            text=mask(text.strip()),
            by_id=actor.staff_id,
            created_at=moment,
            due_at=due.due_at,
            explanation=list(due.explanation),
        )
        tell_owner(entry, f"知识条目 {entry.code} 被反映有误，请核实更正。", f"knowledge-error:{made.pk}", moment)
    return made


def answer_error(error: KnowledgeError, *, actor: Actor, mended: bool, answer: str) -> None:
    """The owner's answer. Raises `MoveNotAllowed` when somebody answered before."""
    if not may_edit(actor, error.entry.owner_id):
        raise NotYours("只有责任单位或知识编辑可以答复纠错")
    if not answer.strip():
        raise BadInput("answer", "请填写处理情况")
    state = KnowledgeError.MENDED if mended else KnowledgeError.REFUSED
    changed = KnowledgeError.objects.filter(pk=error.pk, state=KnowledgeError.OPEN).update(
        state=state, answer=answer.strip()[:1000], answered_by_id=actor.staff_id, answered_at=timezone.now()
    )
    if not changed:
        raise MoveNotAllowed("该纠错已处理")


def tell_owner(entry: KnowledgeEntry, text: str, key: str, now: datetime) -> None:
    """A message on the desk of the owner's unit; the key makes it one."""
    tell(
        key=key,
        audience="unit",
        means="auto",
        template="knowledge",
        text=text,
        department=entry.owner,
        created_at=now,
        next_try_at=now,
    )


def unanswered(text: str) -> None:
    """Remembers a question without an answer, with personal data masked, for the editors."""
    asked = " ".join(mask(text).split())[:200]
    if len(asked) < 2:
        return
    now = timezone.now()
    made, new = KnowledgeGap.objects.get_or_create(text=asked, defaults={"first_at": now, "last_at": now})
    if not new:
        KnowledgeGap.objects.filter(pk=made.pk).update(count=F("count") + 1, last_at=now)
