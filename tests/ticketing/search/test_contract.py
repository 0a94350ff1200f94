"""What every engine must find, run on each of them."""

from __future__ import annotations

from ticketing.search.documents import Query
from ticketing.search.engine import SearchEngine

from .engines import EVERYONE, document, fill, found


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
