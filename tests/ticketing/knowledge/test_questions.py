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


def questions() -> Iterator[tuple[str, set[str]]]:
    """(question, titles of the entries that answer it; none when the base has no answer)."""
    for line in Path(__file__).with_name("questions.tsv").read_text(encoding="utf-8").splitlines():
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
    first: list[str] = []
    wrong: list[str] = []
    unknown: list[str] = []
    claimed: list[str] = []
    for asked, wanted in questions():
        found = finding.find(asked, staff=False)
        if wanted:
            assert wanted <= titles, wanted - titles
            right = found.known and found.answers[0].entry.title in wanted
            (first if right else wrong).append(asked)
        else:
            (claimed if found.known else unknown).append(asked)
    assert len(first) >= 60 and len(first) >= 0.9 * (len(first) + len(wrong)), wrong
    assert len(unknown) >= 20 and len(unknown) >= 0.9 * (len(unknown) + len(claimed)), claimed
