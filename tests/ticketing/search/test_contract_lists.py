"""What every engine must do with filters, counts, order, pages and passages, run on each of them."""

from __future__ import annotations

import pytest

from ticketing.search.documents import FIELDS, BadQuery, Query, Sort
from ticketing.search.engine import SearchEngine

from .engines import EVERYONE, document, fill, found

# --- narrowing, counting, sorting ------------------------------------------------------------------------------------


def test_filters_narrow_and_several_values_widen(three: SearchEngine) -> None:
    assert found(three, "", filters={"kind": ("help",)}) == [2]
    assert found(three, "", filters={"kind": ("help", "inquiry")}) == [3, 2]
    assert found(three, "", filters={"unit": ("7",)}) == [2, 1]
    assert found(three, "", filters={"lead": ("7",)}) == [1]
    assert found(three, "", filters={"kind": ("help",), "lead": ("7",)}) == []


def test_a_filter_of_most_values_finds_no_document_without_any_and_none_deleted(engine: SearchEngine) -> None:
    kinds = ("help", "help", "inquiry", "complaint")
    fill(engine, *(document(at, "路灯坏了", kind=kind) for at, kind in enumerate(kinds, 1)))
    wide = {"kind": ("help", "inquiry")}  # of the documents fewer have the other kind
    assert found(engine, "路灯", filters=wide) == [3, 2, 1]
    assert found(engine, "", filters={"kind": ("help", "inquiry", "complaint")}) == [4, 3, 2, 1]
    fill(engine, document(5, "路灯坏了", kind=""))
    assert found(engine, "路灯", filters=wide) == [3, 2, 1]
    engine.delete([(2, 9)])
    engine.delete([(5, 9)])
    engine.refresh()
    assert found(engine, "路灯", filters=wide) == [3, 1]
    assert found(engine, "", filters={"kind": ("help", "inquiry", "complaint")}) == [4, 3, 1]


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
