"""Every address × every role: who gets the page, and that a stranger learns nothing of what he may not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.city import City
from ticketing.models import Ticket

ROLES = (
    "agent",
    "dispatcher",
    "checker",
    "caller",
    "supervisor",
    "window",
    "editor",
    "auditor",
    "administrator",
    "handler",
    "colleague",
    "head",
    "crew",
    "stranger",
    "far_dispatcher",
    "far_handler",
)
TABLE = Path(__file__).with_name("permissions.tsv")
#: depends on what runs beside the tests, not on who asks
NOT_HERE = frozenset({"healthz"})


def addresses() -> Iterator[str]:
    """Every address of the product, as a pattern, without the admin's own."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield route
            else:
                yield from walk(entry, route)

    for route in walk(get_resolver(), ""):
        if not route.startswith("admin/"):
            yield route


def expected() -> dict[str, dict[str, int]]:
    """Address -> role ("" for nobody) -> status code."""
    found: dict[str, dict[str, int]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        route, nobody, usual, *others = line.split("\t")
        codes = dict.fromkeys(ROLES, int(usual)) | {"": int(nobody)}
        for part in others[0].split("; ") if others else ():
            code, names = part.split(": ")
            codes |= dict.fromkeys(names.split(), int(code))
        found["" if route == "(home)" else route] = codes
    return found


def test_the_table_knows_every_address() -> None:
    assert set(addresses()) - NOT_HERE == set(expected())


@pytest.mark.parametrize("role", [*ROLES, ""], ids=lambda role: role or "nobody")
def test_who_gets_what(city: City, role: str) -> None:
    ticket = city.dispatched()
    client = Client(raise_request_exception=True)
    if role:
        client.force_login(city.staff[role])
    wrong = {
        route: (answer, codes[role])
        for route, codes in expected().items()
        if (answer := client.get("/" + fill(route, ticket)).status_code) != codes[role]
    }
    assert wrong == {}


def fill(route: str, ticket: Ticket) -> str:
    for name, value in {
        "<str:number>": ticket.number,
        "<slug:code>": "dispatch",
        "<slug:state>": "late",
        "<int:pk>": "1",
        "<str:key>": "nokey",
        "<slug:key>": "nokey",
        "<slug:tab>": "late",
        "<int:number>": "1",
        "<str:ending>": "csv",
        "<str:month>": "2026-01",
        "<str:signed>": "nothing",
        "<str:token>": "nothing",
        "<slug:action>": "urge",
        "<number>": ticket.number,
        "<action>": "urge",
    }.items():
        route = route.replace(name, value)
    return route
