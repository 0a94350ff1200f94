"""The small city, and a browser that may have cookies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from . import world as worlds


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> Iterator[worlds.World]:
    settings.ATTACHMENTS = tmp_path / "attachments"
    yield worlds.build()
    cache.clear()
