"""Learn how moods sound: `python -m nlp.extract.learn_moods` after editing its examples; `--check` measures."""

from __future__ import annotations

import sys

from nlp.data import lines, rules
from nlp.extract.mood import HEARD, listed
from nlp.sense_learning import Example, Lesson


def examples() -> list[Example]:
    """The example file (`mood|text`), and the examples beside the word lists; displeasure counts as calm."""
    told = (line.split("|", 1) for line in lines("mood_examples.txt"))
    found = [(text, mood) for mood, text in told]
    beside = rules("moods.toml")["examples"].items()
    return found + [(text, mood if mood in HEARD else "calm") for mood, texts in beside for text in texts]


LESSON = Lesson(HEARD, "mood_sense.tsv", ("mood_examples.txt", "moods.toml"), listed)

if __name__ == "__main__":
    LESSON.run(examples(), sys.argv[1:])
