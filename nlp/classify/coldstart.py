"""Classification without one example: from the names, descriptions, duty texts and editable keywords of the categories.

Every word that belongs to a category votes for it when the text has it. A vote weighs more when few categories share
the word, when it stands at the start of the text, and when the word is long; repetition counts little. A category's
name also calls up the groups of words that stand for the same thing (`subjects.toml`), which vote more softly: so a
tree with names of its own is understood too.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, repeat

from nlp.classify.result import Classification, Ranked
from nlp.classify.subjects import Finder, Subjects, shipped_categories, shipped_groups
from nlp.classify.views import MAX_LENGTH, joined
from nlp.segment import Segmenter, default_segmenter
from nlp.taxonomy import SEPARATOR, Category, Taxonomy

#: Below this probability the cold start abstains: it is a hint for the dispatcher, never a decision.
THRESHOLD = 0.6
_LEAD = 30
_LEAD_FACTOR = 2.5
#: a telephone or document number; "12345" inside one is not the hotline
_NUMBER = re.compile(r"\d{6,}")
_SHARPNESS = 0.12
_TERMS = 5
#: The deciding words are named for so many labels.
_EXPLAINED = 3
#: What a vote for the whole branch is worth to each of its leaves.
_FROM_BRANCH = 1.0
_STRENGTH = {"name": 1.0, "keyword": 1.0, "description": 0.4, "group": 0.4}
#: Words of the trade that stand in names everywhere and say nothing about the matter.
_EMPTY = frozenset(
    [
        *("其他", "管理", "服务", "问题", "政策", "工作", "建设", "事业", "监管", "发展"),
        *("规划", "处理", "情况", "相关", "有关", "部门", "单位", "制度", "标准", "体制"),
    ]
)


@cache
def _groups() -> tuple[dict[str, tuple[str, ...]], Subjects]:
    """Groups of words under their names, and what finds the groups that a name touches: by a word or by their name."""
    groups = {f"={name}": words for name, words in shipped_categories().items()} | shipped_groups()
    naming = {name: {*words, name.removeprefix("=")} - _EMPTY for name, words in groups.items()}
    return groups, Subjects({name: sorted(words) for name, words in naming.items()})


def _called_up(text: str) -> Iterator[str]:
    """Words of the groups that a category's name or duty touches."""
    groups, subjects = _groups()
    for name in subjects.touched(text, 0).times:
        yield from groups[name]


@dataclass(frozen=True)
class _Entry:
    """A word and how strongly it speaks for each label (by number)."""

    word: str
    votes: dict[int, float]


_Spoken = tuple[_Entry, float]
_ranked: Callable[[tuple[str, float, tuple[str, ...]]], Ranked] = partial(tuple.__new__, Ranked)


