"""Matters: everyday words together name what the official words say; other cities and recipes are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from directory.models import Department, Region
from directory.models.places import RegionLevel
from ticketing.knowledge import elsewhere, matters
from ticketing.knowledge.whole import Text

TABLE = matters.read_table(
    """
@hurt = 摔 轧 伤   # a class
油烟 餐饮油烟 | 烟…灌 | 做饭 隔壁 屋里 呛
工伤 | 手&@hurt | 机器 厂
公积金 公积金提取 | 取公积金 | 房租
油烟 | 烟熏 |
 | 菜谱 | 红烧 好吃
no sign in this line
坏的 | …钱 |
"""
)


def heard(text: str) -> list[str]:
    return [one.matter.official[0] if one.matter.official else "foreign" for one in TABLE.heard(text)]


def test_a_word_that_names_the_matter_is_enough() -> None:
    assert heard("我要取公积金") == ["公积金"]


def test_one_hint_is_not_and_two_with_a_name_are_stronger() -> None:
    assert heard("隔壁有人") == []
    (alone,) = TABLE.heard("菜谱")
    (more,) = TABLE.heard("红烧好吃的菜谱")
    assert alone.strength < more.strength and more.foreign


def test_three_hints_name_a_matter_without_its_name() -> None:
    assert heard("隔壁做饭,屋里呛人") == ["油烟"]


def test_pieces_stand_in_order_or_near_each_other() -> None:
    assert heard("烟全往屋里灌,隔壁") == ["油烟"]
    assert heard("灌了一肚子烟") == []
    assert heard("机器轧了手") == heard("手叫机器轧了") == ["工伤"]
    assert heard("机器坏了。别的都好好的没有什么事情发生,只是手有点冷") == []


def test_a_gap_does_not_reach_over_a_comma() -> None:
    assert heard("没有烟,灌水") == []


@pytest.mark.parametrize(
    ("said", "piece", "whole"),
    [
        ("打针以后发烧", "打针", True),
        ("请拨打针对老年人的电话", "打针", False),  # across two words
        ("消防通道被占", "消防", True),
        ("上海市的规定", "海", False),  # within a name
        ("江苏省的社保", "江苏", False),
        ("狗叫", "狗", True),
    ],
)
def test_a_piece_is_a_word_and_not_what_stands_there_by_chance(said: str, piece: str, whole: bool) -> None:
    at = said.index(piece)
    assert Text(said).whole(at, at + len(piece)) is whole
    assert Text(said).find(piece, 0, len(said)) == (at if whole else -1)


def test_lines_with_the_same_first_word_are_one_matter() -> None:
    assert heard("烟熏") == ["油烟"]


def test_a_pattern_with_an_empty_piece_says_nothing() -> None:
    assert heard("钱") == []


@pytest.mark.parametrize("text", ["公基金怎么题取", "gongjijin", "Gong Ji Jin"])
def test_words_are_understood_by_their_sound(text: str) -> None:
    (found,) = TABLE.sounding(text.lower())
    assert found.matter.official[0] == "公积金"


@pytest.mark.parametrize("text", ["", " ", "。，…&@", "\x00", "a" * 5000, "🚲🚲", "@hurt"])
def test_odd_texts_are_only_text(text: str) -> None:
    assert TABLE.heard(text) == TABLE.sounding(text) == []


def test_an_edited_table_takes_the_place_of_the_shipped_one_at_once(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA = tmp_path
    assert matters.table().heard("老伴瘫了吃不上饭")
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "matters.txt").write_text("新词 | 老说法 |\n", encoding="utf-8")
    assert [one.matter.official for one in matters.table().heard("老说法")] == [("新词",)]
    assert not matters.table().heard("老伴瘫了吃不上饭")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("上海的居住证怎么办", True),
        ("深圳落户要什么条件", True),
        ("南阳公积金怎么取", True),  # a street of ours bears the name
        ("郑州的居住证怎么办", False),
        ("我从上海来郑州打工", False),
        ("我是南阳人，工资没发", False),
        ("社保从广东转回来", False),
        ("跟团去云南被逼着买东西", False),
        ("居住证怎么办", False),
    ],
)
def test_a_question_about_another_city_is_told_apart(db: None, text: str, asked: bool) -> None:
    city = Region.objects.create(code="410100", name="郑州市", level=RegionLevel.CITY)
    Region.objects.create(code="410105019", name="南阳路街道", level=RegionLevel.STREET, parent=city)
    assert elsewhere.asked_about(text) is asked


def test_a_city_that_no_hotline_of_ours_serves_is_elsewhere(db: None) -> None:
    province = Region.objects.create(code="410000", name="河南省", level=RegionLevel.PROVINCE)
    own, other = (
        Region.objects.create(code=code, name=name, level=RegionLevel.CITY, parent=province)
        for code, name in (("410100", "郑州市"), ("410300", "洛阳市"))
    )
    Region.objects.create(code="410183", name="新密市", level=RegionLevel.COUNTY, parent=own)
    assert not elsewhere.asked_about("洛阳的公积金怎么取")  # a directory without a hotline says nothing
    Department.objects.create(code="H", name="热线", short_name="热线", kind="hotline", region=own)
    assert elsewhere.asked_about("洛阳的公积金怎么取")
    for place in ("河南", "郑州"):
        assert not elsewhere.asked_about(f"{place}的公积金怎么取")
    assert elsewhere.as_away(f"在{other.name}看病，回郑州报销") == "在异乡市看病，回郑州报销"


def test_a_question_without_any_known_word_is_about_what_it_resembles() -> None:
    others = [f"{chr(0x5000 + at)}{chr(0x5100 + at)} | {chr(0x5200 + at)}{chr(0x5300 + at)} |" for at in range(40)]
    lines = ["工伤 工伤认定 | 干活受伤 厂里摔伤 | 老板不管治", "路灯 | 胡同漆黑 | 夜里走路", " | 红烧肉怎么做", *others]
    table = matters.read_table("\n".join(lines))
    assert [one.matter.official for one in table.resembling("厂里扛货受了伤，老板不管")] == [("工伤", "工伤认定")]
    assert [one.foreign for one in table.resembling("红烧排骨怎么烧")] == [True]
    assert table.resembling("谢谢您") == []


def test_a_table_of_one_matter_resembles_nothing() -> None:
    assert matters.read_table("路灯 | 灯不亮 |").resembling("灯不亮") == []


def test_only_what_sounds_the_same_syllable_by_syllable_is_taken_for_a_word() -> None:
    table = matters.read_table("西安城 | 古城墙在哪里 |\n")
    assert table.sounding("仙城在哪") == []  # xiancheng is written like xi'ancheng
    assert table.sounding("希安城在哪")
    assert table.sounding("xiancheng")


def test_what_is_wanted_is_stronger_than_what_is_only_told() -> None:
    table = matters.read_table("开办 | 注册 |\n注销 | 注销 |\n")
    assert next(one.matter.official for one in table.heard("公司注册了没干想注销了")) == ("注销",)


def test_one_piece_that_is_no_word_resembles_nothing() -> None:
    table = matters.read_table("失业 | 厂子黄了 |\n养花 | 浇水 |\n路灯 | 灯坏了 |\n")
    assert table.resembling("花的叶子黄了") == []
    assert [one.matter.official for one in table.resembling("厂子黄了")] == [("失业",)]
