from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ticketing.search import engines as engines_in_use
from ticketing.search.engine import SearchEngine

from . import engines
from .city import City, build
from .engines import document, fill


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    yield from engines.node(settings.DATA)


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    if request.param == "embedded":
        yield from engines.embedded(tmp_path)
    else:
        yield from engines.elastic(request.getfixturevalue("elasticsearch_url"))


@pytest.fixture
def tickets(engine: SearchEngine) -> Iterator[SearchEngine]:
    """The engine under test in the place of the configured one."""
    engines_in_use.use(tickets=engine)
    yield engine
    engines_in_use.use()


@pytest.fixture
def city(db: None) -> City:
    return build()


@pytest.fixture
def three(engine: SearchEngine) -> SearchEngine:
    fill(
        engine,
        document(1, "花园路施工噪声", "每天夜里施工，无法休息。", place="金水区花园路", kind="complaint", lead="7"),
        document(2, "小区停水三天", "家里一直停水。", place="二七区航海路", kind="help", lead="8", assists=("7",)),
        document(3, "医保报销咨询", "请问医疗保险如何报销，路灯也坏了。", kind="inquiry", lead="9"),
    )
    return engine
