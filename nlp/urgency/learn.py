"""Learn the sense of danger, its lines and what both weigh beside the rules, from the examples: run
`python -m nlp.urgency.learn` after editing them or the rules' own (a minute).

Deterministic: the same examples give the same files. `--check` measures on held-out fifths instead and prints the share
of dangers found and of false alarms.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nlp.data import read
from nlp.learning import command
from nlp.urgency import fired_by
from nlp.urgency.clean import plain
from nlp.urgency.fit import Floats, balanced, both, regression, table
from nlp.urgency.guards import SIGNS
from nlp.urgency.lines import LINES
from nlp.urgency.rulebook import rulebook
from nlp.urgency.sense import SHORT, SIGN, Weights, marks, normal, parse, pieces_of
from nlp.urgency.weigh import CERTAIN, facts

PENALTY, LINE_PENALTY, WEIGHING_PENALTY = 1 / 40, 0.1, 3.0
_SMALLEST, _SMALLEST_LINE = 0.02, 0.05
#: texts that a piece must occur in to be learnt
_LEAST = 2
_FIFTHS = 5
#: headings of sections that the rules were not made for: how far a rule can be believed shows only there
_NEW = "## new to the rules"
_MARKS = frozenset(f"#{name}" for name in SIGNS)

Example = tuple[str, bool]
#: a danger and the line it belongs to
Routed = tuple[str, str]


def _told() -> Iterator[tuple[str, str, str, bool]]:
    """Level, line and report of each line of the example file, and whether it was new to the rules."""
    new = False
    for line in read("urgency_examples.txt").splitlines():
        if line.startswith("##"):
            new = line.startswith(_NEW)
        elif (stripped := line.split("#", 1)[0].strip()) and not line.startswith("#"):
            level, to, text = stripped.split("|", 2)
            yield level, to, text, new


def examples() -> list[Example]:
    """Report and whether it tells of danger to life: the example file and the examples beside the critical rules."""
    found = [(text, level == "critical") for level, _, text, _ in _told()]
    for rule in rulebook():
        if rule.level == "critical":
            found += [(text, True) for text in rule.positive]
            found += [(text, False) for text in rule.negative]
    return [(plain(text), danger) for text, danger in found]


def unforeseen() -> frozenset[str]:
    """The reports, not too long, that the rules were not made for."""
    return frozenset(clean for _, _, text, new in _told() if new and len(clean := plain(text)) <= SHORT)


def routed() -> list[Routed]:
    """Dangers with their line: of the example file those that name one, and the examples beside the critical rules."""
    found = [(text, line) for level, line, text, _ in _told() if level == "critical" and line in LINES]
    for rule in rulebook():
        if rule.level == "critical" and rule.handover:
            found += [(text, rule.handover) for text in rule.positive]
    return [(plain(text), line) for text, line in found]


def digest(known: Sequence[tuple[str, object]]) -> str:
    """What the weights were learnt from."""
    joined = "\n".join(f"{what:d}{text}" if isinstance(what, bool) else f"{what}{text}" for text, what in known)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def learn(known: Sequence[Example]) -> str:
    """The weight file of the sense for these examples."""
    counts = [pieces_of(normal(text)) + Counter(marks(text)) for text, _ in known]
    found = table(counts, _LEAST, _MARKS, SIGN)
    weights, bias = both(found.matrix, np.array([danger for _, danger in known]), PENALTY)
    kept = [
        f"{name}\t{found.rarity[name]:.2f}\t{weight:.2f}"
        for name, weight in zip(found.names, weights, strict=True)
        if abs(weight) >= _SMALLEST and name.strip()
    ]
    return "\n".join((f"# {digest(known)} {bias:.4f}", *kept)) + "\n"


def learn_lines(known: Sequence[Routed]) -> str:
    """The weight file of the lines for these dangers: each line against the others."""
    found = table([pieces_of(normal(text)) for text, _ in known], _LEAST, frozenset(), 1)
    fits = [
        regression(found.matrix, np.array([line == one for _, one in known]), np.ones(len(known)), LINE_PENALTY)
        for line in LINES
    ]
    kept = [
        "\t".join((name, f"{found.rarity[name]:.2f}", *(f"{pull:.2f}" for pull in pulls)))
        for name, *pulls in zip(found.names, *(weights for weights, _ in fits), strict=True)
        if max(map(abs, pulls)) >= _SMALLEST_LINE and name.strip()
    ]
    return "\n".join((f"# {digest(known)} " + " ".join(f"{bias:.4f}" for _, bias in fits), *kept)) + "\n"


def seen_afresh(known: Sequence[Example], wanted: frozenset[str]) -> list[tuple[Mapping[str, float], bool]]:
    """The facts of each of the `wanted` texts by a sense that was learnt from the other fifths of the examples."""
    found: list[tuple[Mapping[str, float], bool]] = []
    for turn in range(_FIFTHS):
        weights = parse(learn([one for at, one in enumerate(known) if at % _FIFTHS != turn]))
        mine = (one for one in known[turn::_FIFTHS] if one[0] in wanted)
        found += [(_facts(text, weights), danger) for text, danger in mine]
    return found


def _facts(text: str, weights: Weights) -> dict[str, float]:
    levels = [rule.level for rule, _ in fired_by(rulebook(), text)]
    critical = levels.count("critical")
    return facts(text, critical, len(levels) - critical, weights)


def learn_weighing(seen: Sequence[tuple[Mapping[str, float], bool]]) -> dict[str, float]:
    """What each fact is worth, and the `bias`."""
    names = sorted({name for known, _ in seen for name in known})
    danger = np.array([danger for _, danger in seen])
    weights, bias = regression(_rows(seen, names), danger, balanced(danger) * 2, WEIGHING_PENALTY)
    return {"bias": bias} | dict(zip(names, map(float, weights), strict=True))


def _rows(seen: Sequence[tuple[Mapping[str, float], bool]], names: Sequence[str]) -> Floats:
    return np.array([[known.get(name, 0.0) for name in names] for known, _ in seen])


def weight_files() -> dict[str, str]:
    """The three files that the examples and the rules' own make."""
    known = examples()
    worth = learn_weighing(seen_afresh(known, unforeseen()))
    told = "\n".join((f"# {digest(known)}", *(f"{name}\t{one:.3f}" for name, one in worth.items())))
    return {
        "danger_sense.tsv": learn(known),
        "danger_lines.tsv": learn_lines(routed()),
        "danger_weighing.tsv": told,
    }


def _held_out(known: Sequence[Example]) -> str:
    """Fifths by turns: learnt on four, judged on one, of what the rules were not made for."""
    seen = seen_afresh(known, unforeseen())
    right = {True: 0, False: 0}
    for turn in range(_FIFTHS):
        worth = learn_weighing([one for at, one in enumerate(seen) if at % _FIFTHS != turn])
        for found, danger in seen[turn::_FIFTHS]:
            odds = worth["bias"] + sum(value * worth.get(name, 0.0) for name, value in found.items())
            right[danger] += (odds >= CERTAIN) == danger
    dangers = sum(danger for _, danger in seen)
    rest = len(seen) - dangers
    return f"dangers found: {right[True]} of {dangers}; false alarms: {rest - right[False]} of {rest}"


if __name__ == "__main__":
    command(sys.argv[1:], lambda: _held_out(examples()), weight_files)
