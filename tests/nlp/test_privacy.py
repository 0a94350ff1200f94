"""Every kind of personal data, with the texts that look like it and are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.privacy import find, is_card_number, is_id_number, mask

_MARK = re.compile(r"\[(\w+)\|([^\]]*)\]")
CASES = [
    line
    for line in (Path(__file__).parent / "privacy_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("case", CASES)
def test_what_is_marked_is_found_and_nothing_is_left_after_masking(case: str) -> None:
    text = _MARK.sub(lambda mark: mark.group(2), case)
    assert [(found.kind, found.text) for found in find(text)] == _MARK.findall(case)
    masked = mask(text)
    assert len(masked) == len(text)
    assert find(masked) == ()
    assert mask(masked) == masked
    for _, secret in _MARK.findall(case):
        assert secret not in masked


def test_offsets_refer_to_the_text_as_given() -> None:
    text = "电话：１３８３８３８０４３８（早上打）"
    (found,) = find(text)
    assert text[found.start : found.end] == found.text == "１３８３８３８０４３８"
    assert mask(text) == "电话：１３８****０４３８（早上打）"


def test_each_kind_is_masked_in_its_own_way() -> None:
    assert mask("13838380438") == "138****0438"
    assert mask("车牌豫A12345") == "车牌豫A****5"
    assert mask("联系人：欧阳锋，") == "联系人：欧**，"
    assert mask("邮箱ab@163.com") == "邮箱a*@***.com"
    assert mask("我住3号楼2单元1502室") == "我住*号楼*单元****室"


@pytest.mark.parametrize("number", ["410105197710010015", "41030219551212003X", "410105771001001"])
def test_valid_id_numbers(number: str) -> None:
    assert is_id_number(number)


@pytest.mark.parametrize("number", ["410105197710010016", "410105197713450015", "010105197710010015", "4101", ""])
def test_invalid_id_numbers(number: str) -> None:
    assert not is_id_number(number)


def test_a_wrong_luhn_sum_is_no_card() -> None:
    assert is_card_number("6222020200001234562")
    assert not is_card_number("6222020200001234563")


@given(st.text(alphabet="0123456789零一两-号楼室路王李我叫电话豫A@.X ，", max_size=60))
def test_masking_keeps_the_length_and_finds_nothing_twice(text: str) -> None:
    assert len(mask(text)) == len(text)
    for found in find(text):
        assert text[found.start : found.end] == found.text
