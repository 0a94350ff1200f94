"""Classification without one example: from the names, descriptions, duty texts and editable keywords of the categories.

Every word that belongs to a category votes for it when the text has it. A vote weighs more when few categories share
the word, when it stands at the start of the text, and when the word is long; repetition counts little.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from operator import itemgetter

from nlp.classify.result import Classification, Ranked
from nlp.classify.views import MAX_LENGTH, joined, shipped_keywords
from nlp.segment import Segmenter, default_segmenter
from nlp.taxonomy import Category, Taxonomy

#: Below this probability the cold start abstains: it is a hint for the dispatcher, never a decision.
THRESHOLD = 0.6
_LEAD = 30
_LEAD_FACTOR = 2.5
_SHARPNESS = 0.12
_TERMS = 5
_STRENGTH = {"name": 1.0, "keyword": 1.0, "description": 0.4}
#: Words of the trade that stand in names everywhere and say nothing about the matter.
_EMPTY = frozenset(
    [
        *("其他", "管理", "服务", "问题", "政策", "工作", "建设", "事业", "监管", "发展"),
        *("规划", "处理", "情况", "相关", "有关", "部门", "单位", "制度", "标准", "体制"),
    ]
)


@dataclass(frozen=True)
class _Entry:
    """A word and how strongly it speaks for each label (by number)."""

    word: str
    votes: tuple[tuple[int, float], ...]


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
            for source in (category, *taxonomy.below(category)):
                for word, strength in self._words(source, own, duties or {}):
                    words[word][number] = max(words[word].get(number, 0.0), strength)
        # found by their first two letters: a text has few of them, a tree has thousands of words
        self._entries: defaultdict[str, list[tuple[int, _Entry]]] = defaultdict(list)
        for place, (word, votes) in enumerate(words.items()):
            self._entries[word[:2]].append((place, self._entry(word, votes)))

    def _words(
        self, category: Category, own: Mapping[str, tuple[str, ...]], duties: Mapping[str, str]
    ) -> Iterable[tuple[str, float]]:
        shipped = shipped_keywords()
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
        return _Entry(word, tuple((number, strength * rarity) for number, strength in votes.items()))

    def classify(self, text: str, *, title: str = "") -> Classification:
        """Ranked labels of the level; without any known word all are equally likely and it abstains."""
        votes, terms = self._votes(joined(text, title)[:MAX_LENGTH])
        highest = max(votes, default=0.0)
        nothing = math.exp(_SHARPNESS * -highest)  # most labels
        powers = [math.exp(_SHARPNESS * (vote - highest)) if vote else nothing for vote in votes]
        total = sum(powers)
        order = sorted(range(len(votes)), key=votes.__getitem__, reverse=True)
        tops = [_strongest(terms[number]) for number in order[:3]]
        labels, likely = [self.labels[number] for number in order], [powers[number] / total for number in order]
        ranked = tuple(map(Ranked, labels, likely, chain(tops, repeat(()))))
        abstained = highest == 0 or ranked[0].probability < self.threshold
        return Classification(ranked, abstained, self.threshold)

    def _met(self, text: str) -> Iterator[tuple[int, _Entry]]:
        """The words that the text may have, each once, with their place in the tree's order."""
        for start in {text[at : at + length] for at in range(len(text)) for length in (1, 2)}:
            yield from self._entries.get(start, ())

    def _votes(self, text: str) -> tuple[list[float], Mapping[int, dict[str, float]]]:
        votes = [0.0] * len(self.labels)
        terms: defaultdict[int, dict[str, float]] = defaultdict(dict)
        for _, entry in sorted(self._met(text), key=itemgetter(0)):
            times = text.count(entry.word)
            if not times:
                continue
            amount = 1 + math.log(times)
            if text.find(entry.word) < _LEAD:
                amount *= _LEAD_FACTOR
            for number, weight in entry.votes:
                votes[number] += weight * amount
                terms[number][entry.word] = weight * amount
        return votes, terms


def _strongest(terms: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(terms, key=lambda word: -terms[word])[:_TERMS])
