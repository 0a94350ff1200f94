"""Attachments of a ticket for tests, without an action that brings them."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from ticketing import attachments
from ticketing.models import Attachment, Ticket


def store(ticket: Ticket, upload: UploadedFile[bytes], by: str, *, public: bool = True) -> Attachment:
    """Checks and keeps one file."""
    with attachments.receive([upload]) as received:
        row = received.rows(by=by, public=public)[0]
        row.ticket = ticket
        row.save()
        received.keep()
    return row
