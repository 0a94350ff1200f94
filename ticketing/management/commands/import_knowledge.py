"""Imports knowledge entries from a CSV or XLSX file, or the shipped demo entries."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directory.models import Staff
from ticketing.errors import TicketError
from ticketing.knowledge import demo, exchange
from ticketing.lifecycle.actors import Actor, staff_actor


class Command(BaseCommand):
    help = "Import knowledge entries: every rule is checked, every row reported; all rows or none, unless --partly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a .csv or .xlsx file of at most 1000 entries")
        parser.add_argument("--by", default="", help="user name of the author")
        parser.add_argument("--approve-by", default="", help="user name of a second person who approves at once")
        parser.add_argument("--partly", action="store_true", help="import the good rows although others are wrong")
        parser.add_argument("--update", action="store_true", help="rows with the title of an entry change it")
        parser.add_argument("--check", action="store_true", help="only check and report")
        parser.add_argument("--demo", action="store_true", help="publish the shipped entries of the demo city")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"]:
            self.stdout.write(f"{demo.load()} entries published")
            return
        path: Path | None = options["file"]
        if path is None:
            raise CommandError("name a .csv or .xlsx file, or use --demo")
        records = self._records(path)
        if options["check"]:
            reports, _ = exchange.check(records, update=options["update"])
        else:
            author = self._person(options["by"], "--by")
            approver = self._person(options["approve_by"], "--approve-by") if options["approve_by"] else None
            try:
                how = {"partly": options["partly"], "update": options["update"]}
                reports = exchange.store(records, actor=author, approver=approver, **how)
            except TicketError as error:
                raise CommandError(f"nothing was imported: {error}") from error
        wrong = [report for report in reports if report.problems]
        for report in wrong:
            self.stdout.write(f"第 {report.number} 行 {report.title}：{report.text}")
        imported = sum(bool(report.code) for report in reports)
        same = sum(report.change == exchange.SAME and not report.problems for report in reports)
        self.stdout.write(f"{len(reports)} rows, {len(wrong)} wrong, {same} unchanged, {imported} imported")
        if wrong:
            raise CommandError("some rows break rules" if imported else "nothing was imported")

    def _records(self, path: Path) -> list[exchange.Record]:
        try:
            with path.open("rb") as file:
                return exchange.read(file, path.name)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except exchange.BadFile as error:
            raise CommandError(str(error)) from error

    def _person(self, username: str, option: str) -> Actor:
        staff = Staff.objects.filter(username=username).first()
        if staff is None:
            raise CommandError(f"{option} names nobody: {username!r}")
        return staff_actor(staff, "command")
