from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from ticketing.search.engine import SearchEngine

from . import engines


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    yield from engines.node(settings.DATA)


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    if request.param == "embedded":
        yield from engines.embedded(tmp_path)
    else:
        yield from engines.elastic(request.getfixturevalue("elasticsearch_url"))
