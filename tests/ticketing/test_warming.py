"""What a web process loads before anybody types."""

from __future__ import annotations

import threading

import pytest

from ticketing import warming
from ticketing.classifying import classifier
from ticketing.memory import forget


@pytest.mark.django_db
def test_the_first_report_finds_everything_loaded() -> None:
    forget()
    warming.load()
    assert classifier._known is not None


def test_only_a_server_reads_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(threading.Timer, "start", lambda self: begun.append(self.function))
    monkeypatch.delitem(warming.sys.modules, "granian", raising=False)
    warming.begin()
    assert not begun
    monkeypatch.setitem(warming.sys.modules, "granian", object())
    warming.begin()
    assert begun == [warming._warm]
