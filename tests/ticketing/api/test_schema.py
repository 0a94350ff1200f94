"""The OpenAPI document is the truth: random requests find no server error and no undocumented answer."""

from __future__ import annotations

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hotline.wsgi import application
from tests.city import CITY, City
from ticketing.api.keys import SCOPES, make

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.mark.slow
def test_random_requests(real_city: City) -> None:
    number = real_city.report().number
    _, text = make("fuzz", CITY, list(SCOPES), "peer", 1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        def one(case: schemathesis.Case) -> None:
            if "number" in (case.path_parameters or {}):
                case.path_parameters["number"] = number
            case.headers["Authorization"] = f"Bearer {text}"
            case.call_and_validate(checks=CHECKS)

        one()
        tried += 1
    assert tried >= 5


def test_the_document_names_every_refusal(db: None) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"401", "403", "422", "429"} <= set(operation["responses"]), path
