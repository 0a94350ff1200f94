"""Words, passages and turns: the parts that both engines stand on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.search import cursor as cursors
from ticketing.search.documents import BadQuery, Query, as_html
from ticketing.search.generations import Generations
from ticketing.search.plan import STAGES, Stage, plan
from ticketing.search.synonyms import Synonyms, read_groups
from ticketing.search.text import highlight, normalise, pairs, parts, place_names, sound, spellings, words
from ticketing.search.turns import Turns

ANY = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200)


@given(ANY)
def test_normalising_keeps_every_position(text: str) -> None:
    assert len(normalise(text)) == len(text)


@given(ANY, st.lists(st.sampled_from(["路灯", "停水", "a", "<", "&"]), max_size=3))
def test_a_passage_is_a_part_of_the_text_and_safe_to_show(text: str, sought: list[str]) -> None:
    pieces = highlight(text, sought)
    shown = "".join(piece.text for piece in pieces).removeprefix("…").removesuffix("…")
    assert shown in text
    assert "<" not in as_html(pieces).replace("<em>", "").replace("</em>", "")


@settings(deadline=None)  # the first example loads the dictionary
@given(ANY)
def test_no_question_is_too_strange_for_a_plan(text: str) -> None:
    for stage in STAGES:
        plan(text, stage, Synonyms())


def test_words_leave_out_what_finds_everything() -> None:
    assert words("，的、了 ！") == []
    assert "路灯" in words("花园路的路灯")


def test_pairs_are_all_neighbours_once() -> None:
    assert pairs("路灯不亮，路灯") == ["路灯", "灯不", "不亮"]
    assert pairs("a1") == []


def test_every_long_word_of_a_text_has_its_pairs_among_the_texts_pairs() -> None:
    text = "郑州市政府与河南省郑州市金水区花园路街道办事处，𠮷野家𠮷林大道农业路地铁站"
    missing = [part for word in words(text) for part in parts(word) if part not in pairs(text)]
    assert missing == []


def test_places_get_their_ending_back_and_their_spellings() -> None:
    assert place_names(["航海", "路", "与", "大学"]) == ["航海路", "与", "大学"]
    assert spellings("花园路") == ("huayuanlu", "hyl", "huayuan")
    assert spellings("A座") == ()
    assert sound("噪声") == sound("躁声")


def test_a_passage_prefers_the_place_with_the_most_different_words() -> None:
    text = "路灯路灯路灯。" + "无关。" * 60 + "路灯停水一起发生。"
    assert "<em>停水</em>" in as_html(highlight(text, ["路灯", "停水"]))


def test_synonyms_are_read_again_when_the_file_changes(tmp_path: Path) -> None:
    edited = tmp_path / "synonyms.txt"
    synonyms = Synonyms(edited)
    assert "噪声" in synonyms.of("噪音")  # the shipped file
    edited.write_text("# 注释\n地铁 捷运\n地铁 轨交\n", encoding="utf-8")
    assert synonyms.of("地铁") == ("捷运", "轨交")
    assert synonyms.of("噪音") == ()


def test_a_word_on_its_own_has_no_synonyms() -> None:
    assert read_groups("甲\n\n# 乙 丙\n") == {"甲": ()}


def test_a_cursor_belongs_to_its_question() -> None:
    query = Query(text="路灯", filters={"kind": ("help",)})
    token = cursors.write(query, cursors.Cursor(Stage.SOME, (3, 4.5)))
    again = Query(text="路灯", filters={"kind": ("help",)}, cursor=token)
    assert cursors.read(again) == cursors.Cursor(Stage.SOME, (3, 4.5))
    for other in (Query(text="停水", cursor=token), Query(text="路灯", cursor=token), Query(cursor=token[:-4])):
        with pytest.raises(BadQuery):
            cursors.read(other)


def test_turns_are_given_in_the_order_of_asking() -> None:
    turns, order, waiting = Turns(1), [], threading.Semaphore(0)

    def take(name: int) -> None:
        waiting.release()
        with turns:
            order.append(name)

    turns.__enter__()
    threads = []
    for name in range(5):
        thread = threading.Thread(target=take, args=(name,))
        thread.start()
        waiting.acquire()
        while len(turns._waiting) <= name:
            threading.Event().wait(0.001)
        threads.append(thread)
    turns.__exit__(None, None, None)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_is_given_back_after_an_error() -> None:
    turns = Turns(1)
    with pytest.raises(RuntimeError), turns:
        raise RuntimeError
    with turns:
        assert turns._free == 0
    assert turns._free == 1


def test_processes_that_start_at_once_agree_on_one_generation(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(Generations(tmp_path / "index").current())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert [file.name for file in (tmp_path / "index").iterdir()] == ["CURRENT"]


def test_the_generation_before_is_kept_for_readers_and_older_ones_go(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    for name in ("g0", "g1", "g2", "g3"):
        (tmp_path / name).mkdir()
    (tmp_path / "CURRENT").write_text("g0", encoding="utf-8")
    generations.use("g1")
    generations.use("g2")
    # g3 is being written by another rebuild
    assert sorted(folder.name for folder in tmp_path.glob("g*")) == ["g1", "g2", "g3"]
