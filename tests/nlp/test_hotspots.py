"""Hot topics: what groups, what does not, heat, trend, growth, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from nlp.hotspots import Hotspots, Item, find
from nlp.hotspots.cluster import Groups
from nlp.hotspots.describe import describe
from nlp.hotspots.files import BadFile, read_rows
from nlp.hotspots.heat import busiest_week, heat, parts, trend
from nlp.hotspots.model import Settings
from nlp.hotspots.names import Names, candidates
from nlp.hotspots.vectors import space_of

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, 8, tzinfo=ZONE)

PLANT = [
    ("投诉翠屏新城小区附近搅拌站噪音扰民", "翠屏新城小区旁边的搅拌站昼夜生产，噪音粉尘严重，居民不敢开窗。"),
    ("翠屏新城旁搅拌站粉尘污染", "搅拌站离翠屏新城只有五十米，水泥粉尘漫天，孩子咳嗽。"),
    ("强烈要求搬迁翠屏新城搅拌站", "混凝土搅拌站夜里轰鸣，翠屏新城的住户整夜睡不着，请搬迁。"),
    ("翠屏新城小区外的搅拌站何时关停", "这家搅拌站没有环评手续，噪音和粉尘影响翠屏新城业主。"),
]
PARKING = [
    ("云湖苑买房捆绑车位", "云湖苑开发商卖房强制捆绑销售车位，不买车位不签合同。"),
    ("投诉云湖苑开发商捆绑销售车位", "购房时被要求同时购买车位，云湖苑车位十二万一个，强买强卖。"),
    ("云湖苑强制搭售车位不合理", "车位捆绑房子一起卖，云湖苑的购房者没有选择。"),
]
SAME_PLACE = [("翠屏新城小区路灯不亮", "翠屏新城三栋楼下的路灯坏了两个月，晚上漆黑。")]
NOISE = [
    ("咨询居住证办理", "请问办理居住证要带什么材料。"),
    ("公交车不准时", "上班高峰等了四十分钟公交。"),
    ("社保断缴怎么补", "换工作断了三个月社保。"),
    ("图书馆开放时间", "周末图书馆几点开门。"),
    ("幼儿园学费上涨", "幼儿园这学期学费涨了五百。"),
]


def items(texts: list[tuple[str, str]], prefix: str, first_day: int = 0) -> list[Item]:
    return [
        Item(f"{prefix}{n}", f"caller-{prefix}{n}", title, body, START + timedelta(days=first_day, hours=n))
        for n, (title, body) in enumerate(texts)
    ]


EVERYTHING = [*items(PLANT, "p"), *items(PARKING, "k"), *items(SAME_PLACE, "s"), *items(NOISE, "n")]


def test_one_problem_at_one_place_is_one_topic() -> None:
    first, second = find(EVERYTHING, top=2)
    assert set(first.ids) == {"p0", "p1", "p2", "p3"}
    assert set(second.ids) == {"k0", "k1", "k2"}
    assert (first.rank, first.tickets, first.callers) == (1, 4, 4)
    assert "翠屏" in first.place
    assert "搅拌站" in first.problem
    assert "云湖苑" in second.place
    assert first.first == START
    assert first.last == START + timedelta(hours=3)


def test_another_problem_at_the_same_place_is_apart() -> None:
    assert all("s0" not in spot.ids for spot in find(EVERYTHING, top=10))


def test_the_order_of_the_input_does_not_matter() -> None:
    assert find(EVERYTHING, top=5) == find(EVERYTHING[::-1], top=5)


def test_nothing_gives_nothing() -> None:
    assert find([], top=5) == []
    assert find(items(NOISE[:1], "n"), top=5) == []
    assert find([Item("1", "a", "", "", START), Item("2", "b", "", "", START)], top=5) == []


def test_one_loud_caller_is_less_hot_than_several() -> None:
    loud = [replace(item, caller="same") for item in items(PLANT, "p")]
    assert find(loud, top=1)[0].heat < find(items(PLANT, "p"), top=1)[0].heat


def test_heat_follows_its_formula() -> None:
    group = [replace(item, likes=3, dislikes=1) for item in items(PLANT, "p")]
    terms = parts(group, 0.5, 0.8, None)
    assert dict(terms) == {"callers": 4, "repeats": 0, "support": 8, "focus": 0.5, "unity": 0.8, "freshness": 1}
    assert heat(terms) == pytest.approx(0.4 * (40 + 5 * 2.1972), abs=0.01)
    cold = parts(group, 0.5, 0.8, group[-1].created_at + timedelta(days=30))
    assert heat(cold) == pytest.approx(heat(terms) / 2, abs=0.01)


def test_more_dislikes_than_likes_do_not_cool() -> None:
    disliked = [replace(item, dislikes=50) for item in items(PLANT, "p")]
    assert dict(parts(disliked, 1, 1, None))["support"] == 0


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [(9, 2, "rising"), (5, 5, "steady"), (1, 9, "falling"), (3, 0, "new"), (3, None, "new")],
)
def test_trend(now: int, before: int | None, direction: str) -> None:
    assert trend(now, before).direction == direction


def test_busiest_week() -> None:
    days = [0, 1, 2, 20, 21, 40]
    assert busiest_week([replace(EVERYTHING[0], created_at=START + timedelta(days=day)) for day in days]) == 3


def test_the_period_before_and_the_year_before_are_told() -> None:
    before = [
        replace(item, id=f"b{item.id}", created_at=item.created_at - timedelta(days=30)) for item in items(PLANT, "p")
    ]
    (spot,) = find(EVERYTHING, top=1, previous=before[:1], last_year=before)
    assert (spot.trend.now, spot.trend.before, spot.trend.direction) == (4, 1, "rising")
    assert "上一周期1件，本周期4件" in spot.reasons
    assert "去年同期4件，属季节性反复" in spot.reasons
    (other,) = find(EVERYTHING, top=1, last_year=[])
    assert "去年同期0件，不属季节性反复" in other.reasons


def test_reasons_name_the_facts() -> None:
    (spot,) = find(EVERYTHING, top=1)
    assert spot.reasons[:2] == ("4人反映4件", "100%的诉求集中于翠屏新城")


def test_new_tickets_join_without_reading_everything_again() -> None:
    state = Hotspots([*items(PLANT[:2], "p"), *items(PARKING, "k"), *items(NOISE, "n")])
    late = items(PLANT, "p")[2:]
    state.add([late[0]])
    state.add([late[1], late[1]])
    state.add(late)
    assert len(state) == 12
    assert set(state.find(top=1)[0].ids) == {"p0", "p1", "p2", "p3"}
    assert sorted(key for group in state.groups() for key in group) == sorted(
        item.id for item in [*items(PLANT, "p"), *items(PARKING, "k"), *items(NOISE, "n")]
    )


def test_growing_and_reading_at_once_agree() -> None:
    grown = Hotspots(EVERYTHING[:8])
    grown.add(EVERYTHING[8:])
    assert grown.find(top=1)[0].ids == find(EVERYTHING, top=1)[0].ids


def test_since_counts_only_later_tickets() -> None:
    state = Hotspots([*items(PLANT, "p"), *items(PARKING, "k", first_day=10), *items(NOISE, "n")])
    (spot,) = state.find(top=1, since=START + timedelta(days=5))
    assert set(spot.ids) == {"k0", "k1", "k2"}


def test_old_tickets_can_be_forgotten() -> None:
    state = Hotspots([*items(PLANT, "p"), *items(PARKING, "k", first_day=10)])
    state.rebuild(keep_from=START + timedelta(days=5))
    assert len(state) == 3


def test_average_link_is_exact() -> None:
    vectors = [{"a": 1.0}, {"a": 0.8, "b": 0.6}, {"b": 1.0}]
    groups = Groups(vectors, Settings(join=0.5, same_problem=0.0), lambda term: False)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        groups.offer(a, b)
    groups.join_all()
    # 0 and 1 join (0.8); then (0 + 0.6) / 2 = 0.3 keeps 2 outside.
    assert sorted(sorted(members) for members in groups.members.values()) == [[0, 1], [2]]


def test_names_are_found_by_their_endings() -> None:
    assert {"翠屏", "云湖苑"} <= candidates("翠屏小区和云湖苑的居民")
    names = Names.discover([("翠屏小区漏水", ""), ("翠屏小区噪音", ""), ("孤岛小区停电", "")])
    assert names.find("翠屏小区和孤岛") == (["翠屏"], " 和孤岛")


def test_an_ending_that_begins_another_word_makes_no_name() -> None:
    assert candidates("盼望安装路灯") == set()
    assert candidates("银行按揭贷款太慢") == set()
    assert candidates("望湖路灯不亮") == set()  # rather none than a wrong one: other messages name the road apart
    assert candidates("望湖路的路灯不亮") == {"望湖路"}


def unity(group: list[Item], others: list[Item]) -> float:
    space, read = space_of([*group, *others], Settings())
    mine = read[: len(group)]
    vectors = [space.vector(terms) for terms in mine]
    total = {term: sum(vector.get(term, 0.0) for vector in vectors) for vector in vectors for term in vector}
    return describe(group, mine, vectors, total, space).unity


def test_a_word_of_others_too_speaks_less_for_one_problem() -> None:
    group = items([("云湖苑车位", "捆绑"), ("云湖苑电梯", "捆绑"), ("云湖苑绿地", "捆绑"), ("云湖苑门禁", "捆绑")], "g")
    others = items(NOISE * 8, "o")
    assert unity(group, others) == 1.0
    more = items([("公交月票", "捆绑"), ("手机套餐", "捆绑"), ("宽带", "捆绑")], "m")
    assert unity(group, [*others, *more]) == 0.75


def test_three_letters_about_one_place_are_not_one_problem() -> None:
    others = items(NOISE * 8, "o")
    one = items(
        [
            ("云湖苑车位捆绑销售", "买房必须买车位"),
            ("云湖苑强卖车位", "不买车位不让买房"),
            ("云湖苑捆绑车位", "买房捆绑车位"),
        ],
        "g",
    )
    three = items(
        [("云湖苑公交线路", "增加班次"), ("云湖苑门口标牌老旧", "字看不清"), ("云湖苑路灯线路", "晚上不亮")], "h"
    )
    assert unity(three, others) < 0.4 < unity(one, others)


def test_titles_of_several_districts_are_not_one_place() -> None:
    group = items([("金水区大病救助", ""), ("惠济区大病救助", ""), ("中原区大病救助", ""), ("郑州市大病救助", "")], "g")
    space, read = space_of([*group, *items(NOISE * 8, "o")], Settings(), ["大病救助"])
    mine = read[:4]
    vectors = [space.vector(terms) for terms in mine]
    total = {term: sum(vector.get(term, 0.0) for vector in vectors) for vector in vectors for term in vector}
    assert describe(group, mine, vectors, total, space).focus == 0.5


def test_divisions_are_no_part_of_a_name() -> None:
    assert candidates("郑州市金水区翠屏小区停水") == {"翠屏"}


def test_known_names_need_no_second_message() -> None:
    names = Names.discover([("孤岛小区停电", "")], known=["孤岛"])
    assert names.find("孤岛停电")[0] == ["孤岛"]


HEADER = "id,user,title,created_at,body,likes,dislikes"


def test_rows_are_read_strictly() -> None:
    (item,) = read_rows([HEADER, "1,u,标题,2026-03-01T08:00:00,正文,3,"])
    assert (item.created_at, item.likes, item.dislikes) == (START, 3, 0)
    (spreadsheet,) = read_rows(["id,user,title,created_at,body", "1,u,t,2026/3/1 8:00,b"])
    assert (spreadsheet.created_at, spreadsheet.likes) == (START, 0)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id,title", "1,a"], "missing columns: user, created_at, body"),
        ([HEADER, "1,u,t,yesterday,b,0,0"], "line 2: created_at is 'yesterday'"),
        ([HEADER, "1,u,t,2026-03-01,b,many,0"], "line 2: likes is 'many'"),
    ],
)
def test_bad_rows_are_named(lines: list[str], message: str) -> None:
    with pytest.raises(BadFile, match=message):
        list(read_rows(lines))


def write(folder: Path) -> Path:
    file = folder / "messages.csv"
    rows = [f"{i.id},{i.caller},{i.title},{i.created_at.isoformat()},{i.body},0,0" for i in EVERYTHING]
    file.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return file


def test_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("hotspots", file=write(tmp_path), top=1, json=True)
    (spot,) = json.loads(capsys.readouterr().out)
    assert list(spot) == ["rank", "problem", "place", "heat", "tickets", "callers", "first", "last", "ids"]
    assert set(spot["ids"]) == {"p0", "p1", "p2", "p3"}


def test_command_prints_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("hotspots", file=write(tmp_path), top=2)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_command_refuses_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--top must be 1 or more"):
        call_command("hotspots", file=write(tmp_path), top=0)
    with pytest.raises(CommandError, match=r"cannot read none\.csv"):
        call_command("hotspots", file=tmp_path / "none.csv")
    file = tmp_path / "messages.xlsx"
    file.write_bytes(b"PK\x03\x04" + b"\x00" * 40)
    with pytest.raises(CommandError, match="Excel workbook"):
        call_command("hotspots", file=file)


def test_the_same_kind_of_thing_in_two_places_is_no_topic_of_a_small_window() -> None:
    def pair(second: str) -> list[list[str]]:
        titles = ["云湖苑楼下麻将馆通宵营业扰民", f"{second}楼下麻将馆通宵营业扰民"]
        return Hotspots(Item(str(at), str(at), title, "", START) for at, title in enumerate(titles)).groups()

    assert pair("云湖苑") == [["0", "1"]]
    state = Groups([{"a": 0.5, "b": 0.1}, {"a": 0.5, "c": 0.1}], Settings(), lambda term: False)
    state.offer(0, 1)
    assert state.similarity(0, 1) > 0
    apart = Groups(
        [{"a": 0.5, "b": 0.1}, {"a": 0.5, "c": 0.1}],
        Settings(),
        lambda term: False,
        [frozenset({"云湖苑"}), frozenset({"翠屏"})],
    )
    assert apart.similarity(0, 1) == 0
