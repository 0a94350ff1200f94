"""Rollups fed by the outbox equal what is counted anew, whatever happened and in whatever order it was heard."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from dashboards.measures import counting
from dashboards.measures.evaluate import figures
from dashboards.measures.scope import Period, Scope
from dashboards.models import Counted, Daily, Pair, RollupState
from dashboards.rollups import feed, renew
from dashboards.rollups.rebuild import check, rebuild
from dashboards.show import present
from telephony.models import Call
from tests.city import CITY, City
from tests.dashboards.settle import settle
from tests.ticketing.lifecycle.stages import actor_for, command_for, in_status
from ticketing.clocks.poller import fire_all
from ticketing.errors import TicketError
from ticketing.lifecycle.actions.checking import RecordCallback
from ticketing.lifecycle.engine import act
from ticketing.lifecycle.table import MOVES, Action, Capacity
from ticketing.models import OutboxEntry, Ticket
from ticketing.terms import Status

#: the full run takes 10,000 actions; the number can be set from outside
ACTIONS = int(os.environ.get("HOTLINE_TEST_ACTIONS", "300"))
#: the timers' own moves come from `fire_all`: the stages prepare them by writing due times past the journal
LEFT_OUT = (Action.MERGE, Action.LINK, Action.BREACH, Action.WARN, Action.RECALENDAR)
PEOPLE = [capacity for capacity in Capacity if capacity != Capacity.API]


def _today() -> Period:
    day = timezone.localdate()
    return Period(day - timedelta(days=40), day + timedelta(days=400))


def _both(period: Period, scope: Scope) -> None:
    direct = figures(period, scope, read=counting.direct)
    assert [f.as_dict() for f in figures(period, scope, read=counting.rolled)] == [f.as_dict() for f in direct]


def _random_step(city: City, ticket: Ticket, dice: random.Random, now: datetime) -> bool:
    """One allowed move of the ticket by somebody who may make it; False when the rules refused it."""
    moves = [move for move in MOVES if move.source == ticket.status and move.action not in LEFT_OUT]
    move = dice.choice(moves)
    capacity = dice.choice(sorted(move.who & set(PEOPLE)) or [Capacity.SYSTEM])
    try:
        # what a refused step prepared by hand (due times moved in the table) must not stay behind unheard
        with transaction.atomic():
            if move.action in (Action.CALL_BACK, Action.CLOSE) and dice.random() < 0.7:
                told = RecordCallback(
                    result=dice.choice(["reached", "reached", "no_answer"]),
                    contacted=dice.random() < 0.7,
                    solved=dice.random() < 0.7,
                    satisfaction=dice.choice([None, 1, 2, 3, 4, 5]),
                )
                act(ticket.pk, told, actor=city.actor("caller"), now=now)
                return True
            command = command_for(city, move.action, ticket, capacity)
            act(ticket.pk, command, actor=actor_for(city, capacity, ticket), now=now)
    except (TicketError, LookupError, ObjectDoesNotExist, MultipleObjectsReturned):
        return False
    return True


def test_random_lives_count_the_same_both_ways(city: City) -> None:
    dice = random.Random(12345)
    now = timezone.now()
    tickets: list[int] = []
    done = tries = 0
    while done < ACTIONS and tries < ACTIONS * 20:
        tries += 1
        now += timedelta(minutes=dice.randrange(1, 400))
        if not tickets or dice.random() < 0.12:
            tickets.append(in_status(city, dice.choice(list(Status))).pk)
            done += 1
            continue
        done += _random_step(city, Ticket.objects.get(pk=dice.choice(tickets[-40:])), dice, now)
        if dice.random() < 0.05:
            fire_all(now)
        if dice.random() < 0.05:
            settle()
    settle()
    found = check()
    assert not found, found.examples
    _both(_today(), Scope(CITY))
    for unit in ("lights", "water"):
        _both(_today(), Scope(CITY).limited(unit=frozenset({str(city.unit[unit].pk)})))
    _both(_today(), Scope(CITY).limited(kind=frozenset({"complaint"})))


def test_hearing_twice_or_backwards_changes_nothing(city: City) -> None:
    in_status(city, Status.CLOSED)
    in_status(city, Status.REDOING)
    entries = list(OutboxEntry.objects.order_by("pk"))
    feed.hear(entries[::-1])
    feed.hear(entries)
    settle()
    assert not check()


def test_a_late_correction_moves_the_right_day(city: City) -> None:
    in_status(city, Status.CLOSED)
    settle()
    day = timezone.localdate()
    ticket = Ticket.objects.get()
    then = datetime(2024, 5, 6, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    Ticket.objects.filter(pk=ticket.pk).update(created_at=then, kind="help")
    feed.hear(list(OutboxEntry.objects.filter(ticket=ticket)))
    scope = Scope(CITY)
    assert counting.rolled(["received"], Period(day, day), scope) == {"received": 0}
    assert counting.rolled(["received"], Period(then.date(), then.date()), scope) == {"received": 1}
    help_only = scope.limited(kind=frozenset({"help"}))
    assert counting.rolled(["received"], Period(then.date(), then.date()), help_only) == {"received": 1}
    assert not check()


def test_a_call_still_ringing_is_no_difference(city: City) -> None:
    in_status(city, Status.CLOSED)
    settle()
    Call.objects.create(node="demo", call="ringing", status="queued", arrived_at=timezone.now())
    assert not check()


def test_rebuilding_gives_the_same_and_check_sees_a_wrong_row(city: City) -> None:
    in_status(city, Status.CLOSED)
    settle()
    before = set(Daily.objects.exclude(n=0).values_list("counter", "cut", "key", "day", "n"))
    rebuild()
    assert set(Daily.objects.values_list("counter", "cut", "key", "day", "n")) == before
    row = Daily.objects.filter(counter="received", cut="").get()
    Daily.objects.filter(pk=row.pk).update(n=row.n + 1)
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild_rollups", "--check")
    Daily.objects.all().delete()
    Counted.objects.all().delete()
    call_command("rebuild_rollups", "--check")


def test_a_limit_still_running_counts_only_when_its_day_is_over(city: City) -> None:
    city.dispatched()
    settle()
    due = Ticket.objects.get().promised_at
    assert due is not None
    last = (timezone.localtime(due) - timedelta(seconds=1)).date()
    period, scope = Period(last, last), Scope(CITY)
    for read in (counting.direct, counting.rolled):
        assert read(["handle_running"], period, scope, last) == {"handle_running": 0}
        assert read(["handle_running"], period, scope, last + timedelta(days=1)) == {"handle_running": 1}


def test_a_breach_stays_when_the_citizen_withdraws_afterwards(city: City) -> None:
    from ticketing.lifecycle.actions.answering import Withdraw

    ticket = city.signed()
    due = ticket.promised_at
    assert due is not None
    fire_all(due + timedelta(hours=1))
    act(ticket.pk, Withdraw(), actor=city.actor("agent"), now=due + timedelta(hours=2))
    period = Period(date(due.year - 1, 1, 1), date(due.year + 1, 1, 1))
    counts = counting.direct(["handle_missed", "handle_off"], period, Scope(CITY))
    assert counts == {"handle_missed": 1, "handle_off": 0}
    assert act(city.dispatched().pk, Withdraw(), actor=city.actor("agent")).status == Status.WITHDRAWN
    counts = counting.direct(["handle_missed", "handle_off"], period, Scope(CITY))
    assert counts == {"handle_missed": 1, "handle_off": 1}


def test_rollups_made_by_other_definitions_are_made_anew_by_themselves(city: City) -> None:
    in_status(city, Status.CLOSED)
    settle()
    assert renew.watch() == 0
    # what migration 0002 leaves behind on an upgrade
    Daily.objects.all().delete()
    Counted.objects.all().delete()
    RollupState.objects.update(definitions="")
    assert present.age().rebuild
    assert renew.watch() > 0
    assert not present.age().rebuild and not check()


def test_lost_rollups_are_made_anew_and_a_young_database_is_only_fed(city: City) -> None:
    in_status(city, Status.CLOSED)
    assert not renew.needed()  # the outbox still holds everything
    settle()
    for model in (Daily, Counted):
        model._default_manager.all().delete()
    assert renew.needed() and renew.watch() > 0 and not check()
    Pair.objects.all().delete()
    assert renew.watch() > 0 and not check() and renew.watch() == 0
