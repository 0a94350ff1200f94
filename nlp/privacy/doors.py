"""Exact doors: building, unit and room; a number on a street only where somebody says that they live there."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = r"(?:[A-Za-z]?\d{1,4}[A-Za-z]?|[A-Za-z]|[东西南北]?[一二三四五六七八九十百]{1,4}|[东西南北]\d{0,3})"
_BUILDING = rf"(?:\d{{1,4}}号院?)?{_NUMBER}(?:号楼|楼|号院|栋楼|幢楼|栋|幢|座|#楼?|号)"
_UNIT = r"(?:[A-Za-z]?\d{1,2}|[一二三四五六七八九十]{1,2}|[A-Za-z东西甲乙丙丁])(?:单元|门洞|门)"
_ROOM = (
    r"(?:[A-Za-z]?\d{3,4}|[零〇一二三四五六七八九十]{2,4})(?:[室户房号]|(?!\d|[年元米万%]|平方|块|多|余|人|名|家|户主))"
)
_FLOOR = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:楼|层)"
_SIDE = r"(?:\d{3,4}[室户房号]|\d{1,2}[室号](?!楼|线)|[东西中南北]{1,2}(?:户|手|边户|侧户))"
_DOORS = (
    re.compile(rf"(?:{_BUILDING}[,， ]?)?{_UNIT}[,， ]?(?:{_FLOOR}[,， ]?)?(?:{_ROOM}|{_SIDE})"),
    re.compile(rf"{_BUILDING} ?(?:{_UNIT}[,， ]?)?(?:{_FLOOR}[,， ]?)?(?:{_ROOM}|{_SIDE})"),
    re.compile(
        r"(?<![\d年-])\d{1,3}[-—–]\d{1,2}[-—–](?!(?:19|20)\d\d(?!\d|[室户房号]))\d{3,4}(?:[室户房号])?(?![\d-])"
    ),
    re.compile(r"(?<=[区园苑府庭城寓厦村岛湾居])\d{1,3}[-—–]\d{1,2}[-—–]\d{3,4}(?![\d-])"),
    re.compile(r"(?<![\d年-])\d{1,2}[-—–]\d{3,4}(?:[室户房])(?![\d-])"),
    re.compile(
        rf"(?<=[区园苑府庭城寓厦村])(?!(?:19|20)\d\d[-—–]){_NUMBER}[栋幢座]?[-—–](?!(?:19|20)\d\d[年-])\d{{3,4}}(?![\d-]|[元米万])"
    ),
    re.compile(r"(?<=[组村庄队])(?:\d{1,4}|[一二三四五六七八九十百]{1,4})号(?![线楼院令文路])"),
    re.compile(
        rf"(?:{_BUILDING}[,， ]?)?{_UNIT}[,， ]?{_FLOOR}[东西中南北左右]{{1,2}}(?:户|边|侧|手|门)?"
        r"(?![\u4e00-\u9fff]?[侧面向])"
    ),
    re.compile(r"(?<![\d第])\d{1,3}排(?:\d{1,3}|[一二三四五六七八九十]{1,3})号(?!楼|线|座)"),
    re.compile(r"(?<=[路街巷道弄])\d{1,4}号附\d{1,3}号"),
    re.compile(r"(?<=[路街巷道弄里])\d{1,4}号(?:院|附)?(?:\d{1,3}号)?"),
)
_LIVES = re.compile(
    r"(?:家住|住在|现住|租住|暂住|我住|本人住|住址|家庭地址|居住于|居住在|我家|门牌|住[:：]|户口所在)[^。；;！!？?]{0,24}$"
)
_COUNTED = re.compile(r"(?:共有?|有|约|总计|合计|计|达|涉及|近)$")
_STREET_DOOR = len(_DOORS) - 1


def doors(text: str) -> Iterator[tuple[int, int]]:
    """Door numbers down to the room; a number on a street only where somebody says that they live there."""
    for at, pattern in enumerate(_DOORS):
        for found in pattern.finditer(text):
            before = text[: found.start()]
            counted = found.group().endswith("户") and _COUNTED.search(before)
            if not counted and (at != _STREET_DOOR or _LIVES.search(before)):
                yield found.span()
