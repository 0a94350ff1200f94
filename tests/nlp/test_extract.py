"""What is read from a report."""

from __future__ import annotations

from datetime import date

import pytest

from nlp.data import read, rules
from nlp.extract import PlaceIndex, demands, extract, learn_demands
from nlp.extract.facts import amounts, number, organisations, times
from nlp.extract.learn_moods import LESSON
from nlp.extract.mood import mood
from nlp.extract.places import find_place
from nlp.kinds import kind_of

INDEX = PlaceIndex(
    [
        ("41", "河南省", None),
        ("4101", "郑州市", "41"),
        ("410105", "金水区", "4101"),
        ("410102", "中原区", "4101"),
        ("410105001", "文化路街道", "410105"),
        ("410105002", "花园路街道", "410105"),
        ("410122", "中牟县", "4101"),
        ("410171", "郑东新区", "4101"),
        ("4103", "洛阳市", "41"),
        ("410302", "老城区", "4103"),
        ("410302001", "花园路街道", "410302"),
    ]
)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("郑州市金水区文化路街道丽景花园漏水", "410105001"),
        ("金水区停水了", "410105"),
        ("我在中牟，路坏了", "410122"),
        ("郑东新区绿地广场摆摊", "410171"),
        ("老城区花园路街道垃圾没人清", "410302001"),
        ("金水区花园路街道噪音", "410105002"),
        ("花园路街道垃圾没人清", "41"),
        ("金水路快速通道什么时候通车", None),
        ("文化路81号院停水3天了", None),
        ("请问落户怎么办理", None),
    ],
)
def test_region(text: str, region: str | None) -> None:
    assert find_place(text, INDEX).region == region


def test_an_ambiguous_name_is_said_with_little_confidence() -> None:
    unsure, sure = find_place("花园路街道垃圾没人清", INDEX), find_place("老城区花园路街道垃圾没人清", INDEX)
    assert unsure.confidence < 0.5 < sure.confidence


def test_street_estate_and_point() -> None:
    place = find_place("郑州市金水区文化路街道丽景花园3号楼2单元漏水", INDEX)
    assert (place.region_name, place.estate, place.point) == ("文化路街道", "丽景花园", "3号楼2单元")
    crossing = find_place("中原区建设路与桐柏路交叉口向东100米夜里施工", INDEX)
    assert crossing.street == "建设路与桐柏路交叉口向东100米"
    gate = find_place("商务内环路绿地广场南门有人摆摊", INDEX)
    assert (gate.street, gate.estate, gate.point) == ("商务内环路", "绿地广场", "南门")


@pytest.mark.parametrize(
    ("text", "street", "estate"),
    [
        ("华山路跟泰山路交叉口红绿灯太短", "华山路与泰山路交叉口", ""),
        ("我住长江路188号锦绣家园，太吵", "长江路", "锦绣家园"),
        ("麻烦派人看看御景湾四号楼的化粪池", "", "御景湾"),
        ("凤凰城三期甲醛超标", "", "凤凰城三期"),
        ("给98路的师傅点赞，第二天路就补好了", "", ""),
        ("丰产路口翠屏家园小区停水三天了", "", "翠屏家园"),
        ("花园路与丰产路交叉口向北50米翠屏家园漏水", "花园路与丰产路交叉口向北50米", "翠屏家园"),
        ("花园路北侧翠屏家园没有暖气", "花园路", "翠屏家园"),
        ("花园路东方家园停电", "花园路", "东方家园"),
    ],
)
def test_places_as_people_say_them(text: str, street: str, estate: str) -> None:
    place = find_place(text, INDEX)
    assert (place.street, place.estate) == (street, estate)


@pytest.mark.parametrize("text", ["本小区停电", "我们小区门口的马路坏了", "这条路太窄", "谢谢", ""])
def test_common_nouns_are_no_places(text: str) -> None:
    place = find_place(text, INDEX)
    assert (place.region, place.street, place.estate, place.confidence) == (None, "", "", 0.0)


def test_a_directory_with_a_loop_does_not_hang() -> None:
    index = PlaceIndex([("1", "甲乙区", "2"), ("2", "丙丁市", "1")])
    assert index.ancestors("1") == ["1", "2"]


def test_times() -> None:
    today = date(2026, 3, 10)
    found = times("2025年3月5日交的钱，昨天晚上10点停水，已经三天了，上周三打过电话，5月6号开庭，3天前来过", today)
    assert [(one.text, one.day) for one in found if not one.duration] == [
        ("2025年3月5日", date(2025, 3, 5)),
        ("昨天", date(2026, 3, 9)),
        ("晚上10点", None),
        ("上周三", date(2026, 3, 4)),
        ("5月6号", date(2025, 5, 6)),
        ("3天前", date(2026, 3, 7)),
    ]
    assert [one.text for one in found if one.duration] == ["三天了"]


def test_impossible_dates_have_no_day() -> None:
    assert [one.day for one in times("2025年2月30日和2025-13-01", date(2026, 1, 1))] == [None, None]
    assert [one.day for one in times("昨天")] == [None]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("拖欠工资12.5万元", 125_000, "元"),
        ("押金三万五千元", 35_000, "元"),
        ("两千块钱", 2000, "元"),
        ("1,200元", 1200, "元"),
        ("投资3亿", 300_000_000, "元"),
        ("面积89.5平方米", 89.5, "平方米"),
        ("涉及300多户", 300, "户"),
        ("噪音80分贝", 80, "分贝"),
    ],
)
def test_amounts(text: str, value: float, unit: str) -> None:
    (amount,) = amounts(text)
    assert (amount.value, amount.unit) == (value, unit)


