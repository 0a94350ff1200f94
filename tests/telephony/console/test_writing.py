"""While the agent types: reading, duplicates, places, knowledge that counts when it answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from telephony.models import Call, SeatState
from tests.city import City
from ticketing.knowledge.models import KnowledgeEntry, KnowledgeUse
from ticketing.models import Ticket
from ticketing.privacy.crypto import keyed_hash

pytestmark = pytest.mark.django_db
LAMP = "小区门口的路灯坏了一周，晚上出行不便，请尽快维修。"


def post(city: City, path: str, content: dict[str, Any], name: str = "agent") -> Any:
    client = Client()
    client.force_login(city.staff[name])
    return client.post(
        path if path[0] == "/" else f"/console/api/{path}",
        json.dumps(content),
        content_type="application/json",
        headers={"X-Seat-Token": "t"},
    )


def ringing(city: City, number: str) -> None:
    """The agent's seat has a call from `number`."""
    SeatState.objects.create(
        extension="8001",
        node="n",
        mode="talking",
        since=timezone.now(),
        staff=city.staff["agent"],
        token="t",
        call="c1",
    )
    Call.objects.create(node="n", call="c1", status="talking", number_hash=keyed_hash("phone", number))


def test_the_reading_names_category_urgency_and_what_is_alike(city: City) -> None:
    earlier = city.report()
    ringing(city, "13800000001")
    found = post(city, "suggest", {"body": LAMP, "place": "中原区建设路"}).json()
    assert (
        found["ready"] and found["urgency_label"] and {"category_label", "region_label", "burst", "here"} <= set(found)
    )
    assert earlier.number in [one["number"] for one in found["alike"]]
    assert post(city, "suggest", {"body": "喂"}).json() == {"ready": False}
    assert not Ticket.objects.exclude(pk=earlier.pk).exists(), "nothing is stored"
    urgent = post(city, "suggest", {"body": "有人落水了，快来救人"}).json()
    assert urgent["suspected_110"] and urgent["urgency"] == "critical" and urgent["handover"]


def test_the_reading_tells_of_the_mood_and_the_separate_demands(city: City) -> None:
    ringing(city, "13800000001")
    text = "你们都是吃干饭的混蛋！一是小区路灯坏了没人修。二是门口井盖缺失请尽快补上。"
    found = post(city, "suggest", {"body": text}).json()
    assert "辱骂" in found["mood"] and len(found["demands"]) == 2
    assert not [reason for reason in found["reasons"] if reason.startswith("诉求 ")]


def test_an_answer_from_the_knowledge_base_is_a_direct_answer_and_counts(city: City) -> None:
    entry = KnowledgeEntry.objects.create(
        code="k-hours", title="政务大厅几点上班", content="工作日九时至十七时。", owner=next(iter(city.unit.values())),
        public=True, category=city.category["lamp"], material="guide", state="published",
        valid_from=timezone.localdate(), review_on=timezone.localdate(),
    )  # fmt: skip
    content = {"form": "f1", "body": "政务大厅几点上班", "answer": entry.content, "knowledge": entry.code}
    number = post(city, "tickets", content).json()["number"]
    ticket = Ticket.objects.get(number=number)
    assert ticket.status == "answered" and ticket.public_answer == "工作日九时至十七时。"
    used = KnowledgeUse.objects.get()
    assert (used.entry, used.how, used.ticket_number, used.helped) == (entry, "answered", number, True)
    post(city, "tickets", content)
    assert KnowledgeUse.objects.count() == 1
