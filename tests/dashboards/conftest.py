"""The city of these tests is committed: the outbox, which feeds the rollups, only gives out what is committed."""

from __future__ import annotations

import pytest

from tests import city as cities


@pytest.fixture
def city(transactional_db: None) -> cities.City:
    return cities.build()
