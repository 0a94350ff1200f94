"""A report as it was typed in a hurry, made readable for the rules: homophones, old characters, stray blanks."""

from __future__ import annotations

import re
from functools import cache

from nlp.data import rules

_BLANK = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000\t]+(?=[\u4e00-\u9fff])")


def plain(text: str) -> str:
    """The text with the misspellings of `spellings.toml` corrected, blanks between ideographs taken out, and figures
    of speech (笑死我了, 贵得要命) replaced by what they mean: very much."""
    wrong, right = _spellings()
    text = wrong.sub(lambda found: right[found.group()], _BLANK.sub("", text))
    return _figures().sub("得很", text)


@cache
def _figures() -> re.Pattern[str]:
    return re.compile("|".join(rules("spellings.toml")["figures"]))


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    known = rules("spellings.toml")["words"]
    right = {typo: word for word, typos in known.items() for typo in typos}
    longest = sorted(right, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), right
