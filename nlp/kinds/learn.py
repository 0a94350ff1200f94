"""Learn how kinds sound: `python -m nlp.kinds.learn` after editing the examples or the word lists.

Multinomial logistic regression with an L2 penalty. Deterministic: the same examples give the same file. `--check`
measures on held-out fifths instead: the share that is right, and how far the confidence is off.
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

from nlp.data import lines, read, rules
from nlp.kinds.sense import KINDS, judge, parse, pieces, values
from nlp.kinds.words import spoken

PENALTY = 1 / 30
_SEEN_AT_LEAST = 2
_SMALLEST = 0.3

#: report and its kind
Example = tuple[str, str]


def examples() -> list[Example]:
    """The example file, and the examples beside the word lists."""
    told = (line.split("|", 1) for line in lines("kind_examples.txt"))
    found = [(text, kind) for kind, text in told]
    return found + [(text, kind) for kind, entry in rules("kinds.toml").items() for text in entry["examples"]]


def digest() -> str:
    """What the weights were learnt from."""
    return hashlib.sha256((read("kind_examples.txt") + read("kinds.toml")).encode()).hexdigest()[:16]


def learn(known: Sequence[Example]) -> str:
    """The weight file for these examples."""
    counted = Counter(piece for text, _ in known for piece in pieces(text))
    rarity = {
        piece: math.log(len(known) / seen) + 0.1
        for piece, seen in sorted(counted.items())
        if seen >= _SEEN_AT_LEAST and piece.strip() and not {"\t", "\n"} & set(piece)
    }
    told = [values(text, spoken(text), rarity) for text, _ in known]
    pulls, bias = _fit(told, [KINDS.index(kind) for _, kind in known])
    kept = [
        "\t".join((piece, f"{rarity.get(piece, 0):.2f}", *(f"{pull:.1f}" for pull in row)))
        for piece, row in pulls
        if np.abs(row).max() >= _SMALLEST
    ]
    return "\n".join((f"# {digest()} " + " ".join(f"{one:.3f}" for one in bias), *kept)) + "\n"


def _fit(
    told: Sequence[dict[str, float]], truth: Sequence[int]
) -> tuple[list[tuple[str, npt.NDArray[np.float64]]], npt.NDArray[np.float64]]:
    from scipy import sparse
    from scipy.optimize import minimize

    names = sorted({piece for one in told for piece in one})
    at = {name: number for number, name in enumerate(names)}
    columns = [at[piece] for one in told for piece in one]
    ends = np.cumsum([0, *(len(one) for one in told)])
    matrix = sparse.csr_matrix(
        ([value for one in told for value in one.values()], columns, ends), shape=(len(told), len(names))
    )
    wanted = np.eye(len(KINDS))[list(truth)]

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        table = point.reshape(len(names) + 1, len(KINDS))
        odds = matrix @ table[:-1] + table[-1]
        odds -= odds.max(axis=1, keepdims=True)
        shares = np.exp(odds)
        shares /= shares.sum(axis=1, keepdims=True)
        value = -np.log(shares[wanted > 0] + 1e-12).sum() + PENALTY / 2 * (table[:-1] ** 2).sum()
        off = shares - wanted
        return float(value), np.vstack((matrix.T @ off + PENALTY * table[:-1], off.sum(axis=0))).ravel()

    start = np.zeros((len(names) + 1) * len(KINDS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x.reshape(-1, len(KINDS))
    return list(zip(names, found, strict=False)), found[-1]


def held_out(known: Sequence[Example], folds: int = 5) -> str:
    """Folds by turns: learnt on the others, judged on one."""
    right, sure = [], []
    for turn in range(folds):
        weights = parse(learn([one for at, one in enumerate(known) if at % folds != turn]))
        for text, kind in known[turn::folds]:
            shares, _ = judge(text, spoken(text), weights)
            best = max(shares, key=lambda name: shares[name])
            right.append(best == kind)
            sure.append(shares[best])
    return f"right: {sum(right)} of {len(right)}; mean confidence {sum(sure) / len(sure):.3f}"


def main(arguments: Sequence[str]) -> None:
    known = examples()
    if arguments == ["--check"]:
        print(held_out(known))
        return
    if arguments:
        raise SystemExit(f"unknown argument {arguments[0]!r}; accepted is --check, or nothing")
    target = files("nlp.data").joinpath("kind_sense.tsv")
    with open(str(target), "w", encoding="utf-8") as file:
        file.write(learn(known))
    print(f"learnt from {len(known)} examples: {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
