"""The check of answers: leaks never go out alone, units have thresholds, a checker overrides with a reason."""

from __future__ import annotations

import pytest

from tests.city import City
from ticketing.errors import RuleBroken
from ticketing.lifecycle.actions.checking import ApproveResult
from ticketing.lifecycle.actions.handling import SubmitReply
from ticketing.lifecycle.engine import act
from ticketing.models import ReplyGate, Ticket

GOOD = (
    "您反映的小区门口路灯不亮问题，我中心已于3月2日更换灯具两只，路灯恢复照明。依据《城市照明管理规定》，今后每周巡查。"
)


def replied(city: City, answer: str) -> Ticket:
    return act(city.signed().pk, SubmitReply(public_answer=answer, solved=True), actor=city.actor("handler"))


def test_a_phone_number_in_an_answer_stops_it(city: City) -> None:
    ticket = replied(city, "请直接联系住户张三，电话13912345678，他会配合处理路灯。")
    with pytest.raises(RuleBroken) as refused:
        act(ticket.pk, ApproveResult(), actor=city.actor("checker"))
    assert refused.value.facts["rule"] == "reply_check"
    done = act(ticket.pk, ApproveResult(override="号码为公开的服务电话"), actor=city.actor("checker"))
    event = done.events.get(action="approve")
    assert (event.data["overridden"], event.reason) == (True, "号码为公开的服务电话")


def test_a_unit_has_a_threshold_of_its_own(city: City) -> None:
    ReplyGate.objects.create(department=city.unit["lights"], least=0.2)
    poor = replied(city, "感谢您的来电，我们会努力做好工作。")
    with pytest.raises(RuleBroken):
        act(poor.pk, ApproveResult(), actor=city.actor("checker"))
    assert act(replied(city, GOOD).pk, ApproveResult(), actor=city.actor("checker")).status == "to_call_back"


def test_without_a_threshold_a_short_answer_goes_out(city: City) -> None:
    assert act(replied(city, "已经修好。").pk, ApproveResult(), actor=city.actor("checker")).status == "to_call_back"
