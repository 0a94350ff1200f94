"""The check of answers: leaks never go out alone, units have thresholds, a checker overrides with a reason."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.city import City
from ticketing.errors import RuleBroken
from ticketing.lifecycle.actions.checking import ApproveResult
from ticketing.lifecycle.actions.handling import Sign, SubmitReply
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


LEAK = "请直接联系住户张三，电话13912345678，他会配合处理路灯。"


def assisted(city: City) -> Ticket:
    """A ticket whose assisting unit has signed."""
    ticket = city.signed(assists=("water",))
    share = ticket.assignments.get(department=city.unit["water"])
    return act(ticket.pk, Sign(assignment=share.pk), actor=city.actor("water"))


def test_an_assist_is_held_up_itself_because_nobody_checks_it_after(city: City) -> None:
    ticket = assisted(city)
    with pytest.raises(RuleBroken) as refused:
        act(ticket.pk, SubmitReply(public_answer=LEAK), actor=city.actor("water"))
    assert refused.value.facts["rule"] == "reply_check"
    done = act(ticket.pk, SubmitReply(public_answer=LEAK, override="住户同意公开"), actor=city.actor("water"))
    event = done.events.get(action="share_reply")
    assert (event.data["overridden"], event.reason) == (True, "住户同意公开")


def test_the_desk_shows_the_check_to_who_writes_and_who_reads(city: City) -> None:
    ticket = assisted(city)
    address = f"/desk/t/{ticket.number}/"
    water, lead, checker = Client(), Client(), Client()
    water.force_login(city.staff["water"])
    lead.force_login(city.staff["handler"])
    checker.force_login(city.staff["checker"])
    ReplyGate.objects.create(department=city.unit["water"], least=0.3)
    assert 'name="override"' in water.get(address).content.decode()
    assert 'name="override"' not in lead.get(address).content.decode(), "the checker looks at a lead's answer"
    typed = {"public_answer": LEAK}
    part = water.post(f"{address}check-reply/", typed, headers={"HX-Request": "true"}).content.decode()
    for words in ("未通过", "13912345678", "门槛 0.3，未达到", "填写质检放行理由"):
        assert words in part
    whole = water.post(f"{address}check-reply/", typed).content.decode()
    assert LEAK in whole
    assert "尚未提交" in whole
    assert not ticket.replies.exists()
    act(ticket.pk, SubmitReply(public_answer=LEAK, override="住户同意公开"), actor=city.actor("water"))
    assert "13912345678" in lead.get(address).content.decode().split("答复质检：未通过")[1]
    act(ticket.pk, SubmitReply(public_answer=GOOD, solved=True), actor=city.actor("handler"))
    page = checker.get(address).content.decode()
    assert page.count("答复质检：") == 2, "the answer, and what the assist wrote"
    assert checker.post(f"{address}check-reply/", typed).status_code == 404, "there is nothing to answer"