class ColdStart:
    """Ranks the categories of one level of a tree.

    `duties` are texts by label (what a department is to do there); `keywords` are words by category name or
    label, added to those of the tree and of the product. Probabilities order the labels; they are no measured
    frequencies.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        *,
        depth: int = 1,
        duties: Mapping[str, str] | None = None,
        keywords: Mapping[str, Iterable[str]] | None = None,
        segmenter: Segmenter | None = None,
        threshold: float = THRESHOLD,
    ) -> None:
        self.labels = [category.label for category in taxonomy.level(depth)]
        self.threshold = threshold
        self._segmenter = segmenter or default_segmenter()
        own = {name: tuple(words) for name, words in (keywords or {}).items()}
        words: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for number, category in enumerate(taxonomy.level(depth)):
            for word in _called_up(category.name):
                words[word][number] = _STRENGTH["group"]
            for source in (category, *taxonomy.below(category)):
                for word, strength in self._words(source, own, duties or {}):
                    words[word][number] = max(words[word].get(number, 0.0), strength)
        self._entries = {word: self._entry(word, votes) for word, votes in words.items()}
        self._finder = Finder(self._entries)
        self._above = self._whole_branches(taxonomy, duties, keywords) if depth > 1 else None
        branches = {label: number for number, label in enumerate(self._above.labels if self._above else ())}
        self._branch = [branches.get(label.split(SEPARATOR, 1)[0], -1) for label in self.labels]

    def _whole_branches(
        self,
        taxonomy: Taxonomy,
        duties: Mapping[str, str] | None,
        keywords: Mapping[str, Iterable[str]] | None,
    ) -> ColdStart:
        """The same for the first level: what speaks for a whole branch speaks for each of its leaves."""
        return ColdStart(taxonomy, depth=1, duties=duties, keywords=keywords, segmenter=self._segmenter)

    def _words(
        self, category: Category, own: Mapping[str, tuple[str, ...]], duties: Mapping[str, str]
    ) -> Iterable[tuple[str, float]]:
        shipped = shipped_categories()
        for word in self._content(category.name):
            yield word, _STRENGTH["name"]
        for given in (category.keywords, own.get(category.name, ()), own.get(category.label, ())):
            yield from ((word, _STRENGTH["keyword"]) for word in given)
        yield from ((word, _STRENGTH["keyword"]) for word in shipped.get(category.name, ()))
        for text in (category.description, duties.get(category.label, "")):
            yield from ((word, _STRENGTH["description"]) for word in self._content(text))

    def _content(self, text: str) -> list[str]:
        return [word for word in self._segmenter.words(text) if len(word) > 1 and word not in _EMPTY]

    def _entry(self, word: str, votes: Mapping[int, float]) -> _Entry:
        rarity = math.log(1 + len(self.labels) / len(votes)) * math.sqrt(len(word))
        return _Entry(word, {number: strength * rarity for number, strength in votes.items()})

    def classify(self, text: str, *, title: str = "") -> Classification:
        """Ranked labels of the level; without any known word all are equally likely and it abstains."""
        text = _NUMBER.sub("0", joined(text, title)[:MAX_LENGTH])
        spoken, branches = self._spoken(text), self._above._spoken(text) if self._above else []
        votes = self._votes(spoken, branches)
        highest = max(votes, default=0.0)
        nothing = math.exp(_SHARPNESS * -highest)  # often that of most labels
        powers = [math.exp(_SHARPNESS * (vote - highest)) if vote else nothing for vote in votes]
        total = sum(powers)
        order = sorted(range(len(votes)), key=votes.__getitem__, reverse=True)
        tops = [self._terms(number, spoken, branches) for number in order[:_EXPLAINED]]
        labels, likely = [self.labels[number] for number in order], [powers[number] / total for number in order]
        # hundreds, for every report: made without a step of Python for each
        ranked = tuple(map(_ranked, zip(labels, likely, chain(tops, repeat(())), strict=False)))
        abstained = highest == 0 or ranked[0].probability < self.threshold
        return Classification(ranked, abstained, self.threshold)

    def _spoken(self, text: str) -> list[_Spoken]:
        """The known words in `text`, each with what its votes are worth there."""
        times: Counter[str] = Counter()
        leading: set[str] = set()
        for at, word in self._finder.find(text):
            times[word] += 1
            if at < _LEAD:
                leading.add(word)
        return [
            (self._entries[word], (1 + math.log(number)) * (_LEAD_FACTOR if word in leading else 1))
            for word, number in times.items()
        ]

    def _votes(self, spoken: list[_Spoken], branches: list[_Spoken]) -> list[float]:
        above = [*(self._above._votes(branches, []) if self._above else ()), 0.0]  # the last for leaves without branch
        votes = [_FROM_BRANCH * above[branch] for branch in self._branch]
        for entry, amount in spoken:
            for number, weight in entry.votes.items():
                votes[number] += weight * amount
        return votes

    def _terms(self, number: int, spoken: list[_Spoken], branches: list[_Spoken]) -> tuple[str, ...]:
        """The words that spoke most for a label."""
        weights: defaultdict[str, float] = defaultdict(float)
        for found, at in ((spoken, number), (branches, self._branch[number])):
            for entry, amount in found:
                weights[entry.word] += entry.votes.get(at, 0.0) * amount
        return _strongest({word: weight for word, weight in weights.items() if weight > 0})


def _strongest(terms: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(terms, key=lambda word: -terms[word])[:_TERMS])
