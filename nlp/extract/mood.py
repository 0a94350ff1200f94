"""The caller's mood, for the protection of who answers and for the tone of the reply.

Word lists (`nlp/data/moods.toml`) and a sense learnt from examples (`learn_moods.py`), which weighs the lists too: who
curses without a curse word or despairs quietly is heard as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from nlp.data import rules
from nlp.sense import judge, shipped

Level = Literal["calm", "upset", "angry", "distressed", "abusive"]
#: the moods that the sense tells apart; mild displeasure is told by its words alone
HEARD = ("calm", "angry", "distressed", "abusive")
#: characters of a text that are listened to, and those of what is told in one breath
_HEARD_OF, _SPOKEN = 400, 120
#: how much must be left beside calm for a mood to be heard: with one of its words, without, and without in a longer
#: text, where some sentence always sounds like something
_WORDED, _SURE, _SURE_LONG = 0.05, 0.15, 0.6


@dataclass(frozen=True, slots=True)
class Mood:
    """The strongest mood found and the words that show it."""

    level: Level
    words: tuple[str, ...]


@cache
def _patterns() -> tuple[tuple[Level, re.Pattern[str]], ...]:
    data = rules("moods.toml")
    return tuple(
        (cast(Level, name), re.compile("|".join(f"(?:{part})" for part in data[name]))) for name in data["order"]
    )


def _found(text: str) -> dict[Level, tuple[str, ...]]:
    """By mood the words of its list that stand in the text."""
    return {
        level: tuple(dict.fromkeys(found.group() for found in pattern.finditer(text))) for level, pattern in _patterns()
    }


def listed(text: str) -> dict[str, float]:
    """How strongly the list of each mood speaks: the number of its different words."""
    return {level: float(len(words)) for level, words in _found(text).items()}


def mood(text: str) -> Mood:
    """What the text sounds like, with the words that show it; calm when nothing shows."""
    text = text[:_HEARD_OF]
    words = _found(text)
    heard = judge(text, {level: float(len(found)) for level, found in words.items()}, HEARD, shipped("mood_sense.tsv"))
    best = cast(Level, max(HEARD[1:], key=lambda level: heard.shares[level]))
    sure = _WORDED if words.get(best) else _SURE if len(text) <= _SPOKEN else _SURE_LONG
    if 1 - heard.shares["calm"] < sure:
        return Mood("upset", words["upset"][:6]) if words["upset"] else Mood("calm", ())
    return Mood(best, (words[best] or heard.words)[:6])
