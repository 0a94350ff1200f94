"""The one interface behind which the engines stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from .documents import Access, Document, Entry, Hit, Kept, Likeness, Query, Results


class SearchEngine(Protocol):
    """An index of documents, kept in generations.

    Writing is idempotent and order-safe: a document older than the one held is ignored, also after a deletion.
    Every reading call takes the reader's `Access`; what it does not cover is not found, counted, suggested or compared.
    Any call may raise `SearchUnavailable`; reading calls raise `BadQuery` for a question that makes no sense.
    """

    name: str

    def upsert(self, documents: Sequence[Document]) -> None:
        """Writes documents; visible to readers within a second, at once after `refresh`."""

    def delete(self, removed: Sequence[tuple[int, int]]) -> None:
        """Removes (id, version); a mark stays so that older versions arriving late are ignored."""

    def search(self, query: Query, *, access: Access) -> Results: ...

    def suggest(self, text: str, *, access: Access, limit: int = 8) -> tuple[str, ...]:
        """Numbers, words and places that begin with `text` (places also by pinyin), from what the reader may see."""

    def more_like_this(self, document_id: int, *, access: Access, limit: int = 8) -> tuple[Hit, ...]:
        """Documents like this one; nothing when the reader may not see the one compared with."""

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many documents each word or pair of characters stands. For weighing words, never to be shown:
        nobody's rights narrow it."""

    def alike(self, likeness: Likeness, *, access: Access, most: Sequence[int] = (100, 60, 40)) -> tuple[Kept, ...]:
        """What may be the same matter: at most so many by words, at the estate, and of the caller (newest first)."""

    def count(self) -> int:
        """How many live documents the index holds."""

    def entries(self, after: int, limit: int = 10_000) -> tuple[Entry, ...]:
        """What the index holds with id > `after`, by id: for comparing it with the database."""

    def refresh(self) -> None:
        """Makes everything written so far visible to this process's readers."""

    def begin(self, expected: int = 0) -> Self:
        """A new, empty generation beside the one in use; writes to it are not visible until `swap`. `expected`: about
        how many documents will be written."""

    def swap(self, fresh: Self) -> None:
        """Puts `fresh` in the place of the generation in use, atomically, and drops the old one."""

    def close(self) -> None: ...
