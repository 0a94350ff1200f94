"""Handing out a file: only to whoever may know of its ticket, and never as something a browser would run."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from ticketing.lifecycle.actors import Actor
from ticketing.models import Attachment
from ticketing.privacy.identity import record_read
from ticketing.visibility import visible

from . import storage

POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def find(actor: Actor, key: str) -> Attachment | None:
    """The attachment, or None: unknown keys and those of hidden tickets look alike. Citizens see public ones only."""
    if not storage.is_key(key):
        return None
    rows = Attachment.objects.select_related("ticket").filter(key=key, ticket__in=visible(actor))
    return (rows.filter(public=True) if actor.kind == "citizen" else rows).first()


def response(attachment: Attachment, actor: Actor) -> HttpResponse:
    """The file with headers that keep it from being run, cached or guessed at. Reads of confidential files are noted.

    Raises `FileNotFoundError` when the row's file is not on disk.
    """
    content = storage.read(attachment.key)
    if attachment.ticket.confidential and actor.staff_id is not None:
        record_read(actor, attachment.ticket, "保密件附件", "查看附件")
    answer = HttpResponse(content, content_type=attachment.content_type)
    shown = "inline" if attachment.content_type.startswith("image/") else "attachment"
    ending = attachment.name.rpartition(".")[2]
    answer["Content-Disposition"] = f"{shown}; filename=\"file.{ending}\"; filename*=UTF-8''{quote(attachment.name)}"
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
