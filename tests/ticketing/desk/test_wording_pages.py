"""The city's words, keywords and urgency rules: changed on a page, used at once, on record."""

from __future__ import annotations

import pytest
from django.db import transaction

from nlp.segment import default_segmenter, segment
from tests.city import City
from ticketing.intake.report import Report
from ticketing.language import read
from ticketing.models import DictionaryWord, OutboxEntry, OwnRule, WordingChange
from ticketing.wording import following

from .conftest import LogIn

pytestmark = pytest.mark.django_db
RULE = {
    "name": "堆场测温",
    "level": "critical",
    "handover": "119",
    "why": "危化品堆场超温",
    "event": "测温灯…(红|闪)",
    "positive": "堆场测温灯一直闪红光\n测温灯变红了",
    "negative": "测温灯没有变红\n去年测温灯红过一次",
}
SENTENCE = "堆场测温灯一直闪红光，麻烦来人看看"


@pytest.fixture(autouse=True)
def _commits_are_heard(django_capture_on_commit_callbacks: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's transaction never commits; what waits for the commit is done at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda then, **_: then())


def cut(text: str) -> list[str]:
    following.refresh()
    return segment(text)


def test_a_word_is_added_used_and_taken_out(city: City, log_in: LogIn) -> None:
    browser = log_in("supervisor")
    assert "幸福里汀兰苑" not in cut("幸福里汀兰苑停水")
    typed = {"words": "幸福里汀兰苑，梧桐叠翠\n幸福里汀兰苑", "sort": "estate"}
    page = browser.post("/desk/language/words/", typed, follow=True).content.decode()
    assert "已添加 2 个词" in page
    assert "梧桐叠翠" in page
    assert cut("幸福里汀兰苑停水")[0] == "幸福里汀兰苑"
    row = DictionaryWord.objects.get(word="幸福里汀兰苑")
    page = browser.post("/desk/language/words/", {"remove": row.pk}, follow=True).content.decode()
    assert "已移除“幸福里汀兰苑”" in page
    assert "幸福里汀兰苑" not in cut("幸福里汀兰苑停水")
    told = WordingChange.objects.order_by("pk").values_list("what", "by", "after")
    assert [what for what, _, _ in told] == ["添加", "移除"]
    assert {by for _, by, _ in told} == {city.staff["supervisor"].pk}
    assert OutboxEntry.objects.filter(topic="ledger", key__startswith="wordingchange/").count() == 2


def test_names_of_the_directory_are_words(city: City) -> None:
    cut("")
    assert city.unit["lights"].name in default_segmenter().user_words()


def test_what_can_be_no_word_is_named_and_nothing_is_added(city: City, log_in: LogIn) -> None:
    typed = {"words": "梧桐叠翠 锦绣(二期) 村", "sort": "estate"}
    answer = log_in("supervisor").post("/desk/language/words/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“锦绣(二期)”不能含有“(”" in page
    assert "“村”至少两个字" in page
    assert "梧桐叠翠 锦绣(二期) 村</textarea>" in page
    assert not DictionaryWord.objects.exists()
    assert log_in("supervisor").post("/desk/language/words/", {"words": "梧桐", "sort": "x"}).status_code == 422
    assert log_in("supervisor").post("/desk/language/words/", {"remove": "9" * 30}).status_code == 422


def test_keywords_steer_the_cold_start_at_once(city: City, log_in: LogIn) -> None:
    report = Report(channel="web", body="楼下的亮灯柱子黑灯瞎火三天了")
    lamp = city.category["lamp"]
    before = dict(read(report).alternatives).get(lamp.pk, 0.0)
    typed = {"category": lamp.pk, "keywords": "黑灯瞎火；亮灯柱子, 黑灯瞎火"}
    page = log_in("administrator").post("/desk/language/keywords/", typed).content.decode()
    assert "的关键词已保存" in page
    assert "黑灯瞎火；亮灯柱子" in page
    found = read(report)
    assert found.category == lamp.pk
    assert dict(found.alternatives)[lamp.pk] > before
    assert WordingChange.objects.get().after == {"keywords": ["黑灯瞎火", "亮灯柱子"]}
    wrong = log_in("administrator").post("/desk/language/keywords/", typed | {"keywords": "灯"})
    assert wrong.status_code == 422
    assert "2 至 20 个字：灯" in wrong.content.decode()


def test_a_rule_of_the_city_counts_from_now_on(city: City, log_in: LogIn) -> None:
    browser = log_in("supervisor")
    report = Report(channel="web", body=SENTENCE)
    assert read(report).urgency == "normal"
    page = browser.post("/desk/language/rules/new/", RULE, follow=True).content.decode()
    assert "4 个句子全部符合" in page
    found = read(report)
    assert (found.urgency, found.handover) == ("critical", "119")
    assert "危化品堆场超温" in found.reasons[0]
    row = OwnRule.objects.get()
    tried = browser.post("/desk/language/try/", {"text": SENTENCE}).content.decode()
    assert f'<a href="/desk/language/rules/{row.pk}/">堆场测温</a>' in tried
    assert "移交 119" in tried
    off = {"switch": "off", "version": row.version}
    assert "已停用" in browser.post(f"/desk/language/rules/{row.pk}/", off, follow=True).content.decode()
    assert read(report).urgency == "normal"
    stale = browser.post(f"/desk/language/rules/{row.pk}/", RULE | {"version": 1})
    assert stale.status_code == 409
    assert "已在您打开本页后修改过" in stale.content.decode()
    assert "添加" in browser.get(f"/desk/language/rules/{row.pk}/").content.decode()
    assert "危化品堆场超温" in log_in("auditor").get("/desk/language/changes/").content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"positive": "今天测温灯挺好看"}, "应命中的句子“今天测温灯挺好看”没有命中"),
        ({"negative": "测温灯闪了三次"}, "不应命中的句子“测温灯闪了三次”命中了（“测温灯闪”）"),
        ({"event": "天然气开户", "anytime": "on", "positive": "天然气开户"}, "会把规则 gas_leak 自带的反例"),
        ({"event": "(测+)+灯"}, "最多几次"),
        ({"event": "测温灯("}, "“(”没有对应的“)”"),
        ({"event": ""}, "这个字段是必填项"),
        ({"level": "normal"}, "选择一个有效的选项"),
        ({"negative": "路" * 201}, "每行最多 200 字"),
    ],
)
def test_a_rule_that_fails_is_not_saved(city: City, log_in: LogIn, changes: dict[str, str], said: str) -> None:
    answer = log_in("supervisor").post("/desk/language/rules/new/", RULE | changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not OwnRule.objects.exists()


def test_a_rule_that_became_unusable_keeps_no_report_out(city: City, log_in: LogIn) -> None:
    log_in("supervisor").post("/desk/language/rules/new/", RULE)
    OwnRule.objects.update(event=["(坏"])
    following._newest.forget()
    following._depending()[1].forget()
    assert read(Report(channel="web", body=SENTENCE)).urgency == "normal"


def test_everything_read_in_a_sentence_is_shown(city: City, log_in: LogIn) -> None:
    text = "我叫王建国，电话13812345678，楼道里煤气味很重，请尽快处理。另外路灯也不亮。"
    page = log_in("administrator").post("/desk/language/try/", {"text": text}).content.decode()
    for part in ("gas_leak", "随产品的规则", "138****5678", "诉求", "分词", "2 项"):
        assert part in page
    page = log_in("administrator").post("/desk/language/try/", {"text": "楼道里煤气味很重"}).content.decode()
    assert ("特急</span>" in page, "移交 119" in page) == (True, True)
    empty = log_in("administrator").post("/desk/language/try/", {"text": " "})
    assert (empty.status_code, "请填写一句话" in empty.content.decode()) == (422, True)
    assert log_in("administrator").post("/desk/language/try/", {"text": "字" * 5001}).status_code == 422


@pytest.mark.parametrize(
    "address", ["words/?q=%00x", "keywords/?q=%00", "changes/?before=99999999999999999999", "changes/?before=x"]
)
def test_odd_questions_are_answered(city: City, log_in: LogIn, address: str) -> None:
    assert log_in("supervisor").get(f"/desk/language/{address}").status_code == 200


def test_an_auditor_reads_and_changes_nothing(city: City, log_in: LogIn) -> None:
    browser = log_in("auditor")
    page = browser.get("/desk/language/words/").content.decode()
    assert "<h2>添加</h2>" not in page
    assert "/desk/language/try/" not in page
    for address, typed in (("words", {"words": "梧桐叠翠", "sort": "estate"}), ("keywords", {"category": 1})):
        assert browser.post(f"/desk/language/{address}/", typed).status_code == 404
    assert browser.post("/desk/language/rules/new/", RULE).status_code == 404
    assert not DictionaryWord.objects.exists()
