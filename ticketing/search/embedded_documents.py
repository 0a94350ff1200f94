"""A document in the form that the embedded index keeps."""

from __future__ import annotations

import tantivy

from .alike import printed
from .documents import FIELDS, Document, Kept
from .prepare import prepare

SAMPLE = 8  # of so many documents one is counted when a great many are found


def stored(document: Document) -> tantivy.Document:
    """The document with everything that is searched, sorted, counted and shown."""
    prepared = prepare(document)
    made = tantivy.Document()
    made.add_unsigned("id", document.id)
    made.add_unsigned("version", document.version)
    made.add_boolean("live", True)
    made.add_unsigned("sample", _mixed(document.id) % SAMPLE)
    made.add_unsigned("newest", document.newest)
    made.add_unsigned("soonest", document.soonest)
    made.add_integer("created", document.created)
    if document.due is not None:
        made.add_integer("due", document.due)
    for name in ("words", "any", "sound", "pinyin"):
        made.add_text(name, getattr(prepared, name))
    for name, values in (("ids", prepared.ids), ("suggest", prepared.suggest), ("access", document.access)):
        for value in values:
            made.add_text(name, value)
    for name in FIELDS:
        for value in document.values(name):
            made.add_text(name, value)
    if document.phone_hash:
        made.add_text("phone", document.phone_hash)
    for word in printed(document.fingerprint):
        made.add_text("print", word)
    if document.estate:
        made.add_text("estate", document.estate)
    made.add_bytes("kept", Kept.of(document).pack().encode())
    shown = (document.number, document.external_id, document.title, document.body)
    made.add_bytes("shown", "\x1f".join(shown).encode())
    return made


def _mixed(key: int) -> int:
    """Spreads neighbouring ids evenly: tickets of one import share many properties."""
    return (key * 2_654_435_761 & 0xFFFFFFFF) >> 16


def tombstone(key: int, version: int) -> tantivy.Document:
    """The mark of a deleted document: an older version arriving late is ignored."""
    made = tantivy.Document()
    made.add_unsigned("id", key)
    made.add_unsigned("version", version)
    made.add_boolean("live", False)
    return made
