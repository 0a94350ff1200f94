"""Proposals for what was imported in bulk: the language work that an import does not wait for."""

from __future__ import annotations

from ticketing.intake import routing
from ticketing.intake.report import Report
from ticketing.intake.understanding import understand
from ticketing.models import Ticket
from ticketing.terms import Status

BATCH = 50


def propose() -> int:
    """Reads one batch of open imported tickets and keeps the proposals; returns how many. Decides nothing."""
    waiting = Ticket.objects.filter(status=Status.NEW, history=True, proposal={}).order_by("-pk")[:BATCH]
    done = 0
    for ticket in waiting:
        report = Report(channel=ticket.channel, title=ticket.title, body=ticket.body, place=ticket.place)
        proposal = routing.proposal(ticket, understand(report), ticket.created_at)
        proposal.pop("automatic", None)
        done += Ticket.objects.filter(pk=ticket.pk, version=ticket.version).update(proposal=proposal)
    return done
