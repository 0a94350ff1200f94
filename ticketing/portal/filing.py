"""From the filled form to a ticket with its receipt. An anonymous complaint carries nothing of who filed it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from ticketing import attachments
from ticketing.intake.accept import accept
from ticketing.intake.report import Report
from ticketing.lifecycle.actors import citizen_actor
from ticketing.models import Ticket
from ticketing.privacy import crypto
from ticketing.privacy.identity import Person
from ticketing.terms import Channel

_TITLE_MOST = 40
ON_BEHALF = "（代为办理：由亲友代老年人或家人反映）"


@dataclass(frozen=True)
class Filed:
    """`receipt_token` is the same however often the form is sent; `code` is empty when the ticket was there already."""

    ticket: Ticket
    code: str
    receipt_token: str


def headline(body: str) -> str:
    """The first clause of the text, at most 40 characters: what a list shows of it."""
    flat = " ".join(body.split())
    clauses = re.findall(r".+?(?:[。！？!?；;，,]|$)", flat[:60]) or [flat]
    title = ""
    for clause in clauses:
        if title and len(title) + len(clause) > _TITLE_MOST:
            break
        title += clause
        if clause[-1] in "。！？!?":
            break
    return title[:_TITLE_MOST].rstrip("。；;，,")


def report_of(facts: Mapping[str, Any]) -> Report:
    """The report of a checked `FilingForm`. The form's token is not stored: knowing the ticket does not give it."""
    anonymous = facts["identity"] == "anonymous"
    body = f"{facts['body']}\n{ON_BEHALF}" if facts["on_behalf"] else facts["body"]
    return Report(
        channel=Channel.WEB,
        external_id=crypto.keyed_hash("form", facts["token"])[:40],
        title=headline(facts["body"]),
        body=body,
        kind=facts["kind"],
        region=facts["region"],
        place=facts["place"],
        enterprise=facts["enterprise"],
        confidential=facts["identity"] == "confidential",
        anonymous=anonymous,
        wants_callback=facts["wants_callback"],
        publishable=facts["publishable"],
        person=Person() if anonymous else Person(name=facts["name"], phone=facts["phone"]),
    )


def file(facts: Mapping[str, Any], uploads: Sequence[UploadedFile[bytes]]) -> Filed:
    """Accepts the complaint with its files. Raises `BadInput`; a bad file stops it before there is a ticket."""
    with attachments.receive(uploads) as received:
        accepted = accept(report_of(facts), actor=citizen_actor(), files=received.rows(by="citizen"))
        if accepted.new:
            received.keep()
    return Filed(accepted.ticket, accepted.query_code, crypto.keyed_hash("receipt", facts["token"])[:32])
