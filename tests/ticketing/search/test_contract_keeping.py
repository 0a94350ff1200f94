"""What every engine must keep: versions, deletions, generations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ticketing.search.documents import Query, Sort
from ticketing.search.engine import SearchEngine

from .engines import EVERYONE, document, fill, found


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
