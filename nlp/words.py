"""Words that carry meaning, on top of the one segmentation (`nlp.segment`)."""

from __future__ import annotations

import re

from nlp.segment import default_segmenter, segment

#: A province, city, district or county written as a code ("A市", "A3区") or shortened after one: says where a message
#: was filed, not what it is about.
REGION_CODE = re.compile(r"(?:[A-Z]\d{0,3}[市区县]{1,2})+")


def is_dictionary_word(text: str) -> bool:
    """Whether the whole of `text` is a word of the general dictionary, not guessed and not from the directory."""
    segmenter = default_segmenter()
    return text in segmenter.every_word(text) and text not in segmenter.user_words()


def content_words(text: str) -> list[str]:
    """Words that can carry meaning: two characters or more, no bare numbers, no region codes."""
    cleaned = REGION_CODE.sub(" ", "".join(text.split()))
    return [word for word in segment(cleaned) if len(word) > 1 and not word.isdigit()]
