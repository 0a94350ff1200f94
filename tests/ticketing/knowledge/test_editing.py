"""Versions: nothing is live before a second person approved it, and two people deciding at once are told apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from directory.models import Role
from tests.ticketing.search.city import City
from ticketing.errors import BadInput, MoveNotAllowed, NotYours, RuleBroken
from ticketing.knowledge import editing, finding
from ticketing.knowledge.models import EntryState, KnowledgeEntry, VersionState
from ticketing.knowledge.rules import Content
from ticketing.lifecycle.actors import Actor
from ticketing.models import OutboxEntry
from ticketing.search.embedded import EmbeddedEngine

Make = Callable[..., Content]


def test_a_proposal_is_not_live_until_another_approves(content: Make, editor: Actor, second: Actor) -> None:
    version = editing.propose(content(), actor=editor)
    assert not finding.readable(staff=True).exists()
    with pytest.raises(RuleBroken, match="另一人"):
        editing.approve(version, actor=editor)
    entry = editing.approve(version, actor=second)
    assert entry.state == EntryState.PUBLISHED
    assert list(finding.readable(staff=False)) == [entry]
    assert OutboxEntry.objects.filter(topic="knowledge", key=str(entry.pk)).count() == 1


def test_a_change_leaves_the_published_text_until_it_is_approved(content: Make, editor: Actor, second: Actor) -> None:
    entry = editing.approve(editing.propose(content(), actor=editor), actor=second)
    proposed = editing.propose(content(title="改了的标题", content="新内容"), actor=editor, entry=entry)
    entry.refresh_from_db()
    assert entry.title == "路灯不亮向谁反映"
    editing.approve(proposed, actor=second)
    entry.refresh_from_db()
    assert (entry.title, entry.version) == ("改了的标题", 2)
    assert entry.versions.get(number=1).content["title"] == "路灯不亮向谁反映"


def test_one_open_version_per_entry(content: Make, editor: Actor, second: Actor) -> None:
    entry = editing.approve(editing.propose(content(), actor=editor), actor=second)
    editing.propose(content(title="甲"), actor=editor, entry=entry)
    with pytest.raises(MoveNotAllowed):
        editing.propose(content(title="乙"), actor=second, entry=entry)


def test_of_two_decisions_one_wins(content: Make, editor: Actor, second: Actor) -> None:
    version = editing.propose(content(), actor=editor)
    editing.approve(version, actor=second)
    with pytest.raises(MoveNotAllowed):
        editing.reject(version, actor=second, remark="晚了")
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED


def test_sending_back_needs_a_reason_and_allows_a_new_version(content: Make, editor: Actor, second: Actor) -> None:
    version = editing.propose(content(), actor=editor)
    with pytest.raises(BadInput):
        editing.reject(version, actor=second, remark=" ")
    editing.reject(version, actor=second, remark="请写明依据")
    again = editing.propose(content(version.entry, content="补充了依据"), actor=editor, entry=version.entry)
    assert again.number == 2


@pytest.mark.parametrize("role", [Role.AGENT, Role.DISPATCHER, Role.AUDITOR, Role.HANDLER, "nobody"])
def test_others_do_not_edit_what_is_not_their_units(city: City, content: Make, role: str) -> None:
    with pytest.raises(NotYours):
        editing.propose(content(), actor=city.people[role])


def test_a_unit_edits_its_own_and_its_head_approves(city: City, content: Make) -> None:
    handler, head = city.people[Role.HANDLER], city.people[Role.UNIT_HEAD]
    version = editing.propose(content(owner="LIGHTS"), actor=handler)
    with pytest.raises(NotYours):
        editing.approve(version, actor=city.people["stranger"])
    assert editing.approve(version, actor=head).state == EntryState.PUBLISHED


def test_a_unit_cannot_hand_its_entry_to_another_unit(city: City, content: Make) -> None:
    handler = city.people[Role.HANDLER]
    entry = editing.propose(content(owner="LIGHTS"), actor=handler).entry
    editing.reject(entry.versions.get(), actor=city.people[Role.UNIT_HEAD], remark="改")
    with pytest.raises(NotYours):
        editing.propose(content(owner="STREET", title="移交"), actor=handler, entry=entry)


def test_withdrawing_takes_an_entry_off_at_once_and_from_the_index(
    published: Callable[..., KnowledgeEntry], index: EmbeddedEngine, editor: Actor
) -> None:
    entry = published()
    assert finding.find("路灯不亮", staff=True).answers
    editing.withdraw(entry, actor=editor)
    assert finding.find("路灯不亮", staff=True).answers == ()  # before the index knows
    index.upsert(finding.documents([entry.pk]))
    index.refresh()
    assert finding.find("路灯不亮", staff=True).answers == ()
    with pytest.raises(MoveNotAllowed):
        editing.withdraw(entry, actor=editor)


def test_a_review_must_lie_ahead(published: Callable[..., KnowledgeEntry], editor: Actor) -> None:
    entry = published()
    with pytest.raises(BadInput):
        editing.confirm(entry, actor=editor, review_on=timezone.localdate())
    later = timezone.localdate() + timedelta(days=365)
    editing.confirm(entry, actor=editor, review_on=later)
    entry.refresh_from_db()
    assert entry.review_on == later
