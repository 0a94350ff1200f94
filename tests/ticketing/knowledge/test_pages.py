"""The doors: who sees what, what is counted, and that questions never stand in an address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from directory.models import Role, Staff
from tests.ticketing.search.city import City
from ticketing.knowledge import editing
from ticketing.knowledge.models import KnowledgeEntry, KnowledgeError, KnowledgeFile, KnowledgeUse
from ticketing.lifecycle.actors import Actor
from ticketing.models import Notice

Publish = Callable[..., KnowledgeEntry]


@pytest.fixture
def citizen() -> Client:
    return Client()


def person(role: str) -> Client:
    browser = Client()
    browser.force_login(Staff.objects.get(username=f"t-{role}"))
    return browser


def test_a_citizen_asks_reads_and_votes_once(citizen: Client, published: Publish) -> None:
    entry = published()
    page = citizen.post("/knowledge/", {"text": "路灯不亮找谁"}).content.decode()
    assert f"/knowledge/entries/{entry.code}/" in page
    assert "市城管局" in page  # the source
    for _ in range(3):
        assert citizen.get(f"/knowledge/entries/{entry.code}/").status_code == 200
        citizen.post(f"/knowledge/entries/{entry.code}/vote/", {"helped": "yes"})
    entry.refresh_from_db()
    assert (entry.uses, entry.helped) == (1, 1)


def test_an_unanswered_question_carries_its_words_to_the_filing_form(citizen: Client, published: Publish) -> None:
    asked = "火星移民签证去哪里排队"
    page = citizen.post("/knowledge/", {"text": asked}).content.decode()
    assert "没有确切的答案" in page
    gone = citizen.post("/knowledge/file/", {"text": asked})
    assert gone["Location"] == "/file/"
    assert asked in citizen.get("/file/").content.decode()
    assert asked not in citizen.get("/file/").content.decode()  # once


def test_internal_and_withdrawn_entries_look_like_none_to_a_citizen(
    citizen: Client, published: Publish, editor: Actor
) -> None:
    internal = published(public=False)
    gone = published(title="已下线")
    editing.withdraw(gone, actor=editor)
    for entry in (internal, gone):
        assert citizen.get(f"/knowledge/entries/{entry.code}/").status_code == 404
    assert internal.title not in citizen.get("/knowledge/").content.decode()
    assert person("agent").get(f"/knowledge/entries/{internal.code}/").status_code == 200
    assert person("nobody").get(f"/knowledge/entries/{internal.code}/").status_code == 404


def test_the_console_gets_answers_with_marked_passages(published: Publish) -> None:
    entry = published(content="<script>路灯</script>三日内修复")
    told = person("agent").post("/knowledge/api/answers/", {"text": "路灯坏了"}).json()
    assert told["known"]
    assert told["answers"][0]["code"] == entry.code
    assert "<em>路灯</em>" in told["answers"][0]["title_html"]
    assert "<script>" not in told["answers"][0]["passage_html"]
    as_json = person("agent").post("/knowledge/api/answers/", '{"category": "0108"}', content_type="application/json")
    assert as_json.json()["answers"][0]["code"] == entry.code


def test_answers_appear_while_a_form_is_filled_in(published: Publish) -> None:
    entry = published()
    internal = published(title="路灯内部口径", public=False)
    shown = person("agent").post("/knowledge/panel/", {"body": "花园路的路灯坏了没人修"}).content.decode()
    assert entry.code in shown
    assert internal.code in shown
    assert "<html" not in shown
    assert "知识" not in person("agent").post("/knowledge/panel/", {"body": "火星移民"}).content.decode()
    assert Client().post("/knowledge/panel/", {"body": "路灯"}).status_code == 302


@pytest.mark.parametrize("role", ["", "nobody"])
def test_endpoints_are_for_staff_with_a_role(published: Publish, role: str) -> None:
    browser, entry = (person(role) if role else Client()), published()
    for address in ("api/answers/", f"entries/{entry.code}/use/", f"entries/{entry.code}/sms/"):
        assert browser.post(f"/knowledge/{address}", {"text": "路灯", "how": "read"}).status_code == 403


def test_an_sms_goes_out_sealed_and_counts(published: Publish) -> None:
    entry = published()
    browser = person("agent")
    assert browser.post(f"/knowledge/entries/{entry.code}/sms/", {"phone": "13812345678"}).status_code == 200
    notice = Notice.objects.get(means="sms")
    assert "13812345678" not in f"{notice.text}{notice.address_box}{notice.key}"
    assert KnowledgeUse.objects.filter(how="sms").count() == 1
    assert browser.post(f"/knowledge/entries/{entry.code}/sms/", {"phone": "12"}).status_code == 422


def test_internal_knowledge_is_not_sent(published: Publish) -> None:
    entry = published(public=False)
    answer = person("agent").post(f"/knowledge/entries/{entry.code}/sms/", {"phone": "13812345678"})
    assert answer.status_code == 422
    assert not Notice.objects.filter(means="sms").exists()


def test_a_use_on_a_ticket_one_may_not_see_is_refused(city: City, published: Publish) -> None:
    hidden = city.ticket("二七区的事", region="410103")
    answer = person("agent").post(
        f"/knowledge/entries/{published().code}/use/", {"how": "inserted", "ticket": hidden.number}
    )
    assert answer.status_code == 404


def test_an_editor_proposes_and_a_second_person_publishes(city: City) -> None:
    sent = {
        "title": "井盖丢失报修",
        "category": "0108",
        "material": "daily",
        "content": "拨打照明部门电话。",
        "owner": "URBAN",
        "keywords": "井盖",
        "public": "on",
        "valid_from": "2025-01-01",
        "review_on": "2099-01-01",
    }
    first, second = person("knowledge_editor"), person("second")
    wrong = first.post("/knowledge/edit/new/", {**sent, "category": "城乡建设"})
    assert wrong.status_code == 422
    assert "末级" in wrong.content.decode()
    assert first.post("/knowledge/edit/new/", sent).status_code == 302
    entry = KnowledgeEntry.objects.get()
    version = entry.versions.get()
    own = first.post(f"/knowledge/edit/versions/{version.pk}/", {"decision": "approve"})
    assert own.status_code == 409
    assert second.post(f"/knowledge/edit/versions/{version.pk}/", {"decision": "approve"}).status_code == 302
    entry.refresh_from_db()
    assert entry.state == "published"
    assert "井盖丢失报修" in person("agent").get(f"/knowledge/entries/{entry.code}/").content.decode()


@pytest.mark.parametrize("role", ["agent", "auditor", "nobody"])
def test_the_work_pages_are_for_those_who_look_after_entries(city: City, published: Publish, role: str) -> None:
    entry = published()
    browser = person(role)
    assert browser.get("/knowledge/edit/").status_code == 403
    assert browser.get(f"/knowledge/edit/{entry.code}/").status_code in (403, 404)
    assert browser.post(f"/knowledge/edit/{entry.code}/withdraw/").status_code in (403, 404)
    assert browser.post("/knowledge/edit/import/").status_code == 403


def test_work_shows_what_waits(city: City, published: Publish) -> None:
    entry = published()
    agent = person("agent")
    assert agent.post(f"/knowledge/entries/{entry.code}/error/", {"text": "电话变了"}).status_code == 302
    editor = person("knowledge_editor")
    assert "电话变了" in editor.get("/knowledge/edit/").content.decode()
    error = KnowledgeError.objects.get()
    done = editor.post(f"/knowledge/edit/errors/{error.pk}/", {"answer": "已更正", "mended": "yes"})
    assert done.status_code == 302
    assert "没有待处理的纠错" in editor.get("/knowledge/edit/").content.decode()
    told = agent.get("/desk/inbox/").content.decode()
    assert "已更正" in told and f"/knowledge/entries/{entry.code}/" in told
    assert "1 条未读" in told
    assert "答复：已更正" in agent.get(f"/knowledge/entries/{entry.code}/").content.decode()


def test_an_import_page_reports_every_row(city: City) -> None:
    rows = "标题,类目,内容,责任单位,材料性质\n甲,0108,内容,URBAN,日常咨询\n乙,无,内容,URBAN,日常咨询\n"
    upload = SimpleUploadedFile("a.csv", rows.encode())
    page = person("knowledge_editor").post("/knowledge/edit/import/", {"file": upload})
    assert page.status_code == 422
    assert "末级类目" in page.content.decode()
    assert not KnowledgeEntry.objects.exists()


def test_what_was_exported_is_imported_without_any_change(city: City, published: Publish) -> None:
    entry = published()
    browser = person("knowledge_editor")
    for ending in ("csv", "xlsx"):
        content = browser.get(f"/knowledge/edit/export.{ending}").content
        page = browser.post("/knowledge/edit/import/", {"file": SimpleUploadedFile(f"a.{ending}", content)})
        assert page.status_code == 200
        assert "无变化 1，有误 0" in page.content.decode()
    assert entry.versions.count() == 1


def test_a_change_starts_from_what_is_published_with_the_day_of_the_last_review(city: City, published: Publish) -> None:
    entry = published()
    editor = person("knowledge_editor")
    assert editor.post(f"/knowledge/edit/{entry.code}/confirm/", {"review_on": "2099-05-06"}).status_code == 302
    assert 'value="2099-05-06"' in editor.get(f"/knowledge/edit/{entry.code}/").content.decode()


def test_the_export_is_what_the_import_reads(city: City, published: Publish) -> None:
    published()
    browser = person("knowledge_editor")
    assert "路灯不亮向谁反映" in browser.get("/knowledge/edit/export.csv").content.decode()
    assert browser.get("/knowledge/edit/export.xlsx").status_code == 200
    assert browser.get("/knowledge/edit/export.exe").status_code == 404


def test_a_file_is_recognised_kept_and_given_to_readers_only(city: City, published: Publish, settings: object) -> None:
    entry = published(public=False)
    editor = person("knowledge_editor")
    fake = SimpleUploadedFile("a.pdf", b"MZ not a pdf")
    assert editor.post(f"/knowledge/edit/{entry.code}/attach/", {"file": fake}).status_code == 422
    good = SimpleUploadedFile("流程.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    assert editor.post(f"/knowledge/edit/{entry.code}/attach/", {"file": good}).status_code == 302
    file = KnowledgeFile.objects.get()
    address, decide = f"/knowledge/files/{file.key}/", f"/knowledge/edit/files/{file.pk}/"
    agent, second = person("agent"), person("second")
    assert "流程.pdf" not in agent.get(f"/knowledge/entries/{entry.code}/").content.decode()
    assert agent.get(address).status_code == 404  # nobody else has looked at it
    assert editor.get(address).status_code == 200
    assert "流程.pdf" in second.get("/knowledge/edit/").content.decode()
    assert editor.post(decide, {"decision": "publish"}).status_code == 409
    assert agent.post(decide, {"decision": "publish"}).status_code == 404
    assert second.post(decide, {"decision": "publish"}).status_code == 302
    assert "流程.pdf" in agent.get(f"/knowledge/entries/{entry.code}/").content.decode()
    assert Client().get(address).status_code == 404
    answer = agent.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert editor.post(decide, {"decision": "remove"}).status_code == 302
    assert agent.get(address).status_code == 404


def test_the_calculator_page(citizen: Client, published: Publish) -> None:
    details = {"benefit": "每人一千元", "conditions": [{"fact": "graduates", "operator": "at_least", "value": 1}]}
    published(title="毕业生就业补贴", material="policy", details=details)
    assert citizen.get("/knowledge/policies/").status_code == 200
    page = citizen.post("/knowledge/policies/", {"graduates": "2"}).content.decode()
    assert "每人一千元" in page
    assert "符合：当年招用高校毕业生不少于1人" in page
    assert citizen.post("/knowledge/policies/", {"graduates": "many"}).status_code == 422


def test_roles_are_named_as_in_the_directory() -> None:
    assert Role.KNOWLEDGE_EDITOR in editing.EDITORS


GUIDE = {
    "title": "路灯迁移办理", "category": "0108", "material": "guide", "content": "申请迁移路灯。", "owner": "URBAN",
    "valid_from": "2025-01-01", "review_on": "2099-01-01", "g-item": "路灯迁移", "g-who": "建设单位",
    "g-materials": "申请书\n\n 身份证明 ", "g-steps": "申请\n现场查看", "g-limit": "10 个工作日", "g-fee": "不收费",
    "g-window": "一号窗口",
}  # fmt: skip


def test_a_guide_is_filled_in_without_any_json(city: City) -> None:
    editor = person("knowledge_editor")
    missing = editor.post("/knowledge/edit/new/", {**GUIDE, "g-fee": ""})
    assert missing.status_code == 422
    assert "办事指南缺少“收费”" in missing.content.decode() and "现场查看" in missing.content.decode()
    assert editor.post("/knowledge/edit/new/", GUIDE).status_code == 302
    version = KnowledgeEntry.objects.get().versions.get()
    assert version.content["details"]["materials"] == ["申请书", "身份证明"]
    again = editor.get(f"/knowledge/edit/{version.entry.code}/").content.decode()
    assert "申请书\n身份证明" in again


def test_the_rows_of_a_policy_are_read_and_wrong_ones_named(city: City) -> None:
    editor = person("knowledge_editor")
    policy = {name: text for name, text in GUIDE.items() if not name.startswith("g-")}
    policy |= {"title": "稳岗补贴", "material": "policy", "p-benefit": "每人一千元"}
    rows = {"c-0-fact": "employees", "c-0-operator": "at_most", "c-0-value": "300人"}
    rows |= {"c-2-fact": "size", "c-2-value": "小型、微型", "c-3-fact": "insured", "c-3-value": "是"}
    more = editor.post("/knowledge/edit/new/", {**policy, **rows, "more": "1"})
    assert more.status_code == 200 and "没有提交" not in more.content.decode()
    assert more.content.decode().count('class="condition"') == 6
    wrong = {**rows, "c-0-value": "三百", "c-3-value": "有", "c-4-fact": "size", "c-4-value": "特大", "c-5-value": "1"}
    answer = editor.post("/knowledge/edit/new/", {**policy, **wrong})
    assert answer.status_code == 422
    body = answer.content.decode()
    for text in (
        "第 1 个条件：“从业人数”应填数字",
        "第 3 个条件：“按时缴纳社会保险”应填“是”或“否”",
        "没有“特大”；可填：大型",
        "第 5 个条件：请选择",
    ):
        assert text in body, text
    assert editor.post("/knowledge/edit/new/", {**policy, **rows}).status_code == 302
    version = KnowledgeEntry.objects.get().versions.get()
    assert version.content["details"]["conditions"] == [
        {"fact": "employees", "operator": "at_most", "value": 300},
        {"fact": "size", "operator": "in", "value": ["小型", "微型"]},
        {"fact": "insured", "operator": "is", "value": True},
    ]
    again = editor.get(f"/knowledge/edit/{version.entry.code}/").content.decode()
    assert 'value="小型、微型"' in again and again.count('class="condition"') == 6
