"""The queues that a city starts with, and 12345 itself: straight to an agent, no menu (GB/T 33358)."""

from django.db import migrations

QUEUES = (("normal", "普通", ""), ("enterprise", "企业", "enterprise"), ("elder", "老年/方言", "elder"),
          ("supervise", "督办专席", "supervise"))  # fmt: skip


def fill(apps, schema_editor):
    queue, line = apps.get_model("telephony", "Queue"), apps.get_model("telephony", "Line")
    for name, label, skill in QUEUES:
        queue.objects.get_or_create(name=name, defaults={"label": label, "skill": skill})
    line.objects.get_or_create(number="12345", defaults={"queue_id": "normal"})


class Migration(migrations.Migration):
    dependencies = [("telephony", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
