"""The learnt sense of kinds: shipped weights fit their examples, and words decide that can be shown."""

from __future__ import annotations

import pytest

from nlp.data import read
from nlp.kinds import kind_of
from nlp.kinds.learn import LESSON
from nlp.kinds.words import KINDS, spoken
from nlp.sense import Impression, Weights, judge, parse, shipped

THANKS = [
    (f"{who}{what}", "praise") for who in ("司机", "民警", "大夫") for what in ("送回钱包", "跑前跑后", "分文没要")
]
QUESTIONS = [
    (f"{what}{how}", "consult") for what in ("落户", "补卡", "退休") for how in ("怎么办", "要什么材料", "去哪里")
]


def judged(text: str, weights: Weights) -> Impression:
    return judge(text, {name: one.score for name, one in spoken(text).items()}, KINDS, weights)


def test_the_shipped_weights_were_learnt_from_the_shipped_examples() -> None:
    heading = read("kind_sense.tsv").split("\n", 1)[0]
    assert heading.split()[1] == LESSON.digest(), "examples or words were edited: run python -m nlp.kinds.learn"
    assert len(heading.split()) == 2 + len(KINDS)


def test_learning_tells_apart_what_it_has_not_seen_and_is_deterministic() -> None:
    learnt = LESSON.learn(THANKS[:-1] + QUESTIONS[:-1])
    assert learnt == LESSON.learn(THANKS[:-1] + QUESTIONS[:-1])
    for text, kind in (THANKS[-1], QUESTIONS[-1]):
        assert judged(text, parse(learnt)).best == kind


def test_a_kind_without_any_known_word_of_the_lists() -> None:
    found = kind_of("环卫大姐翻了四十分钟垃圾桶把我的假牙找回来了，没要一分钱")
    assert found.kind == "praise"
    assert found.words


def test_confidences_are_probabilities() -> None:
    shares = judged("路灯坏了，麻烦派人来修", shipped("kind_sense.tsv")).shares
    assert set(shares) == set(KINDS)
    assert abs(sum(shares.values()) - 1) < 1e-9


def test_a_longer_text_of_unknown_characters_has_a_kind_without_words() -> None:
    found = kind_of("ΩΩΩΩΩΩΩΩ")
    assert found.words == ()
    assert found.confidence < 0.9


@pytest.mark.parametrize(("opening", "kind"), [("投诉", "complaint"), ("举报", "report"), ("咨询", "consult")])
def test_a_letter_is_what_its_title_calls_it(opening: str, kind: str) -> None:
    body = "尊敬的领导，您好，非常感谢您在百忙之中看我的来信。我们小区的情况是这样的，前年交房以后一直住着。" * 4
    assert kind_of(f"{opening}小区供暖的问题。{body}谢谢！").kind == kind
