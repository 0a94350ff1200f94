"""A report as it was typed in a hurry, made readable for the rules: homophones, old characters, stray blanks."""

from __future__ import annotations

import re
from functools import cache

from nlp.data import rules

_BLANK = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000\t]+(?=[\u4e00-\u9fff])")


def plain(text: str) -> str:
    """The text with the misspellings of `spellings.toml` corrected and blanks between ideographs taken out."""
    wrong, right = _spellings()
    text = _BLANK.sub("", text)
    return wrong.sub(lambda found: right[found.group()], text)


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    right = {typo: word for word, typos in rules("spellings.toml").items() for typo in typos}
    longest = sorted(right, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), right
