import random
import threading

import pytest

from nlp.segment import FastEngine, ReferenceEngine, Segmenter, add_words, default_segmenter, segment, why_no_word

USER_WORDS = ["金水湾花园", "万科", "5G", "B7区", "12345热线", "80后", "地铁9号线", "K2-3路", "K2-3", "BRT", "C++"]

SENTENCES = [
    "二七区大学路与陇海路交叉口的路灯坏了三天没人修。",
    "小区3号楼2单元电梯停运,物业说要等到6月15日。",
    "我在80-90平米的房子里,水压只有0.1MPa,每吨1.8M的说法不对。",
    "请看 https://example.invalid/a_b?x=1.5&y=50% ,工号A-1203,电话转12345。",
    "拖欠工资12.5万元,AT&T和C++都不懂,c#也不懂。",
    "文件编号2015.0701H号,第9.269.29条,_x000D_",
    "豫A·12345占道停车,㐀㐂村的路没人扫,𠀀字不认识。",
    "全角１２３ＡＢＣ和半角123ABC、é、Ⅱ、〇、々,鿖。",
    "金水湾花园5G信号差,B7区的BRT站台漏雨,K2-3路改道了,K2-3也是。",
    "",
    "   ",
    "\n\r\n\t 你好 \u3000世界\xa0",
]


@pytest.fixture(scope="module")
def pair() -> tuple[Segmenter, Segmenter]:
    fast = Segmenter(USER_WORDS)
    reference = Segmenter(engine=ReferenceEngine)
    reference.add_weighted(fast.user_words())
    return fast, reference


@pytest.mark.parametrize("text", SENTENCES)
def test_both_engines_cut_alike(pair: tuple[Segmenter, Segmenter], text: str) -> None:
    fast, reference = pair
    assert fast.cut(text) == reference.cut(text)


@pytest.mark.parametrize("text", SENTENCES)
def test_both_engines_find_the_same_words_inside(pair: tuple[Segmenter, Segmenter], text: str) -> None:
    fast, reference = pair
    assert fast.every_word(text) == reference.every_word(text)


def test_every_word_overlaps() -> None:
    assert Segmenter().every_word("住房公积金A3") == [
        "住",
        "住房",
        "房",
        "公",
        "公积",
        "公积金",
        "积",
        "积金",
        "金",
        "A3",
    ]


def test_both_engines_cut_shuffled_pieces_alike(pair: tuple[Segmenter, Segmenter]) -> None:
    fast, reference = pair
    chance = random.Random(5)
    pieces = [*USER_WORDS, "路灯", "80-90", "1.5M", "3%", ".5", "-", "_", "㐀", "é", "，", " ", "拖欠", "农民工", "A3"]
    for _ in range(500):
        text = "".join(chance.choices(pieces, k=12))
        assert fast.cut(text) == reference.cut(text), text


@pytest.mark.parametrize("text", SENTENCES)
def test_no_character_is_lost(pair: tuple[Segmenter, Segmenter], text: str) -> None:
    assert "".join(pair[0].cut(text)) == text


def test_engines_agree_without_a_user_dictionary() -> None:
    fast, reference = FastEngine(), ReferenceEngine()
    assert [fast.cut(text) for text in SENTENCES] == [reference.cut(text) for text in SENTENCES]


def test_a_word_added_while_running_holds_together() -> None:
    segmenter = Segmenter()
    text = "我住在幸福里汀兰苑二期"
    assert "幸福里汀兰苑" not in segmenter.cut(text)
    assert segmenter.add_words(["幸福里汀兰苑"]) == 1
    assert "幸福里汀兰苑" in segmenter.cut(text)


def test_a_word_is_added_once() -> None:
    segmenter = Segmenter(["龙湖锦艺城"])
    assert segmenter.add_words(["龙湖锦艺城", " 龙湖锦艺城 "]) == 0


@pytest.mark.parametrize("word", ["", "村", "锦绣(二期)", "东 风路", "字" * 31])
def test_what_can_never_be_a_word_is_left_out(word: str) -> None:
    assert why_no_word(word)
    segmenter = Segmenter()
    assert segmenter.add_words([word]) == 0
    assert segmenter.user_words() == {}


def test_a_list_is_exactly_what_it_says() -> None:
    segmenter = Segmenter()
    segmenter.add_weighted({"龙湖锦艺城": 3})
    text = "幸福里汀兰苑和龙湖锦艺城之间"
    assert segmenter.use_list(["幸福里汀兰苑", "村"])
    assert {"幸福里汀兰苑", "龙湖锦艺城"} <= set(segmenter.cut(text))
    assert not segmenter.use_list(["幸福里汀兰苑"]), "nothing changed"
    assert segmenter.use_list([])
    assert "幸福里汀兰苑" not in segmenter.cut(text)
    assert "龙湖锦艺城" in segmenter.cut(text), "a model's word stays"
    assert segmenter.use_list([], without=["龙湖锦艺城"])
    assert segmenter.user_words() == {}
    assert segmenter.cut(text) == Segmenter().cut(text)


def test_it_does_not_matter_what_the_list_was_before() -> None:
    one, other = Segmenter(), Segmenter()
    one.use_list(["东风渠滨河公园", "滨河公园", "东风渠"])
    other.use_list(["东风渠"])
    other.use_list(["滨河公园", "东风渠"])
    other.use_list(["滨河公园", "东风渠滨河公园", "东风渠"])
    text = "东风渠滨河公园和滨河公园、东风渠滨河路"
    assert one.cut(text) == other.cut(text)


def test_words_have_no_blanks() -> None:
    assert Segmenter().words(" 路灯\u3000坏了\n") == ["路灯", "坏", "了"]


def test_words_can_be_added_while_others_cut() -> None:
    segmenter = Segmenter()
    names = [f"甲{chr(0x4E00 + n)}{chr(0x4F00 + n)}苑" for n in range(200)]
    failures: list[Exception] = []

    def cut() -> None:
        try:
            for _ in range(400):
                assert "".join(segmenter.cut("二七区大学路路灯坏了")) == "二七区大学路路灯坏了"
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=cut) for _ in range(4)]
    for thread in threads:
        thread.start()
    segmenter.add_words(names)
    for thread in threads:
        thread.join()
    assert not failures
    assert all(name in segmenter.cut(name) for name in names)


def test_the_shared_segmenter_is_one() -> None:
    assert default_segmenter() is default_segmenter()
    add_words(["测试用的长名苑"])
    assert segment("测试用的长名苑停水") == ["测试用的长名苑", "停水"]
