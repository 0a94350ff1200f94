"""The limits of 河南省12345政务服务便民热线运行管理办法 and this product's defaults, as rows."""

import datetime

from django.db import migrations

HENAN = "河南省12345政务服务便民热线运行管理办法"
DEFAULT = "产品默认"
#: reaches back before any imported ticket
SINCE = datetime.date(2000, 1, 1)

ROWS = [
    # clock, kind, urgent, limit, unit, basis
    ("dispatch", "", False, 24, "wall_hours", HENAN),
    ("dispatch", "", True, 2, "wall_hours", HENAN),
    ("sign", "", False, 24, "sign_hours", HENAN),
    ("sign", "", True, 30, "wall_minutes", f"{DEFAULT}：紧急工单"),
    ("feedback", "", True, 2, "wall_hours", HENAN),
    ("handle", "consult", None, 3, "working_days", HENAN),
    ("handle", "help", None, 5, "working_days", HENAN),
    ("handle", "opinion", None, 5, "working_days", HENAN),
    ("handle", "suggestion", None, 5, "working_days", HENAN),
    ("handle", "praise", None, 5, "working_days", f"{DEFAULT}：按意见建议"),
    ("handle", "complaint", None, 10, "working_days", HENAN),
    ("handle", "report", None, 10, "working_days", HENAN),
    ("handle", "", None, 10, "working_days", f"{DEFAULT}：类型不详按投诉"),
    ("redo", "", None, 5, "working_days", f"{DEFAULT}：重办不超过5个工作日"),
    ("check", "", None, 1, "working_days", DEFAULT),
    ("call_back", "", None, 3, "working_days", f"{DEFAULT}：答复后3个工作日内回访"),
    ("ruling", "", None, 1, "working_days", DEFAULT),
    ("extension_ruling", "", None, 1, "working_days", DEFAULT),
]


def fill(apps, schema_editor):
    policy = apps.get_model("ticketing", "ClockPolicy")
    policy.objects.bulk_create(
        policy(clock=clock, kind=kind, urgent=urgent, limit=limit, unit=unit, basis=basis, effective_from=SINCE)
        for clock, kind, urgent, limit, unit, basis in ROWS
    )


def empty(apps, schema_editor):
    apps.get_model("ticketing", "ClockPolicy").objects.filter(effective_from=SINCE).delete()


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
