"""Filters that no rollup holds: the page says that it counts before it does, and a small city never waits."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboards.views import pages
from tests.city import City
from tests.dashboards.settle import settle
from tests.ticketing.lifecycle.stages import in_status
from ticketing.terms import Status

THREE = "/figures/?preset=month&kind=complaint&channel=web&unit=LIGHTS"


@pytest.mark.parametrize(("large", "says"), [(0, True), (20_000, False)])
def test_what_has_to_be_counted_is_said_first(
    city: City, monkeypatch: pytest.MonkeyPatch, large: int, says: bool
) -> None:
    in_status(city, Status.CLOSED)
    settle()
    monkeypatch.setattr(pages, "LARGE", large)
    client = Client()
    client.force_login(city.staff["supervisor"])
    page = client.get(THREE).content.decode()
    assert ("正在逐件统计" in page) == says and ('data-code="received"' in page) != says
    if says:
        assert 'http-equiv="refresh"' in page and "&amp;count=1" in page
        assert 'data-code="received"' in client.get(f"{THREE}&count=1").content.decode()
        assert "正在逐件统计" in client.get(THREE.replace("/figures/?", "/figures/kpi/?")).content.decode()
        assert "正在逐件统计" in client.get(THREE.replace("/figures/?", "/figures/unit/?")).content.decode()
        # two filters are held, whatever they are
        assert 'data-code="received"' in client.get(THREE.replace("&channel=web", "")).content.decode()
