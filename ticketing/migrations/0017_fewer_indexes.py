"""Fewer indexes on what every report writes: those that another one begins with go, those of columns that are mostly
empty hold only the rows that have a value. Dropping by name leaves SQLite's tables as they are; altering the fields
would copy each table once for each of them.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

DROPPED = (
    ("ticketing_ticket", "category_id", "ticketing_ticket_category_id_4a4e72ce"),
    ("ticketing_ticket", "city_id", "ticketing_ticket_city_id_b48bbe8d"),
    ("ticketing_ticket", "complained_unit_id", "ticketing_ticket_complained_unit_id_4c058411"),
    ("ticketing_ticket", "lead_id", "ticketing_ticket_lead_id_456d0052"),
    ("ticketing_ticket", "master_id", "ticketing_ticket_master_id_b3e4d9a8"),
    ("ticketing_ticket", "parent_id", "ticketing_ticket_parent_id_eead3f6f"),
    ("ticketing_ticket", "region_id", "ticketing_ticket_region_id_f43f077b"),
    ("ticketing_ticket", "taken_by_id", "ticketing_ticket_taken_by_id_c9f0b0fe"),
    ("ticketing_clock", "assignment_id", "ticketing_clock_assignment_id_6e465406"),
    ("ticketing_ticketevent", "assignment_id", "ticketing_ticketevent_assignment_id_f00914e8"),
    ("ticketing_ticketevent", "department_id", "ticketing_ticketevent_department_id_e5abdb50"),
    ("ticketing_ticketevent", "for_staff_id", "ticketing_ticketevent_for_staff_id_c5fbff8c"),
    ("ticketing_ticketevent", "staff_id", "ticketing_ticketevent_staff_id_35723699"),
    ("ticketing_ticketevent", "ticket_id", "ticketing_ticketevent_ticket_id_9dc9ba43"),
    ("ticketing_outboxentry", "ticket_id", "ticketing_outboxentry_ticket_id_f17758c3"),
    ("ticketing_outboxentry", "event_id", "ticketing_outboxentry_event_id_aa5d2c4b"),
    ("ticketing_notice", "department_id", "ticketing_notice_department_id_a235700a"),
    ("ticketing_notice", "staff_id", "ticketing_notice_staff_id_6fe46274"),
)


def link(to, related_name=None, null=True, blank=True, **more):
    """A foreign key without an index of its own."""
    more |= {"related_name": related_name} if related_name else {}
    return models.ForeignKey(to=to, on_delete=models.PROTECT, db_index=False, null=null, blank=blank, **more)


USER, UNIT, TICKET, REGION = settings.AUTH_USER_MODEL, "directory.department", "ticketing.ticket", "directory.region"
FIELDS = (
    ("ticket", "category", link("directory.category", verbose_name="诉求分类")),
    ("ticket", "region", link(REGION, verbose_name="区域")),
    ("ticket", "city", link(REGION, "+", null=False, blank=False, verbose_name="受理地")),
    ("ticket", "complained_unit", link(UNIT, "+", verbose_name="被投诉单位")),
    ("ticket", "taken_by", link(USER, "+", verbose_name="受理人")),
    ("ticket", "lead", link(UNIT, "led_tickets", verbose_name="主办单位")),
    ("ticket", "master", link(TICKET, "merged", verbose_name="并入工单")),
    ("ticket", "parent", link(TICKET, "parts", verbose_name="拆分自")),
    ("clock", "assignment", link("ticketing.assignment", "clocks")),
    ("ticketevent", "ticket", link(TICKET, "events", null=False, blank=False, verbose_name="工单")),
    ("ticketevent", "staff", link(USER, "+", blank=False, verbose_name="人员")),
    ("ticketevent", "for_staff", link(USER, "+", blank=False, verbose_name="代谁")),
    ("ticketevent", "department", link(UNIT, "+", blank=False, verbose_name="单位")),
    ("ticketevent", "assignment", link("ticketing.assignment", "+", blank=False, verbose_name="派单")),
    ("outboxentry", "ticket", link(TICKET, "+", blank=False)),
    ("outboxentry", "event", link("ticketing.ticketevent", "+", blank=False)),
    ("notice", "department", link(UNIT, "+")),
    ("notice", "staff", link(USER, "+")),
)


def having(model, name, *columns):
    """An index of the rows that have the first column."""
    condition = Q(**{f"{columns[0]}__isnull": False})
    return migrations.AddIndex(model, models.Index(fields=list(columns), name=name, condition=condition))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(USER),
        ("directory", "0003_deputy_phone"),
        ("ticketing", "0016_window_orders"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f'DROP INDEX IF EXISTS "{name}"', f'CREATE INDEX "{name}" ON "{table}" ("{column}")')
                for table, column, name in DROPPED
            ],
            state_operations=[migrations.AlterField(model, name, field) for model, name, field in FIELDS],
        ),
        having("ticket", "ticket_complained", "complained_unit"),
        having("ticket", "ticket_master", "master"),
        having("ticket", "ticket_parent", "parent"),
        having("clock", "clock_share", "assignment"),
        *(having("ticketevent", f"event_{name}", name) for name in ("staff", "for_staff", "department", "assignment")),
        migrations.RemoveIndex("ticket", "ticket_answered"),
        having("ticket", "ticket_answered", "answered_in_days", "city"),
        migrations.RemoveIndex("notice", "notice_staff"),
        having("notice", "notice_staff", "staff", "-created_at"),
        migrations.RemoveIndex("notice", "notice_unit"),
        having("notice", "notice_unit", "department", "-created_at"),
    ]
