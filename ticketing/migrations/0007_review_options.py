"""The first version of the options offered with each level."""

import datetime

from django.db import migrations

OPTIONS = {
    "5": [["fast", "办理迅速"], ["kind", "热情周到"], ["solved", "问题解决"]],
    "4": [["fast", "办理及时"], ["kind", "态度良好"], ["solved", "问题解决"]],
    "3": [["partly", "部分解决"], ["clear", "解释清楚"]],
    "2": [["delay", "办理拖延"], ["not_solved", "问题未解决"], ["perfunctory", "答复敷衍"], ["attitude", "态度不好"]],
    "1": [
        ["not_solved", "问题未解决"],
        ["attitude", "态度恶劣"],
        ["wrong_unit", "推诿扯皮"],
        ["untrue", "答复不属实"],
        ["no_contact", "未联系本人"],
    ],
}


def fill(apps, schema_editor):
    apps.get_model("ticketing", "ReviewOptions").objects.get_or_create(
        version=1, defaults={"effective_from": datetime.date(2020, 1, 1), "options": OPTIONS}
    )


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0006_reviews")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
