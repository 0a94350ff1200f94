"""The caller's mood, for the protection of who answers and for the tone of the reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from nlp.data import rules

Level = Literal["calm", "upset", "angry", "distressed", "abusive"]


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


def mood(text: str) -> Mood:
    """Abusive before distressed before angry before upset; calm when nothing shows."""
    for level, pattern in _patterns():
        words = [found.group() for found in pattern.finditer(text)]
        if words:
            return Mood(level, tuple(dict.fromkeys(words))[:6])
    return Mood("calm", ())
