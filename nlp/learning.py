"""What all commands that learn from examples have in common: `python -m nlp.….learn [--check]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files


def command(arguments: Sequence[str], check: Callable[[], str], learn: Callable[[], Mapping[str, str]]) -> None:
    """Write the weight files of `nlp/data` that `learn` gives by name, or with `--check` print what `check` measured on
    held-out examples. Raises SystemExit for another argument."""
    if arguments == ["--check"]:
        print(check())
        return
    if arguments:
        raise SystemExit(f"unknown argument {arguments[0]!r}; accepted is --check, or nothing")
    for name, content in learn().items():
        target = files("nlp.data").joinpath(name)
        with open(str(target), "w", encoding="utf-8") as file:
            file.write(content.rstrip("\n") + "\n")
        print(f"learnt from the examples: {target}")
