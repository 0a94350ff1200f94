"""Files of a ticket: checked by content, kept under random keys outside the web root, given out by right only.

`receive(uploads)` checks and stores files before there is a ticket; `add(...)` adds files to one with a journal event;
`store(...)` keeps a single file without one; `serving` hands a file to whoever may see it.
"""

from __future__ import annotations

from .receiving import MOST_FILES, MOST_PER_TICKET, Received, add, receive, store

__all__ = ["MOST_FILES", "MOST_PER_TICKET", "Received", "add", "receive", "store"]
