"""Fingerprints, similarity, ranking and bursts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nlp.duplicates import LIMIT, Fingerprint, Index, Report, burst, compare, fingerprint, rank, score

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
PLANT = "丽景花园旁边新建搅拌站，粉尘和噪音很大，居民无法开窗"
PLANT_TOO = "投诉丽景花园附近搅拌站噪音扰民，粉尘污染严重"
LAMP = "文化路路灯不亮，晚上出行不便，希望维修"


def report(key: str, text: str, **known: object) -> Report:
    return replace(Report(key, fingerprint(text), created_at=NOW), **known)  # type: ignore[arg-type]


def test_a_fingerprint_survives_storage() -> None:
    mark = fingerprint(PLANT)
    assert Fingerprint.unpack(mark.pack()) == mark
    assert Fingerprint.unpack("") == fingerprint("")
    assert len(mark.pack()) < 500


@pytest.mark.parametrize("line", ["搅拌站", ":0.3", "a:b"])
def test_a_broken_fingerprint_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"expected term:share|could not convert"):
        Fingerprint.unpack(line)


def test_score_is_symmetric_and_bounded() -> None:
    a, b = fingerprint(PLANT), fingerprint(PLANT_TOO)
    assert score(a, b).score == score(b, a).score
    assert 0.99 <= score(a, a).score <= 1
    assert score(a, fingerprint(LAMP)).score < 0.1
    assert score(a, fingerprint("")) == score(fingerprint(""), a)


def test_the_same_problem_is_near_and_says_why() -> None:
    found = compare(report("1", PLANT, estate="丽景花园"), report("2", PLANT_TOO, estate="丽景花园"))
    assert found.score >= 0.55
    assert found.why[0] == "同一地点：丽景花园"
    assert "搅拌站" in "".join(found.why)
    assert found.why[-1] == "今日"


def test_place_caller_and_time_count() -> None:
    base = compare(report("1", PLANT), report("2", PLANT_TOO)).score
    assert compare(report("1", PLANT, caller="x"), report("2", PLANT_TOO, caller="x")).score > base
    assert compare(report("1", PLANT, estate="甲园"), report("2", PLANT_TOO, estate="乙园")).score < base
    assert compare(report("1", PLANT), report("2", PLANT_TOO, created_at=NOW - timedelta(days=300))).score < base


def test_a_name_with_its_side_of_the_road_is_the_same_place() -> None:
    def beside(estate: str) -> float:
        return compare(report("1", PLANT, estate="丽景花园"), report("2", PLANT_TOO, estate=estate)).score

    assert beside("东丽景花园") == beside("丽景花园") > beside("国际丽景花园新区") == beside("锦绣花园")


def test_one_caller_with_two_matters_has_two_tickets() -> None:
    assert compare(report("1", PLANT, caller="x"), report("2", LAMP, caller="x")).score < 0.35


def test_rank_orders_and_leaves_out_itself() -> None:
    query = report("1", PLANT)
    found = rank(query, [query, report("2", LAMP), report("3", PLANT_TOO), report("4", PLANT)])
    assert [match.key for match in found] == ["4", "3"]
    assert found[0].same
    assert rank(query, []) == []


def test_equal_scores_keep_one_order() -> None:
    query = report("0", PLANT)
    copies = [report(key, PLANT) for key in "cab"]
    assert [match.key for match in rank(query, copies)] == ["a", "b", "c"]
    assert len(rank(query, copies, top=2)) == 2


def test_burst_counts_other_callers_of_the_day() -> None:
    query = report("0", PLANT, caller="me", estate="丽景花园")
    others = [report(str(n), PLANT_TOO, caller=f"c{n % 3}", estate="丽景花园") for n in range(1, 7)]
    mine = report("7", PLANT, caller="me", estate="丽景花园")
    old = report("8", PLANT, caller="old", estate="丽景花园", created_at=NOW - timedelta(days=3))
    assert burst(query, [*others, mine, old, report("9", LAMP, caller="other")]) == 3


def test_an_index_needs_only_candidates() -> None:
    class Memory:
        def __init__(self, reports: Sequence[Report]) -> None:
            self.reports = reports

        def candidates(self, query: Report, *, limit: int = LIMIT) -> Sequence[Report]:
            words = set(query.fingerprint.words())
            return [one for one in self.reports if words & set(one.fingerprint.words())][:limit]

    index: Index = Memory([report("1", LAMP), report("2", PLANT_TOO)])
    assert [match.key for match in rank(report("3", PLANT), index.candidates(report("3", PLANT)))] == ["2"]
