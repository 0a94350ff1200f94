"""The demo's city: every status of the life occurs, even in the quiet stage, and nothing is painted."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from ticketing.clocks.recompute import differences
from ticketing.journal.verify import faults
from ticketing.models import Ticket
from ticketing.terms import Status


@pytest.mark.slow
@pytest.mark.django_db
def test_the_quiet_stage_shows_every_status() -> None:
    call_command("load_city", "--password", "hotline12345")
    call_command("demo", "--stage", "quiet")
    assert Ticket.objects.count() == 90
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)
    assert list(faults()) == []
    assert list(differences()) == []
    call_command("demo", "--stage", "quiet")
    assert Ticket.objects.count() == 90
