"""From uploads to attachment rows. What is not kept is removed again, whatever goes wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.utils import timezone

from ticketing.errors import BadInput
from ticketing.lifecycle.actions.citizens import AddEvidence
from ticketing.lifecycle.actions.handling import AddNote
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.case import Case
from ticketing.lifecycle.engine import Command, act
from ticketing.models import Attachment

from . import images, kinds, storage

#: files in one go, and files of one ticket altogether
MOST_FILES = 6
MOST_PER_TICKET = 30
NAME_MOST = 100


@dataclass
class _Stored:
    key: str
    name: str
    content_type: str
    size: int
    sha256: str


@dataclass
class Received:
    """Checked files on disk that belong to no ticket yet."""

    files: list[_Stored] = field(default_factory=list)
    kept: bool = False

    def rows(self, *, by: str, public: bool = True, now: datetime | None = None) -> list[Attachment]:
        """The attachment rows to be stored with a ticket's action. `by`: citizen, staff or an API's channel."""
        moment = now or timezone.now()
        return [
            Attachment(
                key=file.key,
                name=file.name,
                content_type=file.content_type,
                size=file.size,
                sha256=file.sha256,
                by=by[:10],
                public=public,
                created_at=moment,
            )
            for file in self.files
        ]

    def keep(self) -> None:
        """The rows are stored: what happens from here on leaves the files alone, unless they are undone with it."""
        if not connection.in_atomic_block:
            self.files.clear()  # committed: from here on they belong to the rows
        self.kept = True

    def discard(self) -> None:
        for file in self.files:
            storage.remove(file.key)
        self.files.clear()


@contextmanager
def receive(uploads: Sequence[UploadedFile[bytes]]) -> Iterator[Received]:
    """Checks every upload and writes it to disk; at the end removes what `keep` did not take.

    Raises `BadInput("files", …)` that names the file; then none of them is stored.
    """
    if len(uploads) > MOST_FILES:
        raise BadInput("files", f"一次最多上传 {MOST_FILES} 个文件，现为 {len(uploads)} 个")
    received = Received()
    try:
        for upload in uploads:
            received.files.append(_store_one(upload))
        yield received
    except BaseException:
        received.discard()
        raise
    if not received.kept:
        received.discard()


def _store_one(upload: UploadedFile[bytes]) -> _Stored:
    name = tidy(upload.name or "")
    try:
        _check_size(upload.size or 0)
        content = upload.file
        assert content is not None
        kind = kinds.recognise(content)
        source: IO[bytes] = BytesIO(images.redraw(content, kind)) if kind.image else content
        source.seek(0)
    except BadInput as error:
        raise BadInput("files", f"“{name}”：{error}") from error
    key, size, sha256 = storage.write(source)
    return _Stored(key, with_ending(name, kind.ending), kind.content_type, size, sha256)


def _check_size(size: int) -> None:
    if size == 0:
        raise BadInput("files", "文件是空的")
    if size > settings.ATTACHMENT_MB * 1024 * 1024:
        raise BadInput("files", f"文件超过 {settings.ATTACHMENT_MB} MB，请压缩后上传")


def tidy(name: str) -> str:
    """A name fit for showing: no folders, no control or direction marks, at most 100 characters."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(mark for mark in base if unicodedata.category(mark)[0] != "C")
    return re.sub(r"\s+", " ", shown).strip(" .")[-NAME_MOST:] or "附件"


def with_ending(name: str, ending: str) -> str:
    """`name` with the ending of what the file really is."""
    stem, dot, last = name.rpartition(".")
    same = last.lower() in ((ending, "jpeg") if ending == "jpg" else (ending,))
    return name if dot and same else f"{stem if dot and stem else name}.{ending}"


@dataclass(frozen=True, kw_only=True)
class _WithFiles(Command):
    """What adding words does, and the files' rows in the same event. Not a verb of its own: no door offers it."""

    files: tuple[Attachment, ...] = ()

    def decide(self, case: Case) -> None:
        super().decide(case)  # type: ignore[safe-super]
        if Attachment.objects.filter(ticket=case.ticket).count() + len(self.files) > MOST_PER_TICKET:
            raise BadInput("files", f"一件诉求最多 {MOST_PER_TICKET} 个附件")
        for row in self.files:
            row.ticket = case.ticket
            case.add(row)


@dataclass(frozen=True, kw_only=True)
class _Evidence(_WithFiles, AddEvidence):
    """Evidence with its files."""


@dataclass(frozen=True, kw_only=True)
class _Noted(_WithFiles, AddNote):
    """A note with its files."""


def add(
    ticket_id: int, uploads: Sequence[UploadedFile[bytes]], *, actor: Actor, text: str = "", public: bool = False
) -> list[Attachment]:
    """Adds files (and words) to a ticket with a journal event: evidence from the citizen, a note from staff.

    The event and the rows are one transaction. `public` says whether the citizen sees what staff added; what a citizen
    adds the citizen sees. Raises `BadInput` or what the action refuses; then nothing is stored.
    """
    citizen = actor.kind == "citizen"
    words = text.strip() or f"补充附件 {len(uploads)} 个"
    with receive(uploads) as received:
        rows = received.rows(by="citizen" if citizen else "staff", public=citizen or public)
        files = tuple(rows)
        command = _Evidence(text=words, files=files) if citizen else _Noted(text=words, public=public, files=files)
        act(ticket_id, command, actor=actor)
        received.keep()
    return rows
