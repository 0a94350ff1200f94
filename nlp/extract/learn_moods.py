"""Learn how moods sound: `python -m nlp.extract.learn_moods` after editing its examples; `--check` measures."""

from __future__ import annotations

import sys

from nlp.data import lines, rules
from nlp.extract.mood import HEARD, listed
from nlp.sense_learning import Example, Lesson

_COMPOSED = frozenset({"consult", "help", "report", "suggestion"})


def examples() -> list[Example]:
    """The example file (`mood|text`), the examples beside the word lists (displeasure counts as calm), and what people
    ask, want mended, report and suggest in the examples of kinds: how calm people speak."""
    told = (line.split("|", 1) for line in lines("mood_examples.txt"))
    found = [(text, mood) for mood, text in told]
    composed = [line.split("|", 1) for line in lines("kind_examples.txt")]
    found += [(text, "calm") for kind, text in composed if kind in _COMPOSED]
    beside = rules("moods.toml")["examples"].items()
    return found + [(text, mood if mood in HEARD else "calm") for mood, texts in beside for text in texts]


LESSON = Lesson(HEARD, "mood_sense.tsv", ("mood_examples.txt", "moods.toml", "kind_examples.txt"), listed)

if __name__ == "__main__":
    LESSON.run(examples(), sys.argv[1:])
