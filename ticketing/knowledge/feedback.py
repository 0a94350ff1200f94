"""What comes back: uses, whether it helped, errors that agents report, questions nobody could answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from directory.models import Department
from directory.worktime.clock import Limit, Unit, run
from directory.worktime.source import calendar_for
from nlp.privacy import mask
from ticketing.errors import BadInput, MoveNotAllowed, NotYours
from ticketing.lifecycle.actors import Actor
from ticketing.notify.telling import tell

from .editing import may_edit
from .models import KnowledgeEntry, KnowledgeError, KnowledgeGap, KnowledgeUse

#: messages to those who look after an entry, and to those who reported an error of one
CARE, ANSWERED = "knowledge", "knowledge_answer"

#: [default] the owner answers a report within this many working days
ANSWER_DAYS = 3


def use(
    entry: KnowledgeEntry,
    how: str,
    *,
    actor: Actor | None = None,
    helped: bool | None = None,
    ticket: str = "",
    by_staff: int | None = None,
) -> KnowledgeUse:
    """Counts one use. Opened without `actor` and `by_staff` (the key of a staff member), it is a citizen's. With a
    ticket, the same use of the same entry counts once."""
    accepted = [code for code, _ in KnowledgeUse.HOW]
    if how not in accepted:
        raise BadInput("how", f"“how”只接受：{'、'.join(accepted)}", accepted=accepted)
    with transaction.atomic():
        if ticket and (known := KnowledgeUse.objects.filter(entry=entry, how=how, ticket_number=ticket).first()):
            return known
        made = KnowledgeUse.objects.create(
            entry=entry,
            how=how,
            audience="staff" if actor or by_staff or how != "opened" else "public",
            staff_id=actor.staff_id if actor else by_staff,
            ticket_number=ticket,
            helped=helped,
            at=timezone.now(),
        )
        _count(entry, 1, helped)
    return made


def vote(entry: KnowledgeEntry, helped: bool, *, actor: Actor | None = None) -> None:
    """ "Did it help" on an entry that was opened before; `actor` None: a citizen's."""
    KnowledgeUse.objects.create(
        entry=entry,
        how=KnowledgeUse.VOTED[0],
        audience="staff" if actor else "public",
        staff_id=actor.staff_id if actor else None,
        helped=helped,
        at=timezone.now(),
    )
    _count(entry, 0, helped)


def ways(entry: KnowledgeEntry) -> list[tuple[str, int]]:
    """How often the entry was used each way, by label; opening is told apart by who opened it."""
    rows = KnowledgeUse.objects.filter(entry=entry).values_list("how", "audience").annotate(Count("pk"))
    counted = {(how, audience): number for how, audience, number in rows.order_by()}
    public = [("群众查看", counted.get(("opened", "public"), 0))]
    staff = [
        (f"人员{label}" if how == "opened" else label, counted.get((how, "staff"), 0))
        for how, label in KnowledgeUse.HOW
    ]
    return public + staff


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
    said = mask(text.strip())
    with transaction.atomic():
        same = KnowledgeError.objects.filter(entry=entry, by_id=actor.staff_id, text=said, state=KnowledgeError.OPEN)
        if known := same.first():  # sent twice
            return known
        made = KnowledgeError.objects.create(
            entry=entry,
            text=said,
            by_id=actor.staff_id,
            created_at=moment,
            due_at=due.due_at,
            explanation=list(due.explanation),
        )
        tell_owner(entry.owner, f"知识条目 {entry.code} 被反映有误，请核实更正。", f"knowledge-error:{made.pk}", moment)
    return made


def answer_error(error: KnowledgeError, *, actor: Actor, mended: bool, answer: str) -> None:
    """The owner's answer, which who reported it is told. Raises `MoveNotAllowed` when somebody answered before."""
    if not may_edit(actor, error.entry.owner_id):
        raise NotYours("只有责任单位或知识编辑可以答复纠错")
    if not answer.strip():
        raise BadInput("answer", "请填写处理情况")
    state = KnowledgeError.MENDED if mended else KnowledgeError.REFUSED
    now, said = timezone.now(), answer.strip()[:1000]
    late = error.due_at <= now
    with transaction.atomic():
        changed = KnowledgeError.objects.filter(pk=error.pk, state=KnowledgeError.OPEN).update(
            state=state, answer=said, answered_by_id=actor.staff_id, answered_at=now, late=late
        )
        if not changed:
            raise MoveNotAllowed("该纠错已处理")
        text = f"您反映的知识条目 {error.entry.code}{'已更正' if mended else '经核实不需更正'}：{mask(said)}"
        _tell_reporter(error, text[:500], now)


def tell_owner(owner: Department, text: str, key: str, now: datetime) -> None:
    """A message on the desk of the owner's unit; the key makes it one."""
    tell(
        key=key,
        audience="unit",
        means="auto",
        template=CARE,
        text=text,
        department=owner,
        created_at=now,
        next_try_at=now,
    )


def _tell_reporter(error: KnowledgeError, text: str, now: datetime) -> None:
    """A message on the desk of who reported the error."""
    tell(
        key=f"knowledge-answered:{error.pk}",
        audience="staff",
        means="auto",
        template=ANSWERED,
        text=text,
        staff_id=error.by_id,
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
