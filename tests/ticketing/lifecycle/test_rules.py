"""Rules that the table cannot say: whose ticket it is, who is told, what a proposal says after a ruling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.city import City
from ticketing.desk.show import proposal
from ticketing.errors import RuleBroken
from ticketing.journal.verify import faults
from ticketing.lifecycle.actions.answering import Answer, Withdraw
from ticketing.lifecycle.actions.dispatching import Dispatch, Recall
from ticketing.lifecycle.actions.extensions import AskExtension
from ticketing.lifecycle.actions.handling import Sign
from ticketing.lifecycle.actions.linking import MergeInto
from ticketing.lifecycle.actions.returns import ApproveReturn, AskReturn, RejectReturn
from ticketing.lifecycle.actions.triage import Correct
from ticketing.lifecycle.actors import citizen_actor
from ticketing.lifecycle.engine import act
from ticketing.models import Clock, ExtensionRequest, Notice, Ticket
from ticketing.outbox.reading import drain
from ticketing.terms import ClockState, Status
from ticketing.visibility import visible


def test_a_recalled_ticket_is_nobodys_and_its_units_are_told(city: City) -> None:
    ticket = city.signed(assists=("water",))
    act(ticket.pk, AskExtension(working_days=2, reason="等待配件"), actor=city.actor("handler"))
    act(ticket.pk, Recall(reason="派错单位"), actor=city.actor("dispatcher"))
    for name in ("handler", "water"):
        assert not visible(city.actor(name)).exists()
        unit = city.staff[name].bindings.get().department
        assert "收回" in Notice.objects.get(template="unit_recalled", department=unit).text
    open_clocks = Clock.objects.filter(ticket=ticket, state=ClockState.RUNNING)
    assert [clock.name for clock in open_clocks] == ["dispatch"]
    assert ExtensionRequest.objects.get().decision == "lapsed"
    act(ticket.pk, Dispatch(lead=city.unit["water"].pk), actor=city.actor("dispatcher"))
    assert visible(city.actor("water")).exists()
    assert list(faults()) == []


@pytest.mark.parametrize("accused", ["lights", "urban"])
def test_a_ticket_is_taken_back_before_its_unit_is_the_accused(city: City, accused: str) -> None:
    ticket, dispatcher = city.signed(), city.actor("dispatcher")
    command = Correct(complained_unit=city.unit[accused].pk, reason="群众投诉该单位")
    with pytest.raises(RuleBroken, match="正在承办"):
        act(ticket.pk, command, actor=dispatcher)
    act(ticket.pk, Recall(reason="群众投诉该单位"), actor=dispatcher)
    act(ticket.pk, command, actor=dispatcher)
    again = Dispatch(lead=city.unit["lights"].pk)
    with pytest.raises(RuleBroken, match="反映的是"):
        act(ticket.pk, again, actor=dispatcher)
    act(ticket.pk, Correct(complained_unit=0, reason="并非投诉该单位"), actor=dispatcher)
    act(ticket.pk, again, actor=dispatcher)


def test_others_do_not_lose_their_ticket_because_the_first_one_withdraws(city: City) -> None:
    master, other = city.triaged(), city.triaged()
    act(other.pk, MergeInto(master=master.number), actor=city.actor("dispatcher"))
    with pytest.raises(RuleBroken, match="不能撤回"):
        act(master.pk, Withdraw(), actor=citizen_actor(master.pk))


def test_who_was_merged_is_told_what_became_of_it_once(real_city: City) -> None:
    city = real_city
    master, other = city.triaged(), city.triaged()
    act(other.pk, MergeInto(master=master.number), actor=city.actor("dispatcher"))
    act(master.pk, Answer(answer="已经答复。"), actor=city.actor("dispatcher"))
    for _ in range(2):
        drain()
    told = Notice.objects.filter(ticket=other).order_by("pk")
    assert [notice.template for notice in told] == ["accepted", "merged", "answered"]
    assert other.number in told[2].text
    assert master.number not in told[2].text
    assert list(faults()) == []


def test_what_happened_before_the_merging_is_not_told_again(real_city: City) -> None:
    city = real_city
    master, other = city.dispatched(), city.triaged()
    act(other.pk, MergeInto(master=master.number), actor=city.actor("dispatcher"))
    drain()
    assert not Notice.objects.filter(ticket=other, template="dispatched").exists()


def test_after_a_ruling_the_proposal_gives_its_reason(city: City) -> None:
    ticket = city.dispatched()
    asked = AskReturn(
        ground="not_our_duty", cited_duty="三定规定", reason="不属于本单位", suggested_unit=city.unit["water"].pk
    )
    for _ in range(2):
        act(ticket.pk, asked, actor=city.actor("handler"))
        act(ticket.pk, ApproveReturn(opinion="确非职责"), actor=city.actor("dispatcher"))
        if Ticket.objects.get(pk=ticket.pk).return_count < 2:
            act(ticket.pk, Dispatch(lead=city.unit["lights"].pk), actor=city.actor("dispatcher"))
    ticket.refresh_from_db()
    assert ticket.status == Status.TO_DISPATCH
    shown = proposal.read(ticket.proposal)
    assert shown is not None
    assert shown.lead == city.unit["water"].pk
    assert shown.reasons[-1] == f"裁定-{ticket.number}-2：由市自来水公司承办"
    assert not [reason for reason in shown.reasons if reason.startswith("派单目录")]
    with pytest.raises(RuleBroken, match="应派给该单位"):
        act(ticket.pk, Dispatch(lead=city.unit["lights"].pk), actor=city.actor("dispatcher"))
    act(ticket.pk, Dispatch(lead=city.unit["water"].pk), actor=city.actor("dispatcher"))
    with pytest.raises(RuleBroken, match="不能再退单"):
        act(ticket.pk, replace(asked, suggested_unit=None), actor=city.actor("water"))


def test_who_was_told_to_sign_does_not_ask_again(city: City) -> None:
    ticket = city.dispatched()
    asked = AskReturn(ground="not_our_duty", cited_duty="三定规定", reason="不属于本单位")
    act(ticket.pk, asked, actor=city.actor("handler"))
    act(ticket.pk, RejectReturn(opinion="属于职责"), actor=city.actor("dispatcher"))
    with pytest.raises(RuleBroken, match="已被驳回"):
        act(ticket.pk, asked, actor=city.actor("handler"))
    act(ticket.pk, Sign(), actor=city.actor("handler"))
