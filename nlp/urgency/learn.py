"""Learn the sense of danger, and its lines, from the examples: `python -m nlp.urgency.learn` after editing them or the
rules' own.

Logistic regression with an L2 penalty; danger and harmlessness weigh alike, of the lines each example counts once.
Deterministic: the same examples give the same
file. `--check` measures on held-out fifths instead and prints the share of dangers found and of false alarms.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from nlp.data import lines
from nlp.urgency.clean import plain
from nlp.urgency.lines import LINES
from nlp.urgency.rulebook import rulebook
from nlp.urgency.sense import CERTAIN, SIGN, marks, normal, pieces

PENALTY, LINE_PENALTY = 1 / 30, 0.1
_SMALLEST, _SMALLEST_LINE = 0.02, 0.05

Example = tuple[str, bool]
#: a danger and the line it belongs to
Routed = tuple[str, str]


def examples() -> list[Example]:
    """Report and whether it tells of danger to life: the example file and the examples beside the critical rules."""
    found = [
        (text, level == "critical") for level, _, text in (line.split("|", 2) for line in lines("urgency_examples.txt"))
    ]
    for rule in rulebook():
        if rule.level == "critical":
            found += [(text, True) for text in rule.positive]
            found += [(text, False) for text in rule.negative]
    return [(plain(text), danger) for text, danger in found]


def routed() -> list[Routed]:
    """Dangers with their line: of the example file those that name one, and the examples beside the critical rules."""
    told = (line.split("|", 2) for line in lines("urgency_examples.txt"))
    found = [(text, line) for level, line, text in told if level == "critical" and line in LINES]
    for rule in rulebook():
        if rule.level == "critical" and rule.handover:
            found += [(text, rule.handover) for text in rule.positive]
    return [(plain(text), line) for text, line in found]


def digest(known: Sequence[tuple[str, object]]) -> str:
    """What the weights were learnt from."""
    joined = "\n".join(f"{what:d}{text}" if isinstance(what, bool) else f"{what}{text}" for text, what in known)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def learn(known: Sequence[Example]) -> str:
    """The weight file for these examples."""
    texts = [Counter([*(piece for _, piece in pieces(normal(text))), *marks(text)]) for text, _ in known]
    names, rarity = _rarity(texts)
    danger = np.array([danger for _, danger in known])
    share = np.where(danger, danger.mean(), 1 - danger.mean())
    weights, bias = _fit(texts, names, rarity, danger, 0.5 / share, PENALTY)
    kept = [
        f"{name}\t{rarity[name]:.3f}\t{weight:.3f}"
        for name, weight in zip(names, weights, strict=True)
        if abs(weight) >= _SMALLEST and name.strip()
    ]
    return "\n".join((f"# {digest(known)} {bias:.4f}", *kept)) + "\n"


def learn_lines(known: Sequence[Routed]) -> str:
    """The weight file of the lines for these dangers: each line against the others."""
    texts = [Counter(piece for _, piece in pieces(normal(text))) for text, _ in known]
    names, rarity = _rarity(texts)
    fits = [
        _fit(texts, names, rarity, np.array([line == one for _, one in known]), np.ones(len(known)), LINE_PENALTY)
        for line in LINES
    ]
    kept = [
        "\t".join((name, f"{rarity[name]:.2f}", *(f"{pull:.2f}" for pull in pulls)))
        for name, *pulls in zip(names, *(weights for weights, _ in fits), strict=True)
        if max(map(abs, pulls)) >= _SMALLEST_LINE and name.strip()
    ]
    return "\n".join((f"# {digest(known)} " + " ".join(f"{bias:.4f}" for _, bias in fits), *kept)) + "\n"


def _rarity(texts: Sequence[Counter[str]]) -> tuple[list[str], dict[str, float]]:
    """All pieces, sorted, and how rare each is among the texts."""
    seen = Counter(piece for text in texts for piece in text)
    names = sorted(seen)
    return names, {name: math.log((1 + len(texts)) / (1 + seen[name])) + 1 for name in names}


def _fit(
    texts: Sequence[Counter[str]],
    names: Sequence[str],
    rarity: dict[str, float],
    yes: npt.NDArray[np.bool_],
    importance: npt.NDArray[np.float64],
    penalty: float,
) -> tuple[npt.NDArray[np.float64], float]:
    from scipy import sparse
    from scipy.optimize import minimize

    at = {name: number for number, name in enumerate(names)}
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        own = {name: (1 + math.log(count)) * rarity[name] for name, count in text.items()}
        length = math.sqrt(sum(value * value for name, value in own.items() if not _is_mark(name))) or 1.0
        rows += [row] * len(own)
        columns += [at[name] for name in own]
        values += [value * (SIGN if _is_mark(name) else 1) / length for name, value in own.items()]
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(names)))
    sign = np.where(yes, 1.0, -1.0)

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (matrix @ point[:-1] + point[-1])
        slope = -sign * importance / (1 + np.exp(margin))
        value = float(importance @ np.logaddexp(0, -margin) + penalty / 2 * point[:-1] @ point[:-1])
        return value, np.append(matrix.T @ slope + penalty * point[:-1], slope.sum())

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return found[:-1], float(found[-1])


def _is_mark(name: str) -> bool:
    return len(name) > 2


def main(arguments: Sequence[str]) -> None:
    if arguments == ["--check"]:
        print(_held_out(examples()))
        return
    if arguments:
        raise SystemExit(f"unknown argument {arguments[0]!r}; accepted is --check, or nothing")
    _write("danger_sense.tsv", learn(examples()), len(examples()))
    _write("danger_lines.tsv", learn_lines(routed()), len(routed()))


def _write(name: str, content: str, learnt_from: int) -> None:
    target = files("nlp.data").joinpath(name)
    with open(str(target), "w", encoding="utf-8") as file:
        file.write(content)
    print(f"learnt from {learnt_from} examples: {target}")


def _held_out(known: Sequence[Example]) -> str:
    """Fifths by turns: learnt on four, judged on one."""
    from nlp.urgency import sense

    right = {True: 0, False: 0}
    for turn in range(5):
        weights = sense.parse(learn([one for at, one in enumerate(known) if at % 5 != turn]))
        for text, danger in known[turn::5]:
            right[danger] += (sense.judge(text, weights).probability >= CERTAIN) == danger
    dangers = sum(danger for _, danger in known)
    rest = len(known) - dangers
    return f"dangers found: {right[True]} of {dangers}; false alarms: {rest - right[False]} of {rest}"


if __name__ == "__main__":
    main(sys.argv[1:])
