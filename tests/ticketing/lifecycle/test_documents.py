"""The docs say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from ticketing.lifecycle import diagram, glossary
from ticketing.lifecycle.table import MOVES
from ticketing.terms import Status

DOCS = Path(__file__).parents[3] / "docs"


def test_the_drawn_lifecycle_is_the_table() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert diagram.put_into(text) == text, "run scripts/manage draw_lifecycle --write docs/architecture.md"


def test_the_diagram_has_every_status_and_every_change_of_status() -> None:
    drawn = diagram.mermaid()
    for status in Status:
        assert f'"{status.label}"' in drawn
    for move in MOVES:
        if move.target is not None and move.target != move.source:
            assert re.search(rf"--> s_{move.target}: .*{move.action.label}", drawn), move


def test_the_glossary_has_every_term() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert glossary.section() in text, "run scripts/manage draw_lifecycle --glossary docs/glossary.md"