@pytest.mark.parametrize(("text", "value"), [("十", 10), ("一百零五", 105), ("两万三千", 23_000), ("3,000.5", 3000.5)])
def test_numbers(text: str, value: float) -> None:
    assert number(text) == value


def test_organisations() -> None:
    text = "我是郑州某某房地产开发有限公司的业主，找金水区教育局和文化路派出所都不管，该公司骗人"
    assert organisations(text) == ("郑州某某房地产开发有限公司", "金水区教育局", "文化路派出所")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("请问居住证怎么办理？", 1),
        ("请问居住证怎么办理？需要哪些材料？多长时间能拿到？", 3),
        ("1、路灯坏了，请尽快维修；2、垃圾没人清运，希望增加清运次数。", 2),
        ("路灯坏了希望修好，另外要求公示物业费用", 2),
        ("小区停水两天了。", 1),
        ("一、路灯不亮；二、垃圾三天没清；三、消防栓没有水，请一并解决", 3),
        ("物业漏水不修，麻烦催一催，还有就是东门的道闸坏了", 2),
        ("请公开环评报告，并重新选址", 2),
        ("请查电梯。以上两点盼复！", 1),
        ("希望领导重视，谢谢！", 1),
        ("屋顶漏水没修好；外墙瓷砖掉了几块；房间还有甲醛味，请帮忙检测", 3),
        ("垃圾没人收，路灯不亮，楼道的窗户关不上", 3),
        ("小区的自来水发黄、门禁坏了、保安晚上睡觉", 3),
        ("1.请查下我的低保为什么停了2.我申请的救助什么时候能批3.残疾证能不能一起补", 3),
        ("司机绕路多收了钱请退我，他还在车里抽烟，请你们批评教育他", 2),
        ("请给老旧小区装电梯，遛狗不牵绳的也该有人管管", 2),
        ("天气热得不行，公交站台没有遮阳，老人站在太阳底下晒，修个棚子行不行？", 1),
        ("就一个请求，能不能让人上门，老人走不动，也不会上网", 1),
        ("", 0),
    ],
)
def test_demands(text: str, count: int) -> None:
    assert len(demands(text)) == count


def test_courtesy_is_no_demand() -> None:
    assert demands("楼上漏水，物业不管，要求物业维修。望领导重视！谢谢！") == ("楼上漏水，物业不管，要求物业维修",) or (
        "要求物业维修" in demands("楼上漏水，物业不管，要求物业维修。望领导重视！谢谢！")[0]
    )
    assert len(demands("楼上漏水，物业不管，要求物业维修。望领导重视！谢谢！")) == 1


def test_the_same_demand_twice_is_one() -> None:
    assert len(demands("请问路灯什么时候修好？路灯什么时候能修好？")) == 1


@pytest.mark.parametrize(
    ("level", "text"), [(k, text) for k, texts in rules("moods.toml")["examples"].items() for text in texts]
)
def test_moods(level: str, text: str) -> None:
    assert mood(text).level == level


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("abusive", "你们这些拿着工资不办事的玩意儿，工号我记下了，下班路上小心点"),
        ("distressed", "老伴走了以后就我一个人，这事跑了一年，我也不晓得还能找哪个，算了吧"),
        ("angry", "第五回了，第五回打你们电话，还让我等，等到什么时候是个头"),
        ("calm", "麻烦问一下小区电动车充电桩坏了归谁修"),
    ],
)
def test_a_mood_without_its_words_is_heard(level: str, text: str) -> None:
    assert mood(text).level == level


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2, "楼下的充电桩坏了俩月，我妈的老年卡也刷不上公交"),
        (2, "想问下孩子转学要带啥材料，学校门口那段路一下雨就积水能修吗"),
        (1, "我家水管裂了，水从墙里渗出来，地板都泡坏了，麻烦派人来修"),
        (1, "请问路灯什么时候修好？路灯什么时候能修好？"),
    ],
)
def test_where_the_next_demand_begins_is_sensed(number: int, text: str) -> None:
    assert len(demands(text)) == number


def test_the_shipped_boundaries_were_learnt_from_the_shipped_examples() -> None:
    heading = read("demand_sense.tsv").split("\n", 1)[0]
    assert heading == f"# {learn_demands.digest()}", "edited: run python -m nlp.extract.learn_demands"


def test_the_shipped_moods_were_learnt_from_the_shipped_examples() -> None:
    heading = read("mood_sense.tsv").split("\n", 1)[0]
    assert heading.split()[1] == LESSON.digest(), "edited: run python -m nlp.extract.learn_moods"


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, entry in rules("kinds.toml").items() for text in entry["examples"]]
)
def test_kinds(kind: str, text: str) -> None:
    found = kind_of(text)
    assert found.kind == kind
    assert found.words
    assert 0 < found.confidence <= 1


def test_nothing_said_is_other() -> None:
    assert (kind_of("").kind, kind_of("你好").kind) == ("other", "other")


def test_everything_at_once() -> None:
    found = extract(
        "投诉金水区文化路丽景花园物业公司，3月1日收了500元不退，气愤！要求退钱。", INDEX, today=date(2026, 3, 10)
    )
    assert found.place.region == "410105"
    assert found.times[0].day == date(2026, 3, 1)
    assert found.amounts[0].value == 500
    assert found.kind.kind == "complaint"
    assert found.mood.level == "angry"
    assert len(found.demands) == 1
