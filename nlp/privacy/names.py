"""Names of persons: every surname with one or two characters behind it is weighed by what it is made of and stands in.

The weights (`nlp/data/name_sense.tsv`) are learnt by `python -m nlp.privacy.learn` from made-up sentences
(`nlp/data/name_examples.txt`), so a name is also seen where no known word announces it. Two or more names without a
sign between them, nicknames and given names alone are not looked for; 王先生 and 李主任 are nobody's full name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nlp.data import read, rules
from nlp.segment import segment
from nlp.text import rarity_of

#: probability from which a candidate counts as a name, in a text of up to `SHORT` characters and in a longer one, where
#: some place or phrase always looks like a name; chosen on sentences that the weights had not seen
SHORT, CERTAIN, CERTAIN_IN_LETTER = 160, 0.25, 0.5
#: and what an ordinary word needs in a letter, or a surname before one (承诺, 单独, 任|常务): most are no names there
CERTAIN_WORD = 0.9
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LINK = re.compile(r"[:：是叫为系（(\"“\s]+$")
_WORD_BEFORE, _WORD_AFTER = 4, 3
#: last characters of words for persons that are in no list
_PERSON_ENDINGS = frozenset("员工师户长手兵匠友者贩童妇汉婆嫂伯叔姨婶姑舅爷奶哥弟姐妹")
#: what may stand between the names of a list, and the share of the probability that is enough beside another name
_LIST_SIGNS, _LISTED = frozenset("、和与跟及,，") | {"以及", "还有", "、还有", "和他", "跟他"}, 0.3
#: kinds of what stands before that make even an ordinary word a name
_FOR_PERSONS = frozenset({"announces", "person", "relative", "~", "、", "^"})
#: features that are the very words beside a candidate, before and after it
WORDS_BEFORE, WORDS_AFTER = ("b:", "bb:", "bc:", "bd:", "be:"), ("a:", "ac:", "ad:")


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text[start:end]` may be a name; the first `surname` characters of it are the surname."""

    start: int
    end: int
    surname: int


@dataclass(frozen=True, slots=True)
class Lists:
    """The word lists of `nlp/data/privacy.toml`: what a word beside a name tells, and what a name is made of."""

    before: dict[str, str]
    after: dict[str, str]
    surnames: frozenset[str]
    common: frozenset[str]
    compound: frozenset[str]
    given: frozenset[str]
    never_given: frozenset[str]
    titles: tuple[str, ...]
    foreign: re.Pattern[str]


@cache
def lists() -> Lists:
    data = rules("privacy.toml")
    surnames = "".join(data["surnames"].split())
    titles = " ".join(data["after"]["title"].split() + data["before"]["person"].split())
    return Lists(
        before={word: kind for kind, words in data["before"].items() for word in words.split()},
        after={word: kind for kind, words in data["after"].items() for word in words.split()},
        surnames=frozenset(surnames),
        common=frozenset(data["common_surnames"]),
        compound=frozenset(data["compound_surnames"]),
        given=frozenset(data["given"]),
        never_given=frozenset(data["never_given"]),
        titles=tuple(title for title in titles.split() if len(title) > 1) + tuple(data["short_titles"]),
        foreign=re.compile(f"[{data['foreign']}]{{2,6}}[·•・][{data['foreign']}]{{1,6}}"),
    )


@dataclass(frozen=True, slots=True)
class Left:
    """What stands before a place: what kind of thing it is, told through a link (是, 叫, a colon), and its words."""

    kind: str
    link: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Right:
    """What stands after a place: what kind of thing it is, what kind behind a sign, and its words."""

    kind: str
    beyond: str
    features: tuple[str, ...]


