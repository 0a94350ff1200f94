"""The demo's city: every status of the life occurs, even in the quiet stage, and nothing is painted."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from ticketing.bulk import demo
from ticketing.clocks.recompute import differences
from ticketing.journal.verify import faults
from ticketing.lifecycle.actors import Actor
from ticketing.lifecycle.engine import Command
from ticketing.models import Ticket
from ticketing.terms import Status


@pytest.mark.slow
@pytest.mark.django_db
def test_the_quiet_stage_shows_every_status(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_city", "--password", "hotline12345")
    _killed_at_its_thirtieth_ticket(monkeypatch)
    call_command("demo", "--stage", "quiet")
    assert Ticket.objects.count() == 90
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)
    assert list(faults()) == []
    assert list(differences()) == []
    call_command("demo", "--stage", "quiet")
    assert Ticket.objects.count() == 90


def _killed_at_its_thirtieth_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of its way; nothing of it stays, and the next run tells it whole."""
    acted = demo.Director._do

    def act(self: demo.Director, ticket: Ticket, command: Command, actor: Actor, *, after: float) -> Ticket:
        done = acted(self, ticket, command, actor, after=after)
        if Ticket.objects.count() >= 30:
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(demo.Director, "_do", act)
        call_command("demo", "--stage", "quiet")
    assert 29 <= Ticket.objects.count() < 90
