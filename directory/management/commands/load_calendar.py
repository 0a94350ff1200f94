"""`manage.py load_calendar FILE.csv`: take in a year of working days that the calendar library does not publish yet."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from directory.models import Region
from directory.worktime.loading import CalendarFileError, LoadReport, parse, store
from directory.worktime.source import calendar_for


class Command(BaseCommand):
    help = "载入一年的工作日历（CSV：date,is_working,name）；重复载入无副作用，载入后暂定的时限自动重算"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV 文件，UTF-8 或 GB 18030")
        parser.add_argument("--region", default="", help="区划代码；不填表示全国")
        parser.add_argument("--holidays-only", action="store_true", help="文件只列放假和调休日，其余按周一至周五上班")
        parser.add_argument("--source", default="", help="来源，如通知文号；默认文件名")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        region = _region(options["region"])
        try:
            file = parse(_content(path), holidays_only=options["holidays_only"])
        except CalendarFileError as error:
            raise CommandError(f"{path.name} 未载入：\n{error}") from error
        report = store(file, region=region, source=options["source"] or path.name, now=timezone.now())
        self.stdout.write(json.dumps(asdict(report)) if options["json"] else _words(report, region))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"无法读取 {path}：{error.strerror}") from error


def _region(code: str) -> Region | None:
    if not code:
        return None
    region = Region.objects.filter(pk=code).first()
    if region is None:
        raise CommandError(f"没有代码为 {code} 的区域")
    return region


def _words(report: LoadReport, region: Region | None) -> str:
    known = calendar_for(region.pk if region else None).known_through
    return (
        f"{report.year}年日历（{region or '全国'}）：新增{report.created}天，修改{report.updated}天，"
        f"删除{report.removed}天，保留手工或次年文件所定{report.kept}天；已知至 {known}"
    )
