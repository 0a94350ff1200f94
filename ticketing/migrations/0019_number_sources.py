"""External numbers belong to whoever sent them: two systems on one channel may use the same. Keys that exist go on
sharing their channel's numbers (empty source), so that a repeat of what they sent before is still known.

The column is added by SQL that both databases have: Django would copy SQLite's whole table.
"""

from django.db import migrations, models
from django.db.models import Q

COLUMN = """ALTER TABLE "ticketing_ticket" ADD COLUMN "source" varchar(40) DEFAULT '' NOT NULL"""


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0018_knowledge_care")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(COLUMN, 'ALTER TABLE "ticketing_ticket" DROP COLUMN "source"')],
            state_operations=[
                migrations.AddField(
                    "ticket",
                    "source",
                    models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="编号来源"),
                )
            ],
        ),
        migrations.AddField(
            "apikey",
            "source",
            models.SlugField(
                blank=True,
                db_index=False,
                default="",
                help_text="同一渠道、同一来源的外部编号只登记一次；为同一系统更换密钥时填原密钥的来源",
                max_length=40,
                verbose_name="编号来源",
            ),
        ),
        migrations.RemoveConstraint("ticket", "external_once"),
        migrations.AddConstraint(
            "ticket",
            models.UniqueConstraint(
                condition=Q(external_id__isnull=False),
                fields=("external_id", "channel", "source"),
                name="external_once",
            ),
        ),
    ]
