"""What the roles of staff may see of screenings."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def show_the_screenings(apps, schema_editor):
    give(apps, app_label="synthesis", model="screening", view_screening=(MODERATOR, SENIOR_MODERATOR, AUDITOR))


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0003_screenings"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_the_screenings, migrations.RunPython.noop)]
