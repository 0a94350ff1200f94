"""Names learnt from sentences: shipped weights fit their examples, and what is seen where no word announces it."""

from __future__ import annotations

import pytest

from nlp.data import read
from nlp.privacy import find, mask
from nlp.privacy.learn import digest, learn, unmarked
from nlp.privacy.names import parse, weigh

MARKED = [
    f"{before}[王建国]{after}" for before in ("昨天是", "我找过", "钱给了") for after in ("收的", "两次", "，没回音")
]
PLAIN = ["昨天停水了", "我找过物业两次", "钱给了他们，没回音", "高速路口收的费", "方便的时候来"]


def names(text: str) -> list[str]:
    return [found.text for found in find(text) if found.kind == "name"]


def test_the_shipped_weights_were_learnt_from_the_shipped_examples() -> None:
    heading = read("name_sense.tsv").split("\n", 1)[0]
    assert heading.split()[1] == digest(), "examples or lists were edited: run python -m nlp.privacy.learn"


def test_learning_sees_other_names_in_the_same_places_and_is_deterministic() -> None:
    learnt = learn([*MARKED, *PLAIN])
    assert learnt == learn([*MARKED, *PLAIN])
    text, ((start, end),) = unmarked("我找过[郑晓梅]两次")
    weighed = {(one.start, one.end): probability for probability, one in weigh(text, parse(learnt))}
    assert max(weighed, key=lambda span: weighed[span]) == (start, end)


def test_marks_are_taken_out() -> None:
    assert unmarked("[李明]在<黄兴>路找[王丽]") == ("李明在黄兴路找王丽", [(0, 2), (7, 9)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("钱是周敏收的，收据上签的是赵海军", ["周敏", "赵海军"]),
        ("当时在场的有陈立、孙玉兰和马明", ["陈立", "孙玉兰", "马明"]),
        ("护林员佟长山三个月没领到工资", ["佟长山"]),
        ("阿依古丽·吐尔逊需要翻译", ["阿依古丽·吐尔逊"]),
    ],
)
def test_names_that_no_word_announces(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "黄兴路口的红绿灯坏了",
        "感谢您对我们工作的关心、支持",
        "高校毕业生补贴怎么领",
        "安康小区的业主都在等",
        "孙科长说下周答复",
    ],
)
def test_what_looks_like_a_name_and_is_none(text: str) -> None:
    assert names(text) == []


def test_a_name_is_masked_wherever_it_stands_again() -> None:
    masked = mask("我是投诉人欧阳晓燕，电话打不通。材料上欧阳晓燕四个字写错了。")
    assert masked.count("欧***") == 2
    assert mask(masked) == masked
