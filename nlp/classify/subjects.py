"""Which subjects of an editable word list a text touches, found in one pass over its characters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from nlp.data import rules

#: Subject to its words.
Keywords = Mapping[str, Sequence[str]]
#: Set before a subject of `subjects.toml`, which may bear the name of a category.
_OWN = "·"
#: and before one of `matters.toml`
_FINE = "~"
#: So many pieces of one text, the most frequent, are paired.
_MOST_PAIRED = 32


@cache
def shipped_categories() -> dict[str, tuple[str, ...]]:
    """The product's keywords by category name."""
    return {name: tuple(words.split()) for name, words in rules("categories.toml").items()}


@cache
def shipped_groups() -> dict[str, tuple[str, ...]]:
    """The product's groups of words that stand for each other, of no category tree."""
    return {name: tuple(words.split()) for name, words in rules("subjects.toml").items()}


@cache
def shipped_keywords() -> dict[str, tuple[str, ...]]:
    """All three lists, in the form that a model keeps."""
    fine = {f"{_FINE}{name}": tuple(words.split()) for name, words in rules("matters.toml").items()}
    return shipped_categories() | {f"{_OWN}{name}": words for name, words in shipped_groups().items()} | fine


@dataclass(frozen=True)
class Touched:
    """Subjects of one text: how often their words stand there, and which are named in the first characters."""

    times: Counter[str]
    leading: frozenset[str]

    def pieces(self) -> list[str]:
        """Each subject as often as it is named, and marked ones for the first characters."""
        return [*self.times.elements(), *self._marks()]

    def pairs(self) -> list[str]:
        """Two pieces of one text, whatever their order: wages with teachers are another matter than wages alone."""
        marked = self._marks()
        often = sorted(self.times, key=lambda name: (-self.times[name], name))
        return ["+".join(pair) for pair in combinations(sorted([*marked, *often][:_MOST_PAIRED]), 2)]

    def _marks(self) -> list[str]:
        return [f"^{subject}" for subject in sorted(self.leading)]


class Finder:
    """Finds the words of a list in texts, overlapping ones too, in one pass over the characters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._starting: defaultdict[str, list[str]] = defaultdict(list)
        for word in words:
            self._starting[word[:2]].append(word)

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Place and word, from left to right."""
        starting = self._starting
        for at, character in enumerate(text):
            for key in (character, text[at : at + 2]) if character in starting else (text[at : at + 2],):
                if key in starting:
                    yield from ((at, word) for word in starting[key] if text.startswith(word, at))


class Subjects:
    """A word list made ready for finding."""

    def __init__(self, keywords: Keywords) -> None:
        self._subjects: defaultdict[str, list[str]] = defaultdict(list)
        for subject, words in keywords.items():
            for word in words:
                self._subjects[word].append(subject)
        self._finder = Finder(self._subjects)

    def touched(self, text: str, lead: int) -> Touched:
        """What `text` names; `lead` is the number of first characters."""
        times: Counter[str] = Counter()
        leading: set[str] = set()
        for at, word in self._finder.find(text):
            for subject in self._subjects[word]:
                times[subject] += 1
                if at < lead:
                    leading.add(subject)
        return Touched(times, frozenset(leading))
