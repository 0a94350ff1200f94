"""What the check of a reply finds, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from nlp.replies import ReplyScore, score

QUESTION = (
    "我们小区门口的路灯坏了半个月，晚上漆黑一片，老人摔倒过。请问路灯什么时候能修好？"
    "另外，小区东门的窨井盖破损，希望尽快更换。"
)
GOOD = (
    "您好！经现场核查，小区门口六盏路灯因电缆被挖断熄灭，照明管理处已于3月4日抢修完毕，恢复亮灯。"
    "关于东门窨井盖破损的问题，属于污水管网的井盖，已责令维护单位于3月10日前更换。"
    "以上按照《城市道路照明设施管理规定》和《城市道路管理条例》办理。感谢您的监督。"
)


def codes(result: ReplyScore) -> set[str]:
    return {finding.code for finding in result.findings}


def test_a_good_reply_has_nothing_serious() -> None:
    result = score(QUESTION, GOOD)
    assert result.overall > 0.7
    assert not {finding.code for finding in result.findings if finding.severity != "note"}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "empty"),
        ("您好！您反映的问题我们高度重视，感谢您的支持。", "empty"),
        ("您的留言已收悉。", "empty"),
        ("您好，您的诉求已转有关部门处理，请耐心等待。", "only_handed_on"),
        ("您好，请您拨打0371-66668888咨询。", "sent_elsewhere"),
        ("高龄津贴每月一百元，年满八十周岁的老人可持户口本到民政所申领，按照《高龄津贴发放办法》执行。", "off_topic"),
        (
            "您好！您反映的路灯问题收悉。我市路灯工作历来深受群众好评，连续三年荣获先进单位称号，请您放心。",
            "beside_the_matter",
        ),
        ("您好！小区门口的路灯不能维修。", "refusal_without_ground"),
        ("您好！小区门口的路灯计划统一维修。", "no_deadline"),
        (GOOD + "联系人电话13838380438。", "personal_data"),
        (GOOD + "反映人住3号楼2单元1502室。", "personal_data"),
        (GOOD + "举报人系本小区居民柳春燕。", "personal_data"),
        (GOOD + "举报信已转交该公司负责人阅处。", "personal_data"),
        (GOOD + "不要再打电话来烦了。", "rude"),
        (GOOD + "修不修轮不到你说，还好意思来问。", "rude"),
    ],
)
def test_each_fault_is_named(reply: str, code: str) -> None:
    assert code in codes(score(QUESTION, reply))


def test_each_fault_costs() -> None:
    best = score(QUESTION, GOOD).overall
    half = score(QUESTION, GOOD.split("关于东门")[0]).overall
    assert best > half > score(QUESTION, "您的留言已收悉。").overall
    assert score(QUESTION, GOOD + "联系人电话13838380438。").overall < 0.1


def test_half_an_answer_names_the_other_half() -> None:
    result = score(
        "请问教师招聘报名需要什么条件？另外，请问幼儿园学费补贴去哪里申请？",
        "您好！教师招聘报名的条件是年满十八周岁，具有教师资格证，根据《事业单位公开招聘规定》办理，报名时间为5月6日。",
    )
    missing = [finding.sentence for finding in result.findings if finding.code == "demand_unanswered"]
    assert len(missing) == 1
    assert "学费补贴" in missing[0]


def test_personal_data_are_not_repeated_in_the_finding() -> None:
    result = score(QUESTION, "路灯已修好，已电话13838380438告知。")
    (finding,) = (one for one in result.findings if one.code == "personal_data")
    assert "13838380438" not in finding.sentence
    assert finding.severity == "block"


def test_an_office_telephone_is_only_a_note() -> None:
    result = score(QUESTION, GOOD + "咨询电话0371-66668888。")
    assert [one.severity for one in result.findings if one.code == "personal_data"] == ["note"]
    assert result.overall == pytest.approx(score(QUESTION, GOOD).overall, abs=0.05)


@pytest.mark.parametrize("told", ["举报人系本小区居民柳春燕。", "我局已将您的姓名和电话告知该店老板。"])
def test_who_reported_is_never_told(told: str) -> None:
    assert any(one.code == "personal_data" and one.severity == "block" for one in score(QUESTION, GOOD + told).findings)
    assert score(QUESTION, GOOD + told).overall < 0.15


def test_slogans_about_the_matter_are_no_answer() -> None:
    slogans = (
        "市政府一直高度重视路灯和窨井盖工作，我局将按照建设文明城市的要求，科学规划，稳步推进，力争早日让群众满意。"
    )
    assert score(QUESTION, f"您好！您的来信收悉。{slogans}感谢您的关心。").overall < 0.3


def test_figures_are_between_zero_and_one() -> None:
    for reply in ("", "好", GOOD, GOOD * 30, "？" * 50, "\n\n"):
        for question in ("", QUESTION):
            result = score(question, reply)
            for value in (result.relevance, result.completeness, result.explainability, result.overall):
                assert 0 <= value <= 1


def test_command_prints_one_object_per_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "replies.csv"
    file.write_text(f'id,body,reply\n1,"{QUESTION}","{GOOD}"\n2,"{QUESTION}",已收悉\n', "utf-8")
    call_command("score_replies", str(file), "--json")
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert list(first) == ["id", "relevance", "completeness", "explainability", "overall", "findings"]
    assert first["id"] == "1"
    assert first["overall"] > second["overall"]
    assert second["findings"][0]["code"] == "empty"


def test_command_names_the_missing_column(tmp_path: Path) -> None:
    file = tmp_path / "replies.csv"
    file.write_text("id,text\n1,a\n", "utf-8")
    with pytest.raises(CommandError, match="missing columns: body, reply"):
        call_command("score_replies", str(file))


def test_command_reads_what_excel_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "replies.csv"
    file.write_bytes("id,body,reply\n1,问,已转办\n".encode("gbk"))
    call_command("score_replies", str(file))
    assert capsys.readouterr().out.startswith("1 总分")
    file.write_bytes(b"%PDF-1.7 \xff\xfe")
    with pytest.raises(CommandError, match="a PDF file, not a text file"):
        call_command("score_replies", str(file))


def test_a_reply_that_breaks_off_is_told() -> None:
    half = score(QUESTION, GOOD[: len(GOOD) // 2])
    assert "broken_off" in {one.code for one in half.findings}
    assert half.overall < 0.5 * score(QUESTION, GOOD).overall


@pytest.mark.parametrize("end", ["感谢您的监督。", "郑州市住建局 2026年3月4日", "市城市管理局", "电话：0371-66668888"])
def test_an_ending_is_recognised(end: str) -> None:
    codes = {one.code for one in score(QUESTION, GOOD.removesuffix("感谢您的监督。") + end).findings}
    assert not codes & {"broken_off", "no_ending"}


def test_an_answer_without_an_ending_is_only_noted() -> None:
    found = score(QUESTION, GOOD.removesuffix("感谢您的监督。")).findings
    assert [one.severity for one in found if one.code == "no_ending"] == ["note"]
