"""Files of entries: recognised by content, stored under a random key, handed out so that no browser runs them."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.utils import timezone

from ticketing.attachments import kinds
from ticketing.attachments.receiving import tidy, with_ending
from ticketing.errors import BadInput, MoveNotAllowed, NotYours
from ticketing.lifecycle.actors import Actor

from .editing import check_approver, may_edit
from .models import FileState, KnowledgeEntry, KnowledgeFile

FILES_MOST = 20


def folder() -> Path:
    return Path(settings.DATA) / "knowledge"


def attach(entry: KnowledgeEntry, upload: UploadedFile[bytes], *, actor: Actor) -> KnowledgeFile:
    """Checks and keeps one file, which waits for a second person. Raises `NotYours`, `BadInput`."""
    if not may_edit(actor, entry.owner_id):
        raise NotYours("没有编辑该知识条目的权限")
    if entry.files.exclude(state=FileState.GONE).count() >= FILES_MOST:
        raise BadInput("file", f"一个条目最多 {FILES_MOST} 个附件")
    if not 0 < (upload.size or 0) <= settings.ATTACHMENT_MB * 1024 * 1024:
        raise BadInput("file", f"文件应不为空且不超过 {settings.ATTACHMENT_MB} MB")
    assert upload.file is not None
    kind = kinds.recognise(upload.file)
    upload.seek(0)
    content = upload.read()
    key = secrets.token_hex(24)
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / key).write_bytes(content)
    return KnowledgeFile.objects.create(
        entry=entry,
        key=key,
        name=with_ending(tidy(upload.name or ""), kind.ending),
        content_type=kind.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=timezone.now(),
        state=FileState.LIVE if actor.kind == "system" else FileState.WAITING,
        by_id=actor.staff_id,
    )


def publish(found: KnowledgeFile, *, actor: Actor) -> None:
    """A second person lets readers have the file. Raises `RuleBroken` for one's own, `MoveNotAllowed`."""
    check_approver(actor, found.by_id, found.entry.owner_id)
    _decide(found, (FileState.WAITING,), FileState.LIVE, actor)


def remove(found: KnowledgeFile, *, actor: Actor) -> None:
    """Takes a file off, or refuses one that waits; the row stays, the file too."""
    if not may_edit(actor, found.entry.owner_id):
        raise NotYours("没有编辑该知识条目的权限")
    _decide(found, (FileState.WAITING, FileState.LIVE), FileState.GONE, actor)


def _decide(found: KnowledgeFile, expected: tuple[FileState, ...], state: FileState, actor: Actor) -> None:
    rows = KnowledgeFile.objects.filter(pk=found.pk, state__in=expected)
    if not rows.update(state=state, decided_by_id=actor.staff_id, decided_at=timezone.now()):
        raise MoveNotAllowed("该附件的状态已改变，请刷新页面")


def response(found: KnowledgeFile) -> FileResponse:
    """The file as a download. Raises `Http404` when it is not on disk."""
    try:
        content = (folder() / found.key).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
