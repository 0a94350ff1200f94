"""Learn how kinds sound: `python -m nlp.kinds.learn` after editing examples or word lists; `--check` measures."""

from __future__ import annotations

import sys

from nlp.data import lines, rules
from nlp.kinds.words import KINDS, spoken
from nlp.sense_learning import Example, Lesson


def examples() -> list[Example]:
    """The example file (`kind|text`), and the examples beside the word lists."""
    told = (line.split("|", 1) for line in lines("kind_examples.txt"))
    found = [(text, kind) for kind, text in told]
    return found + [(text, kind) for kind, entry in rules("kinds.toml").items() for text in entry["examples"]]


LESSON = Lesson(
    KINDS,
    "kind_sense.tsv",
    ("kind_examples.txt", "kinds.toml"),
    lambda text: {name: one.score for name, one in spoken(text).items()},
)

if __name__ == "__main__":
    LESSON.run(examples(), sys.argv[1:])
