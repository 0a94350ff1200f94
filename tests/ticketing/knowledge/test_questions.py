"""Citizens' questions on the shipped entries: the right entry first, and no answer where the base has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from ticketing.knowledge import demo, finding
from ticketing.knowledge.models import KnowledgeEntry
from ticketing.search import engines
from ticketing.search.embedded import EmbeddedEngine

pytestmark = pytest.mark.slow


#: each was measured once at first sight, which docs/search.md tells, and then learnt from
SETS = (
    "questions",
    "questions_second",
    "questions_third",
    "questions_fourth",
    "questions_fifth",
    "questions_sixth",
    "questions_seventh",
    "questions_eighth",
)


def questions(name: str) -> Iterator[tuple[str, set[str]]]:
    """(question, titles of the entries that answer it; none when the base has no answer)."""
    for line in Path(__file__).with_name(f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            asked, titles = line.split("\t")
            yield asked, set() if titles == "-" else set(titles.split("|"))


@pytest.fixture
def base(db: None, tmp_path: Path) -> Iterator[None]:
    call_command("load_city", "--password", "hotline12345")
    demo.load()
    engine = EmbeddedEngine(tmp_path / "knowledge")
    engine.upsert(finding.documents(list(KnowledgeEntry.objects.values_list("pk", flat=True))))
    engines.use(knowledge=engine)
    yield
    engines.use()
    engine.close()


def test_the_shipped_entries_answer_what_citizens_ask(base: None) -> None:
    assert KnowledgeEntry.objects.count() >= 200
    titles = set(KnowledgeEntry.objects.values_list("title", flat=True))
    for name in SETS:
        missed: list[str] = []
        claimed: list[str] = []
        near = answerable = foreign = 0
        for asked, wanted in questions(name):
            assert wanted <= titles, wanted - titles
            found = finding.find(asked, staff=False, limit=3)
            if wanted:
                answerable += 1
                near += found.known and any(one.entry.title in wanted for one in found.answers)
                missed += [] if found.known and found.answers[0].entry.title in wanted else [asked]
            else:
                foreign += 1
                claimed += [asked] if found.known else []
        assert answerable >= 85 and foreign >= 28
        assert len(missed) <= 0.1 * answerable, (name, missed)
        assert near >= 0.9 * answerable, name
        assert len(claimed) <= 0.1 * foreign, (name, claimed)