class Reading:
    """A text with its words; what stands before and after a place is read once, for all candidates there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = segment(text)
        self.starts: list[int] = []
        self.word_at: list[int] = []
        at = 0
        for number, word in enumerate(self.words):
            self.starts.append(at)
            self.word_at += [number] * len(word)
            at += len(word)
        self.starts.append(at)
        self._lefts: dict[int, Left] = {}
        self._rights: dict[int, Right] = {}

    def begins_word(self, at: int) -> bool:
        return at == len(self.text) or self.starts[self.word_at[at]] == at

    def left(self, start: int) -> Left:
        if start not in self._lefts:
            self._lefts[start] = self._read_left(start)
        return self._lefts[start]

    def right(self, end: int) -> Right:
        if end not in self._rights:
            self._rights[end] = self._read_right(end)
        return self._rights[end]

    def _read_left(self, start: int) -> Left:
        text, number = self.text, self.word_at[start]
        found = _LINK.search(text, max(start - 4, 0), start)
        at = found.start() if found else start
        link = found.group()[0] if found else ""
        whole = self.starts[number] == start
        last = self.words[number - 1] if whole and number else text[self.starts[number] : start] or "^"
        second = self.words[number - 2] if whole and number > 1 else "^"
        kind = _kind_before(text, at)
        return Left(
            kind,
            link,
            (
                f"b:{last}{'' if whole else '.'}",
                f"bb:{second} {last}",
                f"bc:{text[start - 1 : start] or '^'}",
                f"bd:{text[max(start - 2, 0) : start]}",
                f"be:{text[max(at - 1, 0) : at]}{link}",
                f"bk{kind}{link}",
                f"into{_bin(text[start - 1 : start + 1]) if start else '0'}",
            ),
        )

    def _read_right(self, end: int) -> Right:
        text, word, whole = self.text, "$", True
        if end < len(text):
            number = self.word_at[end]
            whole = self.starts[number] == end
            word = self.words[number] if whole else text[end : self.starts[number + 1]]
        kind = _kind_after(text, end)
        beyond = _kind_after(text, end + 1) if kind in ",、" and end < len(text) else kind
        told = (f"a:{word}{'' if whole else '.'}", f"ac:{text[end : end + 1] or '$'}", f"ad:{text[end : end + 2]}")
        return Right(kind, beyond, told)


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Every place where a name could stand: a surname, and one or two characters that are not its title."""
    known, text = lists(), reading.text
    for run in _HAN.finditer(text):
        for start in range(run.start(), run.end() - 1):
            for surname in (1, 2):
                if text[start : start + surname] not in (known.surnames, known.compound)[surname - 1]:
                    continue
                if text.startswith(known.titles, start + surname) or _within_word(reading, start):
                    continue
                for end in range(start + surname + 1, min(start + surname + 2, run.end()) + 1):
                    if text[end - 1] in known.never_given:
                        break
                    yield Candidate(start, end, surname)


def _within_word(reading: Reading, start: int) -> bool:
    """Whether a place lies in an ordinary word, or begins one and no word for a person stands before: no name does."""
    text = reading.text
    if not reading.begins_word(start):
        return _bin(text[start - 1 : start + 1]) in "34"
    ordinary = not reading.begins_word(start + 1) and _bin(text[start : start + 2]) == "4"
    return ordinary and reading.left(start).kind not in _FOR_PERSONS


def features(reading: Reading, one: Candidate) -> list[str]:
    """What speaks for or against a candidate, as the weight file calls it: what it is made of, how it lies in the words
    of the text and which ordinary words it would be part of or cut, and what stands beside it."""
    text, start, end = reading.text, one.start, one.end
    known, first = lists(), one.start + one.surname
    left, right = reading.left(start), reading.right(end)
    given, before, after = text[first:end], left.kind, right.kind
    size = f"{one.surname}{len(given)}"
    typical = "".join("+" if char in known.given else "-" for char in given)
    common = "+" if text[start:first] in known.common else "-"
    head, tail, whole = _bin(text[start : start + 2]), _bin(text[end - 2 : end]), _bin(text[start:end])
    over, beyond = _bin(text[end - 1 : end + 1]), _bin(text[end : end + 2])
    longer = _bin(text[start : end + 1]) if end < len(text) else "0"
    cuts = "".join("|" if reading.begins_word(at) else "." for at in range(start, end + 1))
    return [
        f"size{size}",
        f"typical{size}{typical}{common}",
        f"s{text[start:first]}",
        *(f"g{len(given)}{at}{char}" for at, char in enumerate(given)),
        f"cuts{cuts}",
        f"head{size}{head}",
        f"tail{size}{tail}",
        f"whole{size}{whole}",
        f"over{size}{over}",
        f"beyond{size}{beyond}",
        f"longer{size}{longer}",
        f"made{head}{whole}{typical}",
        f"next{over}{beyond}{size}",
        f"st{text[start]}{tail}{size}",
        f"sc{text[start]}{cuts}",
        f"ct{cuts}{tail}{typical}",
        f"bkt{before}{typical}{head}",
        f"ak{after}{size}",
        f"bak{before}{after}",
        f"bas{before}{after}{size}",
        f"kb{right.beyond}{size}",
        f"kbb{before}{right.beyond}",
        f"kbt{before}{after}{typical}{head}",
        f"it{_kind_after(text, first)}{size}",
        f"il{_kind_after(text, end - 1)}{size}",
        f"ot{_kind_before(text, first + 1)}{size}",
        f"often{min(text.count(text[start:end]), 2)}{size}",
        *left.features,
        *right.features,
    ]


