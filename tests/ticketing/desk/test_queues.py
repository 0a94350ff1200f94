"""What stands in a queue is what somebody has to do: no more, no less."""

from __future__ import annotations

from django.utils import timezone

from tests.city import City
from ticketing.desk import queues
from ticketing.lifecycle.actions.answering import Withdraw
from ticketing.lifecycle.actions.dispatching import Delegate
from ticketing.lifecycle.actions.extensions import AskExtension
from ticketing.lifecycle.actions.handling import SubmitReply
from ticketing.lifecycle.actions.returns import AskReturn
from ticketing.lifecycle.engine import act
from ticketing.models import Ticket

RETURN = AskReturn(ground="not_our_duty", cited_duty="三定规定", reason="不属于本单位职责")


def _in(city: City, name: str, code: str) -> set[str]:
    queue = queues.BY_CODE[code]
    return set(queues.tickets(queue, city.actor(name), timezone.now()).values_list("number", flat=True))


def test_a_return_waits_for_its_ruling_until_the_ticket_is_withdrawn(city: City) -> None:
    ticket = city.dispatched()
    act(ticket.pk, RETURN, actor=city.actor("handler"))
    assert _in(city, "dispatcher", "returns") == {ticket.number}
    act(ticket.pk, Withdraw(reason="群众撤回"), actor=city.actor("agent"))
    assert _in(city, "dispatcher", "returns") == set()


def test_a_return_from_below_waits_for_the_unit_above(city: City) -> None:
    ticket = city.signed()
    act(ticket.pk, Delegate(unit=city.unit["crew"].pk), actor=city.actor("handler"))
    act(ticket.pk, RETURN, actor=city.actor("crew"))
    assert _in(city, "handler", "unit_returns") == {ticket.number}
    assert _in(city, "water", "unit_returns") == set()


def test_an_extension_waits_while_the_unit_works(city: City) -> None:
    ticket = city.signed()
    act(ticket.pk, AskExtension(working_days=3, reason="等待配件"), actor=city.actor("handler"))
    assert _in(city, "checker", "extensions") == {ticket.number}
    act(ticket.pk, SubmitReply(public_answer="配件已到，已修复。", solved=True), actor=city.actor("handler"))
    assert _in(city, "checker", "extensions") == set()


def test_unit_queues_follow_the_share(city: City) -> None:
    ticket = city.dispatched(assists=("water",))
    assert _in(city, "handler", "unit_to_sign") == {ticket.number}
    assert _in(city, "water", "unit_to_sign") == {ticket.number}
    assert _in(city, "stranger", "unit_to_sign") == set()
    signed = city.signed()
    assert _in(city, "handler", "unit_handling") == {signed.number}
    assert _in(city, "handler", "unit_to_sign") == {ticket.number}


def test_urgent_tickets_wait_in_a_queue_of_their_own(city: City) -> None:
    urgent = city.report(urgency="urgent")
    city.report(urgency="normal")
    assert _in(city, "agent", "urgent") == {urgent.number}


def test_late_and_soon_meet_nobody_elses_region(city: City) -> None:
    ticket = city.dispatched()
    now = timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now + queues.SOON / 2)
    assert _in(city, "dispatcher", "soon") == {ticket.number}
    assert _in(city, "handler", "unit_soon") == {ticket.number}
    assert _in(city, "far_dispatcher", "soon") == set()
