"""The documents tell the truth about settings, commands, checks, packages and each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
DOCS = TOP / "docs"
PAGES = sorted([*TOP.glob("README*.md"), *DOCS.glob("*.md")])
SOURCES = ("hotline", "directory", "ticketing", "telephony", "dashboards", "nlp")
#: asked of the environment, in settings.py or by a package of its own settings
SETTING = re.compile(r'ENV\.(?:text|url|flag|number|choice|items|folder)\(\s*"([A-Z_]+)"|_secret\("([A-Z_]+)"\)')


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def all_pages() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_every_setting_is_documented() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for folder in SOURCES for path in (TOP / folder).rglob("*.py"))
    asked = {f"HOTLINE_{first or second}" for first, second in SETTING.findall(code)}
    assert len(asked) > 40
    assert sorted(name for name in asked if f"`{name}`" not in all_pages()) == []


def test_no_setting_is_invented() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for folder in SOURCES for path in (TOP / folder).rglob("*.py"))
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "scripts").iterdir() if path.is_file())
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "tests").rglob("*.py"))
    known = {f"HOTLINE_{first or second}" for first, second in SETTING.findall(code)}
    known |= set(re.findall(r"HOTLINE_[A-Z_]+", scripts + tests + (TOP / ".ci" / "run").read_text(encoding="utf-8")))
    named = {name.removesuffix("_FILE") for name in re.findall(r"\bHOTLINE_[A-Z_]*[A-Z]", all_pages())}
    assert sorted(named - known) == []


def test_every_check_is_documented() -> None:
    ids = set(re.findall(r'id="(hotline\.[EW]\d+)"', (TOP / "hotline" / "checks.py").read_text(encoding="utf-8")))
    assert ids == set(re.findall(r"^\| (hotline\.[EW]\d+) \|", text("operations.md"), re.M))


def test_every_package_has_its_reason() -> None:
    reasons = text("dependencies.md").lower()
    python = {
        canonicalize_name(Requirement(line).name)
        for name in ("base", "dev", "sip", "build", "node")
        for line in (TOP / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
        if line and line[0] not in "#-"
    }
    front = json.loads((TOP / "package.json").read_text(encoding="utf-8"))
    wanted = python | set(front["dependencies"]) | set(front["devDependencies"])
    assert sorted(name for name in wanted if f"| {name} |" not in reasons and f"**{name}**" not in reasons) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scripts_and_commands_that_a_page_names_exist(page: Path) -> None:
    content = page.read_text(encoding="utf-8")
    ignored = (TOP / ".gitignore").read_text(encoding="utf-8").splitlines()  # made by a step that the page describes
    for name in set(re.findall(r"(?<![\w/])(?:scripts|deploy|benchmarks)/[\w.-]*\w", content)):
        assert (TOP / name).exists() or f"{name}/" in ignored, name
    named = set(re.findall(r"(?:manage\.py|scripts/manage) ([a-z][a-z_]+)", content))
    assert sorted(named - set(get_commands())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
