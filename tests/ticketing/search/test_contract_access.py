"""What one may not see, on every engine."""

from __future__ import annotations

import pytest

from ticketing.search.documents import FIELDS, NOBODY, Access, BadQuery, Query
from ticketing.search.engine import SearchEngine

from .engines import LAMP, alike, document, fill, found

DISTRICT = Access(frozenset({"r:410105"}))


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
