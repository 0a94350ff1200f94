"""What every engine must do, run on each of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ticketing.search.documents import FIELDS, NOBODY, Access, BadQuery, Likeness, Query, Sort
from ticketing.search.engine import SearchEngine

from .engines import EVERYONE, document

DISTRICT = Access(frozenset({"r:410105"}))


def found(engine: SearchEngine, text: str, access: Access = EVERYONE, **more: object) -> list[int]:
    return [hit.id for hit in engine.search(Query(text=text, **more), access=access).hits]  # type: ignore[arg-type]


def fill(engine: SearchEngine, *documents: object) -> None:
    engine.upsert(documents)  # type: ignore[arg-type]
    engine.refresh()


@pytest.fixture
def three(engine: SearchEngine) -> SearchEngine:
    fill(
        engine,
        document(1, "花园路施工噪声", "每天夜里施工，无法休息。", place="金水区花园路", kind="complaint", lead="7"),
        document(2, "小区停水三天", "家里一直停水。", place="二七区航海路", kind="help", lead="8", assists=("7",)),
        document(3, "医保报销咨询", "请问医疗保险如何报销，路灯也坏了。", kind="inquiry", lead="9"),
    )
    return engine


# --- finding ---------------------------------------------------------------------------------------------------------


def test_all_words_must_be_there(three: SearchEngine) -> None:
    assert found(three, "施工 噪声") == [1]
    assert found(three, "停水") == [2]


def test_nothing_typed_lists_the_newest_first(three: SearchEngine) -> None:
    assert found(three, "") == [3, 2, 1]


def test_a_title_counts_more_than_the_text(engine: SearchEngine) -> None:
    fill(engine, document(1, "咨询", "路灯损坏"), document(2, "路灯损坏", "咨询"))
    assert found(engine, "路灯") == [2, 1]


def test_synonyms_find_and_rank_below_the_word_itself(engine: SearchEngine) -> None:
    fill(engine, document(1, "关于断水的投诉"), document(2, "关于停水的投诉"))
    assert found(engine, "停水") == [2, 1]


def test_a_place_is_found_by_pinyin_and_by_initials(three: SearchEngine) -> None:
    assert found(three, "huayuanlu") == [1]
    assert found(three, "huayuan") == [1]
    assert found(three, "hyl") == [1]


def test_a_misspelt_word_of_the_same_sound_is_found_and_told(three: SearchEngine) -> None:
    results = three.search(Query(text="躁声"), access=EVERYONE)
    assert [hit.id for hit in results.hits] == [1]
    assert results.relaxed == "spelling"


def test_a_misspelt_latin_word_is_found(engine: SearchEngine) -> None:
    fill(engine, document(1, "wechat 小程序无法打开"))
    assert found(engine, "wechet") == [1]


def test_when_not_all_words_are_there_some_suffice_and_it_is_told(three: SearchEngine) -> None:
    results = three.search(Query(text="停水 医保"), access=EVERYONE)
    assert {hit.id for hit in results.hits} == {2, 3}
    assert results.relaxed == "some words"


def test_the_piece_of_a_longer_word_is_found(engine: SearchEngine) -> None:
    fill(engine, document(1, "郑州市的公交线路"))
    assert found(engine, "郑州") == [1]


def test_full_width_and_capital_letters_do_not_matter(engine: SearchEngine) -> None:
    fill(engine, document(1, "ＷＩＦＩ 信号差"))
    assert found(engine, "wifi") == found(engine, "WiFi") == [1]


def test_what_stands_in_the_text_is_found_however_it_was_cut_into_words(engine: SearchEngine) -> None:
    fill(engine, document(1, "路灯不亮"), document(2, "郑州市政府"))
    assert found(engine, "路灯") == [1]
    assert found(engine, "郑州市") == [2]


def test_a_quoted_phrase_needs_the_order(engine: SearchEngine) -> None:
    fill(engine, document(1, "施工 噪声"), document(2, "噪声 施工"))
    assert found(engine, '"施工噪声"') == [1]
    assert found(engine, "“噪声施工”") == [2]


def test_an_excluded_word_excludes(three: SearchEngine) -> None:
    assert found(three, "路灯") == [3]
    assert found(three, "路灯 -报销") == []
    assert found(three, "-停水") == [3, 1]


def test_a_number_finds_its_ticket_first(engine: SearchEngine) -> None:
    fill(
        engine,
        document(1, "转办 SD2026-778 的补充"),
        document(2, "另一件", external_id="SD2026-778"),
    )
    assert found(engine, "260101120000000002")[0] == 2
    assert found(engine, "sd2026-778")[0] == 2


def test_operators_of_the_query_language_are_only_text(three: SearchEngine) -> None:
    for text in ('"', "*", "AND OR NOT", "a:b", "[1 TO 2]", "\\", "(", "停水~2^3", "-", "“”", "' OR 1=1 --"):
        three.search(Query(text=text), access=EVERYONE)
        three.suggest(text, access=EVERYONE)


def test_a_very_long_question_is_answered(three: SearchEngine) -> None:
    assert 2 in found(three, "家里停水" + "，请有关部门尽快处理" * 300)


def test_a_sentence_in_ones_own_words_finds_with_some_of_them(three: SearchEngine) -> None:
    assert found(three, "我想问一下医疗保险怎么报销呀谢谢你们", loose=True)[0] == 3


# --- narrowing, counting, sorting ------------------------------------------------------------------------------------


def test_filters_narrow_and_several_values_widen(three: SearchEngine) -> None:
    assert found(three, "", filters={"kind": ("help",)}) == [2]
    assert found(three, "", filters={"kind": ("help", "inquiry")}) == [3, 2]
    assert found(three, "", filters={"unit": ("7",)}) == [2, 1]
    assert found(three, "", filters={"lead": ("7",)}) == [1]
    assert found(three, "", filters={"kind": ("help",), "lead": ("7",)}) == []


def test_a_category_is_found_at_each_of_its_levels(engine: SearchEngine) -> None:
    fill(engine, document(1, category=("01", "0101", "010102")), document(2, category=("01", "0102")))
    assert found(engine, "", filters={"category": ("01",)}) == [2, 1]
    assert found(engine, "", filters={"category": ("0101",)}) == [1]


def test_times_include_the_first_second_and_not_the_last(engine: SearchEngine) -> None:
    fill(engine, document(1, created=100, due=500), document(2, created=200, due=600), document(3, created=300))
    assert found(engine, "", created_from=100, created_to=200) == [1]
    assert found(engine, "", due_from=500, due_to=601) == [2, 1]


def test_facets_count_what_is_found(three: SearchEngine) -> None:
    counts = three.search(Query(facets=FIELDS), access=EVERYONE).facets
    assert {count.value: count.count for count in counts["unit"]} == {"7": 2, "8": 1, "9": 1}
    assert {count.value for count in counts["kind"]} == {"complaint", "help", "inquiry"}
    narrowed = three.search(Query(text="停水", facets=("kind",)), access=EVERYONE).facets
    assert [(count.value, count.count) for count in narrowed["kind"]] == [("help", 1)]


def test_facets_of_very_many_are_counted_on_a_sample_and_it_is_told(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, *(document(at, "路灯", kind="help" if at % 4 else "report") for at in range(1, 401)))
    exact = engine.search(Query(text="路灯", facets=("kind",)), access=EVERYONE)
    assert {count.value: count.count for count in exact.facets["kind"]} == {"help": 300, "report": 100}
    assert not exact.about
    monkeypatch.setattr("ticketing.search.embedded.COUNTED", 399)
    rough = engine.search(Query(text="路灯", facets=("kind",)), access=EVERYONE)
    assert rough.total == 400
    assert rough.about == (engine.name == "embedded")  # Elasticsearch counts each
    counted = {count.value: count.count for count in rough.facets["kind"]}
    assert 200 <= counted["help"] <= 400
    assert 30 <= counted["report"] <= 170


def test_of_equal_documents_the_newest_comes_first(engine: SearchEngine) -> None:
    fill(engine, *(document(at, "路灯坏了", created=1000 + at * 7 % 5) for at in range(1, 6)))
    assert found(engine, "路灯") == [2, 4, 1, 3, 5]


@pytest.mark.parametrize(
    ("sort", "expected"), [(Sort.NEWEST, [3, 2, 1]), (Sort.OLDEST, [1, 2, 3]), (Sort.DUE, [2, 1, 3])]
)
def test_sorting(engine: SearchEngine, sort: Sort, expected: list[int]) -> None:
    fill(engine, document(1, "停水", due=2_000), document(2, "停水", due=1_000), document(3, "停水"))
    assert found(engine, "停水", sort=sort) == expected


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_show_each_document_once(engine: SearchEngine, sort: Sort) -> None:
    fill(engine, *(document(at, "路灯坏了", "路灯" * (at % 5), created=1000 + at // 3) for at in range(1, 48)))
    seen: list[int] = []
    cursor = ""
    while True:
        results = engine.search(Query(text="路灯", sort=sort, limit=10, cursor=cursor), access=EVERYONE)
        assert results.total == 47
        seen += [hit.id for hit in results.hits]
        cursor = results.cursor
        if not cursor:
            break
    assert sorted(seen) == list(range(1, 48))


def test_a_later_page_by_time_does_not_move_when_something_new_arrives(engine: SearchEngine) -> None:
    fill(engine, *(document(at, created=at) for at in range(1, 7)))
    first = engine.search(Query(limit=3), access=EVERYONE)
    fill(engine, document(99, created=99))
    second = engine.search(Query(limit=3, cursor=first.cursor), access=EVERYONE)
    assert [hit.id for hit in second.hits] == [3, 2, 1]


@pytest.mark.parametrize("broken", ["x", "!!!", "W10", "bnVsbA"])
def test_a_damaged_or_foreign_cursor_is_refused(engine: SearchEngine, broken: str) -> None:
    fill(engine, *(document(at, "路灯") for at in range(1, 5)))
    with pytest.raises(BadQuery):
        engine.search(Query(cursor=broken), access=EVERYONE)
    other = engine.search(Query(text="路灯", limit=1), access=EVERYONE).cursor
    with pytest.raises(BadQuery):
        engine.search(Query(text="停水", limit=1, cursor=other), access=EVERYONE)


def test_unknown_fields_and_limits_are_refused_by_name(engine: SearchEngine) -> None:
    with pytest.raises(BadQuery, match="colour"):
        engine.search(Query(filters={"colour": ("red",)}), access=EVERYONE)
    with pytest.raises(BadQuery, match="501"):
        engine.search(Query(limit=501), access=EVERYONE)


# --- showing ---------------------------------------------------------------------------------------------------------


def test_hits_are_marked_and_the_rest_is_escaped(engine: SearchEngine) -> None:
    fill(engine, document(1, "标题", "<b>路灯</b>坏了"))
    (hit,) = engine.search(Query(text="路灯"), access=EVERYONE).hits
    assert hit.highlight == "&lt;b&gt;<em>路灯</em>&lt;/b&gt;坏了"


def test_the_passage_is_where_the_words_are(engine: SearchEngine) -> None:
    fill(engine, document(1, "标题", "开头。" * 100 + "这里的路灯全部坏了。" + "结尾。" * 100))
    (hit,) = engine.search(Query(text="路灯"), access=EVERYONE).hits
    assert "<em>路灯</em>" in hit.highlight
    assert len("".join(piece.text for piece in hit.passage)) < 120


def test_suggestions_complete_words_places_and_numbers(three: SearchEngine) -> None:
    assert "停水" in three.suggest("停", access=EVERYONE)
    assert "花园路" in three.suggest("huay", access=EVERYONE)
    assert "260101120000000002" in three.suggest("26010112", access=EVERYONE)
    assert three.suggest("", access=EVERYONE) == ()


def test_more_like_this_finds_the_similar_and_not_itself(engine: SearchEngine) -> None:
    fill(
        engine,
        document(1, "花园路工地夜间施工噪声扰民", "工地每晚施工到凌晨"),
        document(2, "花园路工地夜间还在施工", "凌晨的噪声让人无法睡觉"),
        document(3, "医保报销", "住院费用如何报销"),
        document(4, "住院医保", "费用报销比例"),
    )
    assert [hit.id for hit in engine.more_like_this(1, access=EVERYONE)] == [2]


LAMP, PIPE = "路灯:0.800 花园路:0.600", "水管:0.900 花园路:0.300"


def alike(engine: SearchEngine, access: Access = EVERYONE, **sought: object) -> set[int]:
    likeness = Likeness(**({"words": (), "since": 0} | sought))  # type: ignore[arg-type]
    return {kept.id for kept in engine.alike(likeness, access=access)}


def test_duplicates_are_found_by_words_estate_and_caller(engine: SearchEngine) -> None:
    fill(
        engine,
        document(1, fingerprint=LAMP, estate="翠屏新城", phone_hash="ab12", region=("410000", "410100"), created=50),
        document(2, fingerprint=PIPE, estate="翠屏新城", region=("410000", "410200"), created=60),
        document(3, fingerprint="公交:1.000", phone_hash="ab12", created=70),
    )
    assert alike(engine, words=("路灯",)) == {1}
    assert alike(engine, words=("花园路", "没有的词")) == {1, 2}
    assert alike(engine, estate="翠屏新城") == {1, 2}
    assert alike(engine, phone_hash="ab12") == {1, 3}
    assert alike(engine, words=("花园路",), phone_hash="ab12", since=55) == {2, 3}
    assert alike(engine, words=("花园路",), region="410100") == {1}
    assert alike(engine) == set()


def test_a_duplicate_comes_with_what_it_is_compared_by(engine: SearchEngine) -> None:
    fill(engine, document(7, fingerprint=LAMP, estate="翠屏新城", phone_hash="ab12", region=("41", "4101"), created=50))
    (kept,) = engine.alike(Likeness(words=("路灯",), since=0), access=EVERYONE)
    assert (kept.fingerprint, kept.estate, kept.phone_hash) == (LAMP, "翠屏新城", "ab12")
    assert (kept.region, kept.created) == ("4101", 50)


def test_no_more_duplicates_than_asked_for_and_the_nearest_ones(engine: SearchEngine) -> None:
    fill(engine, *(document(n, fingerprint="花园路:1.000" if n < 9 else LAMP, estate="院") for n in range(1, 11)))
    sought = Likeness(words=("路灯", "花园路"), since=0, estate="院")
    by_words = engine.alike(Likeness(words=("路灯", "花园路"), since=0), access=EVERYONE, most=(2, 0, 0))
    assert {kept.id for kept in by_words} == {9, 10}
    assert len(engine.alike(sought, access=EVERYONE, most=(1, 1, 1))) <= 2


# --- what one may not see --------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(engine: SearchEngine) -> SearchEngine:
    fill(
        engine,
        document(1, "花园路工地噪声", access=frozenset({"r:410105"}), kind="complaint"),
        document(2, "花园路工地噪声与绝密事项", access=frozenset({"r:410103"}), kind="report", place="暗香路"),
    )
    return engine


def test_what_one_may_not_see_is_not_found_counted_suggested_or_compared(guarded: SearchEngine) -> None:
    results = guarded.search(Query(text="噪声", facets=FIELDS), access=DISTRICT)
    assert [hit.id for hit in results.hits] == [1]
    assert results.total == 1
    assert [count.value for count in results.facets["kind"]] == ["complaint"]
    assert found(guarded, "绝密", DISTRICT) == []
    assert found(guarded, "260101120000000002", DISTRICT) == []
    assert guarded.suggest("绝", access=DISTRICT) == ()
    assert guarded.suggest("anx", access=DISTRICT) == ()
    assert guarded.suggest("260101120000000002", access=DISTRICT) == ()
    assert guarded.more_like_this(1, access=DISTRICT) == ()
    assert guarded.more_like_this(2, access=DISTRICT) == ()


def test_without_any_token_there_is_nothing(guarded: SearchEngine) -> None:
    assert guarded.search(Query(), access=NOBODY).total == 0
    assert guarded.suggest("花", access=NOBODY) == ()
    assert guarded.more_like_this(1, access=NOBODY) == ()
    assert alike(guarded, NOBODY, words=("路灯",)) == set()


def test_duplicates_that_one_may_not_see_are_not_compared(engine: SearchEngine) -> None:
    fill(
        engine,
        document(1, fingerprint=LAMP, access=frozenset({"r:410105"})),
        document(2, fingerprint=LAMP, access=frozenset({"r:410103"})),
    )
    assert alike(engine, DISTRICT, words=("路灯",)) == {1}


def test_a_phone_is_looked_up_by_hash_and_only_with_the_right(engine: SearchEngine) -> None:
    fill(engine, document(1, phone_hash="ab12"), document(2, phone_hash="cd34"))
    assert found(engine, "", phone_hash="ab12") == [1]
    with pytest.raises(BadQuery, match="right"):
        engine.search(Query(phone_hash="ab12"), access=Access(frozenset({"r:*"})))
    assert found(engine, "ab12") == []


def test_losing_access_takes_effect_with_the_next_version(engine: SearchEngine) -> None:
    fill(engine, document(1, "路灯", access=frozenset({"r:410105"})))
    fill(engine, document(1, "路灯", access=frozenset({"r:410103"}), version=2))
    assert found(engine, "路灯", DISTRICT) == []


# --- keeping ---------------------------------------------------------------------------------------------------------


def test_writing_twice_changes_nothing(engine: SearchEngine) -> None:
    for _ in range(3):
        fill(engine, document(1, "路灯"), document(2, "路灯"))
    assert found(engine, "路灯", sort=Sort.NEWEST) == [2, 1]
    assert engine.count() == 2


def test_an_older_version_never_replaces_a_newer_one(engine: SearchEngine) -> None:
    fill(engine, document(1, "新的标题", version=5))
    fill(engine, document(1, "旧的标题", version=4))
    assert found(engine, "新") == [1]
    fill(engine, document(1, "三", version=7), document(1, "二", version=6))
    assert engine.entries(0)[0].version == 7


def test_a_deleted_document_does_not_come_back_with_an_older_version(engine: SearchEngine) -> None:
    fill(engine, document(1, "路灯", version=3))
    engine.delete([(1, 4)])
    fill(engine, document(1, "路灯", version=3))
    assert found(engine, "路灯") == []
    assert engine.count() == 0
    assert [(entry.id, entry.version, entry.live) for entry in engine.entries(0)] == [(1, 4, False)]


def test_frequencies_count_the_documents_of_words_and_pairs(three: SearchEngine) -> None:
    assert three.frequencies(["施工", "区花", "路灯", "没有"]) == {"施工": 1, "区花": 1, "路灯": 1, "没有": 0}
    assert three.frequencies([]) == {}


def test_one_word_of_a_sentence_suffices_when_asked_so(three: SearchEngine) -> None:
    asked = "路灯 停水 地铁 公交 电梯 快递 学校 医院 超市"
    assert found(three, asked, loose=True, least=3) == []
    assert set(found(three, asked, loose=True, least=1)) == {2, 3}


def test_entries_come_by_id_and_in_portions(engine: SearchEngine) -> None:
    fill(engine, *(document(at, version=at * 2) for at in (5, 1, 9, 3)))
    assert [(entry.id, entry.version) for entry in engine.entries(0, limit=2)] == [(1, 2), (3, 6)]
    assert [entry.id for entry in engine.entries(3)] == [5, 9]
    assert engine.entries(9) == ()


def test_a_rebuild_is_invisible_until_the_swap(engine: SearchEngine) -> None:
    fill(engine, document(1, "旧"), document(2, "旧"))
    fresh = engine.begin()
    fresh.upsert([document(1, "新", version=2)])
    assert found(engine, "旧", sort=Sort.NEWEST) == [2, 1]
    engine.swap(fresh)
    engine.refresh()
    assert found(engine, "", sort=Sort.NEWEST) == [1]
    fill(engine, document(7, "之后"))
    assert found(engine, "", sort=Sort.NEWEST) == [7, 1]


def test_readers_see_full_indexes_only_while_one_is_swapped(engine: SearchEngine) -> None:
    fill(engine, *(document(at, "路灯") for at in range(1, 21)))

    def totals() -> set[int]:
        return {engine.search(Query(text="路灯"), access=EVERYONE).total for _ in range(40)}

    with ThreadPoolExecutor(2) as readers:
        watching = [readers.submit(totals) for _ in range(2)]
        for _ in range(3):
            fresh = engine.begin()
            fresh.upsert([document(at, "路灯") for at in range(1, 21)])
            engine.swap(fresh)
        assert {total for seen in watching for total in seen.result()} == {20}


def test_what_is_written_while_an_index_is_swapped_arrives(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, document(1, "一"))
    fresh = engine.begin()
    commit = "_commit" if engine.name == "embedded" else "_send"
    original = getattr(engine, commit)
    swapped: list[bool] = []

    def swap_just_after(changes: object) -> None:
        original(changes)
        if not swapped:
            swapped.append(True)
            engine.swap(fresh)

    monkeypatch.setattr(engine, commit, swap_just_after)
    fill(engine, document(2, "二"))
    assert found(engine, "") == [2]
