"""`manage.py measures --from DAY --to DAY [--unit CODE] --json`: every measure with what it is made of."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboards.measures import counting, scope
from dashboards.measures.evaluate import figures
from directory.models import Department, Region


def day(text: str, name: str) -> date:
    """A day from the command line. Raises `CommandError` naming the option."""
    try:
        return scope.day_of(text)
    except ValueError as error:
        raise CommandError(f"{name}：{error}") from error


class Command(BaseCommand):
    help = "Print every measure over a period: value, numerator, denominator, excluded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last day, included")
        parser.add_argument("--unit", metavar="CODE", help="a unit's code; the units below it count with it")
        parser.add_argument("--region", metavar="CODE", help="a region's code; the regions below it count with it")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--rollups", action="store_true", help="read the daily rollups, as the pages do")

    def handle(self, *args: object, **options: object) -> None:
        first, last = day(str(options["first"]), "--from"), day(str(options["last"]), "--to")
        if last < first:
            raise CommandError(f"--to {last} 早于 --from {first}")
        period = scope.Period(first, last)
        asked = self._scope(options["unit"], options["region"])
        found = figures(period, asked, read=counting.rolled if options["rollups"] else counting.direct)
        rows = [figure.as_dict() for figure in found]
        if period.first > counting.today():
            self.stderr.write(f"{period.first} 尚未到来，各项为零")
        if options["json"]:
            head = {"from": str(period.first), "to": str(period.last), "city": asked.city, "unit": options["unit"]}
            head |= {"region": options["region"]}
            self.stdout.write(json.dumps({**head, "measures": rows}, ensure_ascii=False, indent=2))
            return
        for figure in found:
            value = "—" if figure.value is None else f"{figure.value:g}{figure.measure.unit}"
            parts = "" if figure.denominator is None else f"  {figure.numerator:g}/{figure.denominator}"
            self.stdout.write(f"{figure.measure.name}  {value}{parts}  剔除 {figure.excluded}")

    def _scope(self, unit: object, region: object) -> scope.Scope:
        asked = scope.Scope(settings.CITY_REGION)
        if unit is not None:
            department = Department.objects.filter(code=unit).first()
            if department is None:
                raise CommandError(f"--unit：没有代码为“{unit}”的单位")
            asked = asked.limited(unit=scope.units(department.pk))
        if region is not None:
            if not Region.objects.filter(code=region).exists():
                raise CommandError(f"--region：没有代码为“{region}”的区划")
            asked = asked.limited(region=scope.regions(str(region)))
        return asked
