"""Rule and word files of the language functions. They are text, meant to be edited, and read when first needed."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def read(name: str) -> str:
    """The text of a file in this folder."""
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def lines(name: str) -> tuple[str, ...]:
    """Lines of a word list, without blanks and `#` comments."""
    stripped = (line.split("#", 1)[0].strip() for line in read(name).splitlines())
    return tuple(line for line in stripped if line)


@cache
def rules(name: str) -> dict[str, Any]:
    """A TOML rule file."""
    return tomllib.loads(read(name))
