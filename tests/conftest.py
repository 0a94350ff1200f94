"""What all tests share: a small city, and caches that do not outlive a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests import city as cities


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    cache.clear()
    cities.forget()
    yield
    cache.clear()
    cities.forget()


@pytest.fixture
def city(db: None) -> cities.City:
    """The small city, in the test's transaction."""
    return cities.build()


@pytest.fixture
def real_city(transactional_db: None) -> cities.City:
    """The small city, committed: for tests with several connections or processes."""
    return cities.build()


@pytest.fixture(autouse=True)
def _anchors_of_this_test(settings: object, tmp_path: object) -> None:
    settings.ANCHORS = tmp_path / "anchors"  # type: ignore[attr-defined,operator]
