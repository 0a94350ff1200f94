"""compose.yaml: valid by the compose specification's schema, complete, and only with settings that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings

TOP = Path(__file__).parents[2]
SCHEMA = TOP / "node_modules" / "dclint" / "schemas" / "compose.schema.json"
SERVICES = {"postgres", "redis", "elasticsearch", "asterisk", "proxy", "web", "sockets", "worker", "beat", "bridge"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text(encoding="utf-8"))
    return content


def test_it_is_valid_by_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(compose)] == []


def test_the_schema_does_find_mistakes(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    broken = compose | {"services": compose["services"] | {"web": {"imagee": "x"}}}
    assert list(jsonschema.Draft7Validator(schema).iter_errors(broken))


def test_every_part_of_the_product_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) >= SERVICES


def test_images_have_short_names(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert re.fullmatch(r"[a-z0-9-]+(:[\w.-]+)?", service["image"]), name


def test_every_setting_and_secret_exists(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        given = {key for key in service.get("environment", {}) if key.startswith("HOTLINE_")}
        assert given <= settings.ENV.known, name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name


def test_secrets_are_files_that_the_script_makes(compose: dict[str, Any]) -> None:
    script = (TOP / "deploy" / "make-secrets").read_text(encoding="utf-8")
    for name in compose["secrets"]:
        assert name in script, name


def test_no_secret_stands_in_the_environment(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key in service.get("environment", {}):
            if re.search(r"PASSWORD|SECRET|KEY|TOKEN", key):
                assert key.endswith("_FILE"), f"{name}: {key}"


def test_databases_are_not_reachable_from_outside(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "elasticsearch"):
        assert compose["services"][name]["networks"] == ["inside"]
        assert "ports" not in compose["services"][name]


def test_the_image_is_built_from_locks() -> None:
    text = (TOP / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert "npm ci" in text
    assert re.findall(r"^FROM (\S+)", text, re.M) == ["node:22-slim", "python:3.12-slim"]
    assert (TOP / "requirements" / "base-py3.12.txt").exists()
