"""The embedded index's fields."""

from __future__ import annotations

import tantivy

from .documents import FIELDS, LAYOUT

SEGMENTED = "segmented"


def build_schema() -> tantivy.Schema:
    """Text is split at spaces (segmented by us); codes are kept whole and counted from columns."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("version", fast=True)
    builder.add_unsigned_field("sample", indexed=True)
    builder.add_boolean_field("live", indexed=True, fast=True)
    for name in ("newest", "soonest"):
        builder.add_unsigned_field(name, fast=True)
    for name in ("created", "due"):
        builder.add_integer_field(name, fast=True)
    builder.add_text_field("words", tokenizer_name=SEGMENTED, index_option="position")
    builder.add_text_field("any", tokenizer_name=SEGMENTED, index_option="freq")
    for name in ("sound", "pinyin"):
        builder.add_text_field(name, tokenizer_name=SEGMENTED, index_option="basic")
    for name in ("ids", "suggest", "access", "phone", "print", "estate"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_boolean_field(f"layout{LAYOUT}")  # empty: an index of another layout has other fields
    for name in ("shown", "kept"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(SEGMENTED, splitter)
