"""The learnt sense of danger: shipped weights fit their examples, and what it adds to the rules."""

from __future__ import annotations

import pytest

from nlp.data import read
from nlp.urgency import assess, sense
from nlp.urgency.clean import plain
from nlp.urgency.learn import digest, examples, learn, learn_lines, learn_weighing, routed
from nlp.urgency.lines import LINES, choose
from nlp.urgency.lines import parse as parse_lines
from nlp.urgency.rulebook import parse
from nlp.urgency.weigh import facts

DANGERS = [(f"{who}{what}", True) for who in ("老人", "孩子", "工人") for what in ("喘不上气", "掉进井里", "流血不止")]
GRIEVANCES = [
    (f"{who}{what}", False) for who in ("物业", "学校", "公交") for what in ("收费太高", "态度不好", "不回复")
]


def test_the_shipped_weights_were_learnt_from_the_shipped_examples() -> None:
    now = digest(examples())
    for name in ("danger_sense.tsv", "danger_weighing.tsv"):
        heading = read(name).split("\n", 1)[0]
        assert heading.split()[1] == now, "examples were edited: run python -m nlp.urgency.learn"


def test_the_shipped_lines_were_learnt_from_the_shipped_examples() -> None:
    heading = read("danger_lines.tsv").split("\n", 1)[0]
    assert heading.split()[1] == digest(routed()), "examples were edited: run python -m nlp.urgency.learn"
    assert len(heading.split()) == 2 + len(LINES)


def test_a_line_is_learnt_from_dangers_that_name_it() -> None:
    hurt = [(f"{who}{what}", "120") for who in ("老人", "孩子", "工人") for what in ("喘不上气", "流血不止")]
    burnt = [(f"{where}{what}", "119") for where in ("厨房", "阳台", "车库") for what in ("冒黑烟", "窜火苗")]
    biases, pulls = parse_lines(learn_lines(hurt + burnt))
    assert len(biases) == len(LINES)
    assert pulls["血"][1][LINES.index("120")] > 0 > pulls["血"][1][LINES.index("119")]


def test_the_rule_decides_where_the_words_do_not() -> None:
    assert [choose("ΩΩΩ", rule) for rule in ("110", "119", "120")] == ["110", "119", "120"]


def test_learning_tells_apart_what_it_has_not_seen() -> None:
    weights = sense.parse(learn(DANGERS[:-1] + GRIEVANCES[:-1]))
    assert sense.judge("工人流血不止", weights).probability > 0.5
    assert sense.judge("公交不回复", weights).probability < 0.5


def test_learning_is_deterministic() -> None:
    assert learn(DANGERS + GRIEVANCES) == learn(DANGERS + GRIEVANCES)


def test_a_danger_without_a_rule_is_told_with_its_words() -> None:
    found = assess("轮渡机器坏了在江心打转，船舱开始进水")
    assert found.level == "critical"
    assert [one.rule for one in found.rules] == ["sounds_dangerous"]
    assert "进水" in found.rules[0].words or "江心" in found.rules[0].words
    assert (found.handover, found.suspected_110) == ("119", True)


def test_rules_and_sense_are_weighed_together() -> None:
    """Made up: what a rule is worth is learnt from texts in which it is right and from those in which it is not."""
    right = [({"sense": 2.0 + step, "a rule": 1.0}, True) for step in range(5)]
    wrong = [({"sense": -2.0 - step, "a rule": 1.0}, False) for step in range(4)]
    worth = learn_weighing([*right, *wrong, ({"sense": -3.0}, False), ({"sense": -2.0}, False)])
    assert worth["sense"] > 0 and worth["a rule"] > 0
    assert {name.removeprefix("long ") for name in facts("路" * 61, 1, 0)} >= {"last sentence", "a rule", "sense"}
    assert facts("路", 2, 0)["two rules"] == 1.0


def test_an_alarm_in_the_middle_of_a_story_is_heard() -> None:
    grumble = "物业的问题反映过好多次了，停车乱、灯也不亮，没有人管。"
    story = f"{grumble}可是现在顾不上这个了，一楼的电表箱烧起来了，火苗窜到楼道里，老人都下不来。你们快派消防来。"
    calm = f"{grumble}前年一楼的电表箱烧起来过，后来换了新的。请问这种改造的费用应该由谁出，需要准备什么材料？"
    assert assess(story).level == "critical"
    assert assess(calm).level != "critical"


def test_what_is_over_is_not_sensed() -> None:
    assert assess("前年轮渡机器坏了在江心打转，船舱进水").level == "normal"


def test_a_text_of_unknown_characters_is_harmless() -> None:
    assert sense.judge("ΩΩΩ").words == ()
    assert assess("ΩΩΩ 123").level == "normal"


def test_misspelt_and_spaced_words_are_read() -> None:
    assert plain("厨 房 媒气  泻漏") == "厨房煤气泄漏"
    assert assess("媒气 泻漏了，楼 道 里 都是味").level == "critical"


def test_a_sure_rule_is_not_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    entry: dict[str, object] = {
        "id": "own",
        "level": "critical",
        "why": "本市的规则",
        "any": ["蓝色大象"],
        "guards": [],
        "positive": ["蓝色大象来了"],
        "negative": ["没有大象"],
    }
    text = "请问蓝色大象公园周末几点开门，门票要多少钱"
    for sure, level in ((False, "normal"), (True, "critical")):
        rule = parse(entry | {"sure": sure}, {})
        monkeypatch.setattr("nlp.urgency.rulebook", lambda rule=rule: (rule,))
        assert assess(text).level == level
