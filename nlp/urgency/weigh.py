"""What speaks for and against danger in a short report, added up.

A rule knows words, not what is said with them (a film, a sign, a figure of speech); the sense of danger knows how
reports sound, not what they say. How far each is to be believed, alone and together, and what readings of the text
(over, asked about, thanked for) are worth beside them, is learnt from reports of people who did not know the rules,
with a sense that had not seen them (`nlp/data/danger_weighing.tsv`, by `python -m nlp.urgency.learn`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nlp.data import read
from nlp.urgency import sense
from nlp.urgency.guards import excused, signs
from nlp.urgency.sense import Weights

#: log odds from which a short report is taken for a danger to life; chosen on reports that had no part in the learning
CERTAIN = -1.5
#: log odds below which words of danger need no second look either: of a thousand dangers with a rule one lies below,
#: of the harmless texts with one nearly half
HARMLESS = -3.5
#: characters above which a report counts as a little longer
_LONGER = 40
#: a sentence speaks for the whole by no more than this, in log odds
_MOST = 6.0


def facts(text: str, critical: int, milder: int, weights: Weights | None = None) -> dict[str, float]:
    """What is known of a text of up to `sense.SHORT` characters; `critical` and `milder` rules hold for it.

    Facts of a report of several clauses go by other names (`long …`): it tells a story, and words of danger in it may
    belong to any part of that; its last sentence says what is wanted.
    """
    marks = tuple(f"#{one}" for one in signs(text))
    whole = sense.odds(text, weights, marks)
    known = {
        "sense": whole,
        "sense against": min(whole, 0.0),
        "a rule": float(critical > 0),
        "two rules": float(critical > 1),
        "three rules": float(critical > 2),
        "sense beside a rule": whole * (critical > 0),
        "a milder rule": float(milder > 0),
        "excused": float(excused(text)),
        "a question": float(any(sign in text for sign in "?？吗")),
    }
    known |= dict.fromkeys(marks, 1.0)
    parts = [sense.odds(one, weights) for one in sense.sentences(text)] if sense.several(text) else [whole]
    known["a sentence beyond the whole"] = max(-_MOST, min(max(parts) - whole, _MOST))
    if len(text) <= sense.ONE_PIECE:
        return known | {"a little longer": float(len(text) > _LONGER)}
    known |= {"last sentence": parts[-1], "mean sentence": sum(parts) / len(parts), "story": 1.0}
    return {f"long {name}": value for name, value in known.items()}


def weigh(found: Mapping[str, float]) -> float:
    """Log odds of danger to life of a text with these facts."""
    worth = _shipped()
    return worth["bias"] + sum(value * worth.get(name, 0.0) for name, value in found.items())


def parse(text: str) -> dict[str, float]:
    """A weight file: a heading `# digest`, then a line of fact and worth each."""
    return {name: float(worth) for name, worth in (line.split("\t") for line in text.splitlines()[1:])}


@cache
def _shipped() -> dict[str, float]:
    return parse(read("danger_weighing.tsv"))
