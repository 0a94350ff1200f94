"""Files of a ticket: checked by content, kept under random keys outside the web root, given out by right only.

`receive(uploads)` checks files and puts them on the disk, its `rows` go in with an action of a ticket; `add(...)` adds
files to a ticket with a journal event; `serving` hands a file to whoever may see it.
"""

from __future__ import annotations

from .receiving import MOST_FILES, MOST_PER_TICKET, Received, add, receive

__all__ = ["MOST_FILES", "MOST_PER_TICKET", "Received", "add", "receive"]
