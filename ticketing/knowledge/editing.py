"""How an entry changes: proposed by one person, approved by another, kept as a version for ever."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from directory.models import Category, Department, Role
from ticketing.errors import BadInput, MoveNotAllowed, NotYours, RuleBroken
from ticketing.lifecycle.actors import Actor
from ticketing.models import OutboxEntry
from ticketing.outbox import topics
from ticketing.outbox.publish import publish

from .models import EntryState, KnowledgeEntry, KnowledgeVersion, VersionState
from .rules import Content

EDITORS = frozenset({Role.KNOWLEDGE_EDITOR})
OPEN = (VersionState.DRAFT, VersionState.SUBMITTED)


def may_edit(actor: Actor, owner_id: int | None = None) -> bool:
    """Editors edit everything; a unit's people edit what their unit owns."""
    if actor.kind == "system":
        return True
    standing = actor.standing
    if standing is None:
        return False
    return standing.has(*EDITORS) or (owner_id is not None and owner_id in standing.departments)


def may_approve(actor: Actor, author_id: int | None, owner_id: int) -> bool:
    """Editors and the owner unit's head approve, but never their own text or file."""
    if actor.kind == "system":
        return True
    standing = actor.standing
    if standing is None or author_id == standing.staff_id:
        return False
    return standing.has(*EDITORS) or owner_id in standing.units(Role.UNIT_HEAD)


def propose(
    content: Content, *, actor: Actor, entry: KnowledgeEntry | None = None, submit: bool = True
) -> KnowledgeVersion:
    """A new version of `entry`, or of a new entry. What is published stays until it is approved.

    Raises `NotYours`, and `MoveNotAllowed` while another version of the entry is open.
    """
    owner = Department.objects.get(code=content.owner)
    if not may_edit(actor, entry.owner_id if entry else owner.pk) or not may_edit(actor, owner.pk):
        raise NotYours("没有编辑该知识条目的权限")
    now = timezone.now()
    try:
        with transaction.atomic():
            entry = entry or _new_entry(content, owner, now)
            last = entry.versions.aggregate(last=Max("number"))["last"] or 0
            return KnowledgeVersion.objects.create(
                entry=entry,
                number=last + 1,
                content=content.stored(),
                state=VersionState.SUBMITTED if submit else VersionState.DRAFT,
                author_id=actor.staff_id,
                created_at=now,
            )
    except IntegrityError as error:
        raise MoveNotAllowed("该条目已有未审核的版本，请先处理") from error


def _new_entry(content: Content, owner: Department, now: datetime) -> KnowledgeEntry:
    """A row that shows nothing yet; it carries the proposed title so that no second entry can take it."""
    entry = KnowledgeEntry(
        code=f"new-{now.timestamp():.6f}"[:20],
        title=content.title,
        owner=owner,
        category=Category.objects.get(code=content.category),
        material=content.material,
        valid_from=content.valid_from,
        review_on=content.review_on,
    )
    entry.save()
    entry.code = f"K{entry.pk:06}"
    entry.save(update_fields=["code"])
    return entry


def submit(version: KnowledgeVersion, *, actor: Actor) -> None:
    """A draft goes to approval."""
    if not may_edit(actor, version.entry.owner_id):
        raise NotYours("没有编辑该知识条目的权限")
    _decide(version, VersionState.DRAFT, state=VersionState.SUBMITTED)


def approve(version: KnowledgeVersion, *, actor: Actor, remark: str = "") -> KnowledgeEntry:
    """Publishes the version. Raises `RuleBroken` for one's own text, `MoveNotAllowed` when it is not submitted."""
    check_approver(actor, version.author_id, version.entry.owner_id)
    with transaction.atomic():
        entry = KnowledgeEntry.objects.select_for_update().get(pk=version.entry_id)
        _decide(
            version,
            VersionState.SUBMITTED,
            state=VersionState.APPROVED,
            decided_by_id=actor.staff_id,
            decided_at=timezone.now(),
            remark=remark[:300],
        )
        _publish(entry, version)
    return entry


def reject(version: KnowledgeVersion, *, actor: Actor, remark: str) -> None:
    """Sends the version back; the reason is needed."""
    if not remark.strip():
        raise BadInput("remark", "退回须写明意见")
    check_approver(actor, version.author_id, version.entry.owner_id)
    _decide(
        version,
        VersionState.SUBMITTED,
        state=VersionState.REJECTED,
        decided_by_id=actor.staff_id,
        decided_at=timezone.now(),
        remark=remark[:300],
    )


def withdraw(entry: KnowledgeEntry, *, actor: Actor) -> None:
    """Takes an entry off; its versions stay."""
    if not may_edit(actor, entry.owner_id):
        raise NotYours("没有编辑该知识条目的权限")
    with transaction.atomic():
        done = KnowledgeEntry.objects.filter(pk=entry.pk, state=EntryState.PUBLISHED).update(
            state=EntryState.WITHDRAWN, revision=F("revision") + 1
        )
        if not done:
            raise MoveNotAllowed("该条目不是已发布状态")
        _tell(entry.pk)


def confirm(entry: KnowledgeEntry, *, actor: Actor, review_on: date) -> None:
    """复审: the owner read the published text, it still holds, and sets the next review."""
    if not may_edit(actor, entry.owner_id):
        raise NotYours("没有复审该知识条目的权限")
    if review_on <= timezone.localdate():
        raise BadInput("review_on", "下次复审日期应晚于今天")
    KnowledgeEntry.objects.filter(pk=entry.pk).update(review_on=review_on, chased_on=None)


def check_approver(actor: Actor, author_id: int | None, owner_id: int) -> None:
    """Raises `RuleBroken` for one's own text or file, `NotYours` for those who approve nothing there."""
    if may_approve(actor, author_id, owner_id):
        return
    if actor.standing is not None and author_id == actor.standing.staff_id:
        raise RuleBroken("本人编写的内容须由另一人审核", rule="second person")
    raise NotYours("没有审核该知识条目的权限")


def _decide(version: KnowledgeVersion, expected: VersionState, **changed: object) -> None:
    """Compare and set: of two people who decide at once, one is told so."""
    if not KnowledgeVersion.objects.filter(pk=version.pk, state=expected).update(**changed):
        raise MoveNotAllowed("该版本的状态已改变，请刷新页面")


def _publish(entry: KnowledgeEntry, version: KnowledgeVersion) -> None:
    content = version.content
    entry.title, entry.content, entry.issuer = content["title"], content["content"], content["issuer"]
    entry.category = Category.objects.get(code=content["category"])
    entry.owner = Department.objects.get(code=content["owner"])
    entry.material, entry.keywords, entry.public = content["material"], content["keywords"], content["public"]
    entry.details = content["details"]
    entry.valid_from = date.fromisoformat(content["valid_from"])
    entry.valid_to = date.fromisoformat(content["valid_to"]) if content["valid_to"] else None
    entry.review_on = date.fromisoformat(content["review_on"])
    entry.state, entry.version = EntryState.PUBLISHED, version.number
    entry.revision += 1
    entry.published_at, entry.chased_on, entry.expiry_step = timezone.now(), None, ""
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        raise BadInput("title", "标题已存在，标题不能重复") from error
    _tell(entry.pk)


def _tell(entry_id: int) -> None:
    publish([OutboxEntry(topic=topics.KNOWLEDGE, key=str(entry_id), created_at=timezone.now())])


def in_force(day: date | None = None) -> Q:
    """Published entries within their validity."""
    today = day or timezone.localdate()
    return Q(state=EntryState.PUBLISHED, valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
