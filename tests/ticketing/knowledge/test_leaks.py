"""What is not for a reader is not found, counted, opened, exported or sent by any door, for any role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from directory.models import HOTLINE_ROLES, Role, Staff
from tests.ticketing.search.city import City
from ticketing.knowledge import editing, files, finding
from ticketing.knowledge.models import FileState, KnowledgeEntry, KnowledgeUse
from ticketing.lifecycle.actors import SYSTEM, Actor
from ticketing.models import Notice
from ticketing.search.embedded import EmbeddedEngine

Publish = Callable[..., KnowledgeEntry]
SECRET = "密语"
ASKED = "路灯密语怎么处理"


@pytest.fixture
def planted(published: Publish, index: EmbeddedEngine, editor: Actor, content: Callable[..., object]) -> dict[str, str]:
    """Codes of entries that a citizen may not read, by why; one more has a proposal with the secret."""
    today = timezone.localdate()
    made = {
        "internal": published(title="路灯密语内部", public=False),
        "expired": published(title="路灯密语过期", valid_to=today - timedelta(days=1)),
        "later": published(title="路灯密语未生效", valid_from=today + timedelta(days=1)),
        "withdrawn": published(title="路灯密语下线"),
    }
    editing.withdraw(made["withdrawn"], actor=editor)
    shown = published(title="路灯公开答复")
    changed = content(title="路灯密语修改稿", content="密语", entry=shown)
    made["new"] = editing.propose(content(title="路灯密语新稿"), actor=editor).entry  # type: ignore[arg-type]
    editing.propose(changed, actor=editor, entry=shown)  # type: ignore[arg-type]
    index.upsert(finding.documents(list(KnowledgeEntry.objects.values_list("pk", flat=True))))
    index.refresh()
    return {why: entry.code for why, entry in made.items()}


def browser(role: str) -> Client:
    made = Client()
    if role:
        made.force_login(Staff.objects.get(username=f"t-{role}"))
    return made


@pytest.mark.parametrize("role", ["", "nobody"])
def test_a_citizen_meets_nothing_that_is_not_public_and_in_force(planted: dict[str, str], role: str) -> None:
    visitor = browser(role)
    pages = [
        visitor.post("/knowledge/", {"text": ASKED}),
        visitor.post("/knowledge/", {"text": SECRET}),
        *(visitor.post("/knowledge/", {"text": code}) for code in planted.values()),
        *(visitor.get(f"/knowledge/?material={material}") for material in ("", "question", "practice")),
        visitor.post("/knowledge/policies/", {}),
    ]
    for page in pages:
        shown = page.content.decode().replace("<mark>", "").replace("</mark>", "")
        for asked in (ASKED, SECRET):
            shown = shown.replace(f'value="{asked}"', "")
        assert page.status_code == 200
        assert SECRET not in shown
    for code in planted.values():
        assert visitor.get(f"/knowledge/entries/{code}/").status_code == 404
        assert visitor.post(f"/knowledge/entries/{code}/vote/", {"helped": "yes"}).status_code == 404
        assert visitor.post(f"/knowledge/entries/{code}/error/", {"text": "有误"}).status_code in (302, 403, 404)
    assert not KnowledgeUse.objects.exists()


@pytest.mark.parametrize("role", [*Role.values])
def test_staff_meet_what_is_internal_and_in_force_and_nothing_else(planted: dict[str, str], role: str) -> None:
    person = browser(role)
    told = person.post("/knowledge/api/answers/", {"text": ASKED}).json()
    assert {answer["code"] for answer in told["answers"]} & set(planted.values()) == {planted["internal"]}
    panel = person.post("/knowledge/panel/", {"body": ASKED}).content.decode()
    assert "修改稿" not in panel and "新稿" not in panel and "过期" not in panel
    for why, code in planted.items():
        assert person.get(f"/knowledge/entries/{code}/").status_code == (200 if why == "internal" else 404), why
        used = person.post(f"/knowledge/entries/{code}/use/", {"how": "read"}).status_code
        assert used == (200 if why == "internal" else 404), why
        assert person.post(f"/knowledge/entries/{code}/sms/", {"phone": "13812345678"}).status_code in (404, 422)
    exported = person.get("/knowledge/edit/export.csv").content.decode()
    assert (SECRET in exported) == (role in (Role.KNOWLEDGE_EDITOR, Role.UNIT_HEAD)), role  # of one's own unit
    assert "修改稿" not in exported and "新稿" not in exported


@pytest.mark.parametrize("role", [*Role.values])
def test_only_those_who_talk_with_citizens_write_to_them(city: City, published: Publish, role: str) -> None:
    entry = published()
    sent = browser(role).post(f"/knowledge/entries/{entry.code}/sms/", {"phone": "13812345678"})
    allowed = role in {*HOTLINE_ROLES, Role.WINDOW_CLERK}
    assert sent.status_code == (200 if allowed else 403)
    assert Notice.objects.filter(means="sms").exists() is allowed


def test_a_file_that_waits_or_was_removed_is_nobodys(city: City, published: Publish, settings: object) -> None:
    entry = published()
    upload = SimpleUploadedFile("密语.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    file = files.attach(entry, upload, actor=SYSTEM)
    for state in (FileState.WAITING, FileState.GONE):
        file.state = state
        file.save(update_fields=["state"])
        for role in ("", "nobody", Role.AGENT, Role.AUDITOR):
            assert browser(role).get(f"/knowledge/files/{file.key}/").status_code == 404
            assert "密语.pdf" not in browser(role).get(f"/knowledge/entries/{entry.code}/").content.decode()
