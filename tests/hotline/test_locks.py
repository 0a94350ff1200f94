"""Lock files: every package pinned, every file hashed, no index named; the repository names no host of a registry."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
FOLDER = TOP / "requirements"
LOCKS = sorted(FOLDER.glob("*-py3.*.txt"))
NAMES = ("base", "build", "dev", "node", "sip")
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+?)(?:\s*;[^\\]*)?\s*\\?$")


def pins(lock: Path) -> dict[str, tuple[str, int]]:
    """Package -> (version, number of hashes)."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        entry = ENTRY.match(line)
        if entry:
            name = canonicalize_name(entry.group(1))
            found[name] = (entry.group(2), 0)
        elif line.strip().startswith("--hash=sha256:"):
            found[name] = (found[name][0], found[name][1] + 1)
        else:
            assert not line.strip() or line.strip().startswith("#"), f"{lock.name}: {line}"
    return found


def asked(name: str, minor: str) -> set[str]:
    lines = (FOLDER / f"{name}.in").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or one.marker.evaluate({"python_version": minor})
    }


def minors() -> list[str]:
    return sorted(lock.stem.removeprefix("base-py") for lock in FOLDER.glob("base-py*.txt"))


def test_at_least_two_minor_versions_are_locked() -> None:
    assert len(minors()) >= 2
    assert {f"{name}-py{minor}.txt" for name in NAMES for minor in minors()} == {lock.name for lock in LOCKS}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    found = pins(lock)
    assert found
    assert [name for name, (_, hashes) in found.items() if not hashes] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_what_is_asked_for_is_locked(lock: Path) -> None:
    name, minor = lock.stem.split("-py")
    assert asked(name, minor) <= set(pins(lock))


@pytest.mark.parametrize("minor", minors())
def test_development_has_the_versions_of_production(minor: str) -> None:
    development = pins(FOLDER / f"dev-py{minor}.txt")
    base = pins(FOLDER / f"base-py{minor}.txt")
    assert {name: development.get(name) for name in base} == base


def test_no_lock_names_an_address() -> None:
    for file in LOCKS:
        assert "://" not in file.read_text(encoding="utf-8"), file.name


def test_front_end_packages_have_integrity_and_no_address() -> None:
    packages = json.loads((TOP / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_the_repository_names_no_registry() -> None:
    hosts = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "deb" + r"ian\.org"])
    found = subprocess.run(["git", "grep", "-nIE", hosts], cwd=TOP, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    assert found.stdout == ""
