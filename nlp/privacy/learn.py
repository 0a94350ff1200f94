"""Learn to see names: `python -m nlp.privacy.learn` after editing the examples, the given names or the word lists.

Logistic regression with an L2 penalty over the candidates of all sentences. Each marked sentence is learnt several
times with other names in the marked places: what counts is where a name stands, not which. Deterministic: the same
files give the same weights. `--check` measures on held-out fifths instead.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from nlp.data import lines, read, rules
from nlp.learning import command
from nlp.privacy.names import WORDS_AFTER, WORDS_BEFORE, Reading, candidates, features, lists, parse, persons
from nlp.segment import segment

PENALTY = 0.5
_TIMES, _TIMES_WITHOUT = 12, 3
_SMALLEST = 0.04
#: how often the very words before or after are left out, so that their kind is learnt as well
_LEFT_OUT = 0.5
#: what a line without names counts beside one copy of a line with
_WITHOUT = 1.5
_SEED = 12345
#: so many of the common surnames, which stand by frequency, are every second name
_FREQUENT = 62
_MARK = re.compile(r"\[([^\]]+)\]")
_PLACE = re.compile(r"<([^>]+)>")

#: a sentence without marks, and where its names stand
Example = tuple[str, list[tuple[int, int]]]


def digest() -> str:
    """What the weights were learnt from."""
    joined = "".join(read(name) for name in ("name_examples.txt", "given_names.txt", "privacy.toml"))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def unmarked(line: str) -> Example:
    line = _PLACE.sub(r"\1", line)
    spans: list[tuple[int, int]] = []
    text, last = "", 0
    for mark in _MARK.finditer(line):
        text += line[last : mark.start()]
        spans.append((len(text), len(text) + len(mark.group(1))))
        text += mark.group(1)
        last = mark.end()
    return text + line[last:], spans


class _Renamer:
    """Puts made-up names into the marked places: common surnames often, others now and then.

    What stands between < > is the name of no person: whatever is put there, the sentence names none.
    """

    def __init__(self) -> None:
        self._random = random.Random(_SEED)
        known = lists()
        self._surnames = sorted(known.surnames)
        self._common = sorted(known.common)
        self._compound = sorted(known.compound)
        given = [line for line in lines("given_names.txt") if not line.startswith("=")]
        every = [name for line in given for name in line.split()]
        self._words = [name for line in lines("given_names.txt") if line.startswith("=") for name in line[1:].split()]
        self._two = [name for name in every if len(name) == 2]
        self._one = [name for name in every if len(name) == 1]
        self._frequent: str = rules("privacy.toml")["common_surnames"].split()[0][:_FREQUENT]

    def name(self) -> str:
        dice = self._random.random()
        choose = self._random.choice
        if self._random.random() < 0.08:
            return choose(self._words)
        surname = choose(
            self._frequent
            if dice < 0.5
            else self._common
            if dice < 0.85
            else self._surnames
            if dice < 0.94
            else self._compound
        )
        return surname + choose(self._one if self._random.random() < 0.28 else self._two)

    def renamed(self, line: str) -> str:
        """The same name twice in a line stays the same name."""
        new: dict[str, str] = {}
        line = _PLACE.sub(lambda _: self.name(), line)
        return _MARK.sub(lambda mark: f"[{new.setdefault(mark.group(1), self.name())}]", line)


class _Reworder:
    """Puts other dictionary words that begin like a name into sentences without names: a word is mostly just a word."""

    def __init__(self) -> None:
        self._random = random.Random(_SEED)
        surnames = lists().surnames
        rows = (line.split(" ") for line in files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines())
        found = [
            (word, math.sqrt(float(count)))
            for word, count, tag in rows
            if 2 <= len(word) <= 4 and word[0] in surnames and not tag.startswith("nr") and int(count) > 2
        ]
        self._words = [word for word, _ in found]
        self._weights = list(accumulate(weight for _, weight in found))

    def reworded(self, text: str) -> str:
        words = segment(text)
        places = [at for at, word in enumerate(words) if len(word) > 1 and "\u4e00" <= word[0] <= "\u9fff"]
        for at in self._random.sample(places, min(len(places), 1 + len(places) // 6)):
            words[at] = self._random.choices(self._words, cum_weights=self._weights)[0]
        return "".join(words)


def sentences(marked: Sequence[str]) -> Iterator[Example]:
    """Every line as it is, then with other names; one without names is repeated, for the words that are left out."""
    rename, reword = _Renamer(), _Reworder()
    for line in marked:
        yield unmarked(line)
        if "[" in line or "<" in line:
            for _ in range(_TIMES):
                yield unmarked(rename.renamed(line))
        else:
            for _ in range(_TIMES_WITHOUT):
                yield reword.reworded(line), []


def learn(marked: Sequence[str]) -> str:
    """The weight file for these lines."""
    from scipy import sparse
    from scipy.optimize import minimize

    at: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    truth: list[bool] = []
    importance: list[float] = []
    dice = random.Random(_SEED)
    for text, spans in sentences(marked):
        reading = Reading(text)
        unseen = (WORDS_BEFORE if dice.random() < _LEFT_OUT else ()) + (
            WORDS_AFTER if dice.random() < _LEFT_OUT else ()
        )
        for one in candidates(reading):
            told = features(reading, one)
            columns += [at.setdefault(name, len(at)) for name in told if not name.startswith(unseen)]
            ends.append(len(columns))
            truth.append((one.start, one.end) in spans)
            importance.append(1.0 if spans else _WITHOUT)
    matrix = sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(truth), len(at)))
    sign = np.where(np.array(truth), 1.0, -1.0)
    weight = np.array(importance)

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (matrix @ point[:-1] + point[-1])
        slope = -sign * weight / (1 + np.exp(np.clip(margin, -500, 500)))
        value = float(weight @ np.logaddexp(0, -margin) + PENALTY / 2 * point[:-1] @ point[:-1])
        return value, np.append(matrix.T @ slope + PENALTY * point[:-1], slope.sum())

    found = minimize(loss, np.zeros(len(at) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    kept = [f"{name}\t{found[number]:.2f}" for name, number in sorted(at.items()) if abs(found[number]) >= _SMALLEST]
    return "\n".join((f"# {digest()} {found[-1]:.3f}", *(line for line in kept if "\n" not in line))) + "\n"


def held_out(marked: Sequence[str], folds: int = 5, verbose: bool = False) -> str:
    counts: Counter[str] = Counter()
    for turn in range(folds):
        weights = parse(learn([line for number, line in enumerate(marked) if number % folds != turn]))
        for line in marked[turn::folds]:
            text, spans = unmarked(line)
            got = set(persons(text, weights))
            counts["names"] += len(spans)
            counts["found"] += len(got & set(spans))
            counts["sentences without"] += not spans
            counts["false alarms"] += len(got - set(spans))
            if verbose and got != set(spans):
                print(text, "wanted", [text[a:b] for a, b in spans], "got", [text[a:b] for a, b in got])
    return ", ".join(f"{count} {name}" for name, count in counts.items())


if __name__ == "__main__":
    marked = lines("name_examples.txt")
    command(sys.argv[1:], lambda: held_out(marked, verbose=True), lambda: {"name_sense.tsv": learn(marked)})
