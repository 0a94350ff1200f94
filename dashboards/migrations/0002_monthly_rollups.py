"""Monthly rows beside the daily ones; what a subject contributes becomes a text."""

from typing import Any

from django.db import migrations, models


def forget(apps: Any, schema_editor: Any) -> None:
    """What each subject contributed is written differently from here on: the rollups are to be made anew.

    The pages say so until `rebuild_rollups` was run.
    """
    for name in ("Daily", "Counted"):
        apps.get_model("dashboards", name)._default_manager.all().delete()
    apps.get_model("dashboards", "RollupState")._default_manager.update(definitions="")


class Migration(migrations.Migration):
    dependencies = [
        ("dashboards", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="counted",
            name="facts",
            field=models.TextField(),
        ),
        migrations.CreateModel(
            name="Monthly",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("city", models.CharField(max_length=12)),
                ("cut", models.CharField(blank=True, max_length=16)),
                ("counter", models.CharField(max_length=32)),
                ("month", models.DateField()),
                ("key", models.CharField(blank=True, max_length=60)),
                ("n", models.IntegerField()),
            ],
            options={
                "verbose_name": "每月统计",
                "verbose_name_plural": "每月统计",
                "constraints": [
                    models.UniqueConstraint(fields=("city", "cut", "counter", "month", "key"), name="monthly_once")
                ],
            },
        ),
    ]
