"""The living state of the search: it is fed once and then takes new tickets as they come."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from nlp.hotspots import heat
from nlp.hotspots.cluster import Groups, neighbours
from nlp.hotspots.describe import describe
from nlp.hotspots.model import Hotspot, Item, Progress, Settings
from nlp.hotspots.names import places
from nlp.hotspots.report import Hot, report
from nlp.hotspots.vectors import Space, Terms, Vector, dot, space_of

_GROUPS_TRIED = 60
#: messages up to which a collection hardly knows which words are rare: a day, a week
_FEW = 1000


class Hotspots:
    """Hot topics of a growing collection.

    `Hotspots(items)` reads a whole collection; `add(new)` takes an hour's tickets in time proportional to *them*, with
    the word weights of the last full reading. `rebuild()` (nightly) refreshes weights and names and regroups.
    """

    def __init__(
        self,
        items: Iterable[Item] = (),
        *,
        settings: Settings | None = None,
        known_names: Iterable[str] = (),
        progress: Progress | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._known_names = tuple(known_names)
        self._items: list[Item] = []
        self.rebuild(items, progress=progress)

    def __len__(self) -> int:
        return len(self._items)

    def rebuild(
        self, extra: Iterable[Item] = (), *, keep_from: datetime | None = None, progress: Progress | None = None
    ) -> None:
        """Read everything again, with `extra` tickets, without those older than `keep_from`."""
        known = {item.id: item for item in self._items if keep_from is None or item.created_at >= keep_from}
        known.update((item.id, item) for item in extra)
        # One order whatever order the tickets came in: the result must not depend on it.
        self._items = sorted(known.values(), key=lambda item: (item.created_at, item.id))
        self._space: Space
        self._terms: list[Terms]
        self._space, self._terms = space_of(self._items, self.settings, self._known_names)
        self._vectors: list[Vector] = [self._space.vector(terms) for terms in self._terms]
        named = [self._named(item) for item in self._items]
        self._groups = Groups(self._vectors, self.settings, self._space.says_where, named)
        for a, b in neighbours(self._vectors, self.settings):
            self._groups.offer(a, b)
        self._groups.join_all(progress)
        self._groups.trim()
        self._position = {number: number for number in range(len(self._items))}
        self._index: dict[str, list[int]] = defaultdict(list)
        for at, vector in enumerate(self._vectors):
            self._index_terms(at, vector)

    def add(self, items: Iterable[Item]) -> None:
        """Take new tickets; a ticket already known is ignored."""
        known = {item.id for item in self._items}
        fresh = sorted(
            {item.id: item for item in items if item.id not in known}.values(), key=lambda i: (i.created_at, i.id)
        )
        read = [self._space.read(item) for item in fresh]
        self._space.learn(read)
        home = self._homes()
        for item, terms in zip(fresh, read, strict=True):
            self._place(item, terms, home)

    def _place(self, item: Item, terms: Terms, home: dict[int, int]) -> None:
        vector, at = self._space.vector(terms), len(self._items)
        number = self._groups.add(vector, self._named(item))
        self._items.append(item)
        self._terms.append(terms)
        self._vectors.append(vector)
        self._position[number] = at
        for group in self._candidates(vector, home):
            if group in self._groups.members:
                self._groups.offer(group, number)
        before = set(self._groups.members)
        self._groups.join_all()
        home[at] = number
        for group in self._groups.members.keys() - before:
            for member in self._groups.members[group]:
                home[self._position[member]] = group
        self._index_terms(at, vector)

    def _named(self, item: Item) -> frozenset[str]:
        """What the title names as its place; nothing in a large collection, which knows which words are rare."""
        return places(item.title) if len(self._items) <= _FEW else frozenset()

    def _homes(self) -> dict[int, int]:
        """Group of each ticket, by position."""
        return {self._position[member]: group for group, members in self._groups.members.items() for member in members}

    def _candidates(self, vector: Vector, home: dict[int, int]) -> list[int]:
        shared: Counter[int] = Counter()
        for term in self._heaviest(vector):
            for at in self._index.get(term, ())[-1500:]:
                shared[home[at]] += 1
        return [group for group, _ in shared.most_common(_GROUPS_TRIED)]

    def _heaviest(self, vector: Vector) -> list[str]:
        return sorted(vector, key=lambda term: (-vector[term], term))[: self.settings.candidate_terms]

    def _index_terms(self, at: int, vector: Vector) -> None:
        for term in self._heaviest(vector):
            self._index[term].append(at)

    def groups(self) -> list[list[str]]:
        """Ticket ids by group, groups of one included, larger first."""
        found = [[self._items[self._position[m]].id for m in members] for members in self._groups.members.values()]
        return sorted((sorted(ids) for ids in found), key=lambda ids: (-len(ids), ids))

    def find(
        self,
        *,
        top: int = 10,
        now: datetime | None = None,
        since: datetime | None = None,
        previous: Sequence[Item] | None = None,
        last_year: Sequence[Item] | None = None,
    ) -> list[Hotspot]:
        """The `top` hottest topics.

        `since` counts only tickets from then on. `previous` is the equally long period before, `last_year` the same
        season a year ago: with them trend and seasonality are known.
        """
        hot = []
        for number, members in self._groups.members.items():
            at = [self._position[member] for member in members]
            at = [one for one in at if since is None or self._items[one].created_at >= since]
            if len(at) >= self.settings.smallest:
                at.sort(key=lambda one: (self._items[one].created_at, self._items[one].id))
                hot.append(self._measure(number, at, now))
        hot.sort(key=lambda entry: (-entry.heat, entry.items[0].id))
        del hot[top:]
        before, then = self._matches(hot, previous), self._matches(hot, last_year)
        return [report(rank + 1, entry, before[rank], then[rank]) for rank, entry in enumerate(hot)]

    def _measure(self, number: int, at: list[int], now: datetime | None) -> Hot:
        items = [self._items[one] for one in at]
        terms, vectors = [self._terms[one] for one in at], [self._vectors[one] for one in at]
        described = describe(items, terms, vectors, self._groups.sums[number], self._space)
        parts = heat.parts(items, described.focus, described.unity, now)
        return Hot(number, items, described, parts, heat.heat(parts))

    def _matches(self, hot: Sequence[Hot], other: Sequence[Item] | None) -> list[int | None]:
        """How many of the `other` tickets belong to each topic; None when there is nothing to compare with."""
        if other is None:
            return [None] * len(hot)
        counts: list[int | None] = [0] * len(hot)
        means = [
            ({term: value / size for term, value in self._groups.sums[entry.number].items()})
            for entry in hot
            if (size := len(self._groups.members[entry.number]))
        ]
        for item in other:
            vector = self._space.vector(self._space.read(item))
            values = [dot(vector, mean) for mean in means]
            best = max(range(len(values)), key=values.__getitem__, default=0)
            if values and values[best] >= self.settings.join:
                counts[best] = (counts[best] or 0) + 1
        return counts