def _bin(word: str) -> str:
    """How ordinary a string is as a word."""
    rarity = rarity_of(word)
    return "0" if rarity is None else "4" if rarity < 7.5 else "3" if rarity < 9 else "2" if rarity < 11 else "1"


def _kind_before(text: str, at: int) -> str:
    """What the longest known word before says; or what sign or start of a text it is."""
    if at == 0:
        return "^"
    known = lists().before
    for length in range(_WORD_BEFORE, 0, -1):
        if length <= at and (kind := known.get(text[at - length : at])):
            return kind
    return "~" if text[at - 1] in _PERSON_ENDINGS else _sign(text[at - 1])


def _kind_after(text: str, at: int) -> str:
    if at == len(text):
        return "$"
    known = lists().after
    for length in range(_WORD_AFTER, 0, -1):
        if kind := known.get(text[at : at + length]):
            return kind
    return _sign(text[at])


def _sign(char: str) -> str:
    if "\u4e00" <= char <= "\u9fff":
        return "w"
    return "d" if char.isalnum() else "、" if char == "、" else ","


Weights = tuple[float, dict[str, float]]


def parse(text: str) -> Weights:
    """A weight file: a heading `# digest bias`, then a line of feature and weight each."""
    heading, *lines = text.splitlines()
    pairs = (line.rsplit("\t", 1) for line in lines)
    return float(heading.split()[-1]), {name: float(weight) for name, weight in pairs}


@cache
def _shipped() -> Weights:
    return parse(read("name_sense.tsv"))


def weigh(text: str, weights: Weights | None = None) -> list[tuple[float, Candidate]]:
    """Every candidate with its probability."""
    bias, known = weights or _shipped()
    reading, pull = Reading(text), known.get
    return [
        (1 / (1 + math.exp(-(bias + sum(pull(name, 0.0) for name in features(reading, one))))), one)
        for one in candidates(reading)
    ]


def persons(text: str, weights: Weights | None = None) -> Iterator[tuple[int, int]]:
    """Where names stand; of two that overlap the surer. What is surely a name once is one wherever it stands."""
    for found in lists().foreign.finditer(text):
        yield found.span()
    letter = len(text) > SHORT
    certain = CERTAIN_IN_LETTER if letter else CERTAIN
    weighed = sorted(weigh(text, weights), key=lambda pair: (-pair[0], pair[1].start))
    taken: list[Candidate] = []
    for least in (certain, certain * _LISTED):
        for probability, one in weighed:
            if probability < least:
                break
            if letter and probability < CERTAIN_WORD and _ordinary(text[one.start : one.end]):
                continue
            if all(one.end <= other.start or other.end <= one.start for other in taken) and (
                probability >= certain or any(_in_list(text, one, other) for other in taken)
            ):
                taken.append(one)
    for one in taken:
        yield one.start, one.end
    for name in {text[one.start : one.end] for one in taken if one.end - one.start > 2}:
        for found in re.finditer(re.escape(name), text):
            yield found.span()


def _ordinary(name: str) -> bool:
    """Whether a name is an ordinary word, or its given name is one."""
    return _bin(name) in "234" or (len(name) > 2 and _bin(name[-2:]) in "34")


def _in_list(text: str, one: Candidate, other: Candidate) -> bool:
    """Whether nothing but a sign or word of a list stands between two places."""
    first, second = sorted((one, other), key=lambda place: place.start)
    return text[first.end : second.start] in _LIST_SIGNS
