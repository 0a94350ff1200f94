"""Browsers logged in as the people of the small city."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.city import City

LogIn = Callable[[str], Client]


@pytest.fixture
def log_in(city: City) -> LogIn:
    """`log_in("dispatcher")` is that person's browser."""

    def browser(name: str) -> Client:
        client = Client()
        client.force_login(city.staff[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser
