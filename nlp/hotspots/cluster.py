"""Average-link grouping of many short texts.

Two groups join when the mean cosine over all pairs between them is the highest left and reaches a threshold. The mean
over pairs equals the dot product of the two sums divided by the sizes, so it is exact without a matrix of all pairs.
Which pairs are looked at comes from a sparse product over each text's heaviest terms.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from nlp.hotspots.model import Progress, Settings
from nlp.hotspots.vectors import Vector, dot, dot_over

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BLOCK = 2000
_RARE_ENOUGH = 1500
#: members of a group up to which the places that it names are compared
_SMALL = 3


def neighbours(vectors: Sequence[Vector], settings: Settings) -> list[tuple[int, int]]:
    """Pairs of texts worth comparing: the `neighbours` nearest of each by its heaviest, not too common terms."""
    if len(vectors) < 2:
        return []
    import numpy

    matrix = _matrix(vectors, settings.candidate_terms)
    if matrix.shape[1] == 0:
        return []
    transposed = matrix.T.tocsr()
    pairs: set[tuple[int, int]] = set()
    for start in range(0, len(vectors), _BLOCK):
        product = (matrix[start : start + _BLOCK] @ transposed).tocsr()
        for row in range(product.shape[0]):
            columns = product.indices[product.indptr[row] : product.indptr[row + 1]]
            values = product.data[product.indptr[row] : product.indptr[row + 1]]
            if len(columns) > settings.neighbours + 1:
                # Stable order: equal values are taken from the lowest number, so a repeat gives the same pairs.
                columns = columns[numpy.lexsort((columns, -values))[: settings.neighbours + 1]]
            me = start + row
            pairs.update((min(me, int(other)), max(me, int(other))) for other in columns if other != me)
    return sorted(pairs)


def _matrix(vectors: Sequence[Vector], terms_per_text: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    df: dict[str, int] = {}
    for vector in vectors:
        for term in vector:
            df[term] = df.get(term, 0) + 1
    columns: dict[str, int] = {}
    indices, data, starts = [], [], [0]
    for vector in vectors:
        useful = [(term, value) for term, value in vector.items() if 1 < df[term] <= _RARE_ENOUGH]
        useful.sort(key=lambda pair: (-pair[1], pair[0]))
        for term, value in useful[:terms_per_text]:
            indices.append(columns.setdefault(term, len(columns)))
            data.append(value)
        starts.append(len(indices))
    return csr_matrix((data, indices, starts), shape=(len(vectors), len(columns)), dtype="float32")


class Groups:
    """The state of the joining: live groups, their sums, and who may still join whom."""

    def __init__(
        self,
        vectors: Sequence[Vector],
        settings: Settings,
        says_where: Callable[[str], bool],
        places: Sequence[frozenset[str]] = (),
    ) -> None:
        """`places`: what each title names as its place, in the order of the vectors; empty when nothing is known."""
        self.settings = settings
        self._says_where = cache(says_where)
        self._vectors: dict[int, Vector] = dict(enumerate(vectors))
        self.sums: dict[int, Vector] = dict(self._vectors)
        self.members: dict[int, list[int]] = {at: [at] for at in range(len(vectors))}
        self.near: dict[int, set[int]] = {at: set() for at in range(len(vectors))}
        self._places = dict(enumerate(places))
        self._heap: list[tuple[float, int, int]] = []
        self._next = len(vectors)

    def add(self, vector: Vector, places: frozenset[str] = frozenset()) -> int:
        """A new group of one; returns its number."""
        new, self._next = self._next, self._next + 1
        self._places[new] = places
        self._vectors[new] = self.sums[new] = vector
        self.members[new], self.near[new] = [new], set()
        return new

    def similarity(self, a: int, b: int) -> float:
        """Mean cosine over all pairs between two groups; 0 when they share a place but no problem."""
        first, second = self.sums[a], self.sums[b]
        pairs = len(self.members[a]) * len(self.members[b])
        shared = first.keys() & second.keys()
        whole = dot_over(shared, first, second) / pairs
        if whole < self.settings.join_same_name:
            return 0.0
        where = [term for term in shared if self._says_where(term)]
        named = dot_over([term for term in where if term[0] == "@"], first, second) / pairs
        if whole < self.settings.join and named < 0.5 * self.settings.name_weight:
            return 0.0
        if whole < self.settings.join_elsewhere and self._elsewhere(a, b):
            return 0.0
        what = whole - dot_over(where, first, second) / pairs
        return whole if what >= self.settings.same_problem else 0.0

    def _elsewhere(self, a: int, b: int) -> bool:
        """Whether two small groups name places that have nothing in common."""
        if max(len(self.members[a]), len(self.members[b])) > _SMALL:
            return False
        here, there = (
            {place for member in self.members[group] for place in self._places.get(member, ())} for group in (a, b)
        )
        return bool(here and there) and not any(one in other or other in one for one in here for other in there)

    def offer(self, a: int, b: int) -> None:
        self.near[a].add(b)
        self.near[b].add(a)
        value = self.similarity(a, b)
        if value:
            heapq.heappush(self._heap, (-value, a, b))

    def join_all(self, progress: Progress | None = None) -> None:
        """Join until nothing reaches the threshold."""
        total = len(self.members)
        while self._heap:
            _, a, b = heapq.heappop(self._heap)
            if a in self.members and b in self.members:
                self._join(a, b)
                if progress and len(self.members) % 1000 == 0:
                    progress("join", total - len(self.members), total)

    def trim(self) -> None:
        """Send away members that share the place of a large group but not its problem; they become groups of one."""
        for group in [number for number, members in self.members.items() if len(members) >= self.settings.trim_from]:
            members = self.members[group]
            total = self._what(self.sums[group])
            own = {member: self._what(self._vectors[member]) for member in members}
            fit = {member: dot(own[member], total) - dot(own[member], own[member]) for member in members}
            limit = self.settings.stray * sorted(fit.values())[len(members) // 2]
            for stray in [member for member in members if fit[member] < limit]:
                self._send_away(stray, group)

    def _what(self, vector: Vector) -> Vector:
        return {term: value for term, value in vector.items() if not self._says_where(term)}

    def _send_away(self, member: int, group: int) -> None:
        self.members[group].remove(member)
        rest = self.sums[group]
        for term, value in self._vectors[member].items():
            rest[term] -= value
        self.sums[member], self.members[member], self.near[member] = self._vectors[member], [member], set()

    def _join(self, a: int, b: int) -> None:
        large, small = (a, b) if len(self.sums[a]) >= len(self.sums[b]) else (b, a)
        joined = self.sums.pop(large)
        if len(self.members[large]) == 1:
            joined = dict(joined)
        for term, value in self.sums.pop(small).items():
            joined[term] = joined.get(term, 0.0) + value
        new, self._next = self._next, self._next + 1
        self.sums[new] = joined
        self.members[new] = self.members.pop(a) + self.members.pop(b)
        around = (self.near.pop(a) | self.near.pop(b)) - {a, b}
        self.near[new] = set()
        for other in around:
            self.near[other].discard(a)
            self.near[other].discard(b)
            self.offer(min(other, new), max(other, new))
