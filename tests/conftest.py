"""What all tests share: a small city, and caches that do not outlive a test."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db.models.signals import post_migrate
from hypothesis import HealthCheck, settings

from tests import city as cities

#: neither slow hashes nor a walk through all static files for each test client say anything about the code
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django_settings.WHITENOISE_AUTOREFRESH = True

#: how fast inputs come says how busy the machine is, nothing about the code
settings.register_profile("any_load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_load")

#: rows that data migrations put in: (migration, the table that shows whether they are there)
_SHIPPED = (
    ("ticketing.migrations.0002_default_limits", "ticketing.ClockPolicy"),
    ("ticketing.migrations.0007_review_options", "ticketing.ReviewOptions"),
    ("telephony.migrations.0002_default_queues", "telephony.Queue"),
)


def _ship(sender: object, **_: object) -> None:
    """The flush after a test with real commits takes the shipped rows away; it ends with this signal."""
    for module, label in _SHIPPED:
        if getattr(sender, "name", "") == label.split(".")[0] and not apps.get_model(label)._base_manager.exists():
            import_module(module).fill(apps, None)


post_migrate.connect(_ship, dispatch_uid="tests.shipped")


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
