"""`manage.py draw_lifecycle [--write FILE]`: the lifecycle from the transition table, as a diagram and a table."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ticketing.lifecycle import diagram, glossary


class Command(BaseCommand):
    help = "Draw the lifecycle (Mermaid and Markdown) from the transition table."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", type=Path, metavar="FILE", help="renew the marked section of this document")
        parser.add_argument("--glossary", type=Path, metavar="FILE", help="renew the terms of this document")

    def handle(self, *args: object, **options: object) -> None:
        if not options["write"] and not options["glossary"]:
            self.stdout.write(diagram.section())
        for option, renew in (("write", diagram.put_into), ("glossary", glossary.put_into)):
            if options[option]:
                self._renew(Path(str(options[option])), renew)

    @staticmethod
    def _renew(path: Path, renew: Callable[[str], str]) -> None:
        try:
            path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from error
