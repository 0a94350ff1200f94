"""What may be the same matter, on every engine."""

from __future__ import annotations

from ticketing.search.documents import Likeness
from ticketing.search.engine import SearchEngine

from .engines import EVERYONE, LAMP, PIPE, alike, document, fill


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
