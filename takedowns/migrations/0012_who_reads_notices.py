"""Moderators and auditors see that notices came; who gave them stands in the case. Seniors see who is barred."""

from django.db import migrations

from accounts.roles import AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, give


def show_notices(apps, schema_editor):
    give(apps, app_label="takedowns", model="notice", view_notice=(MODERATOR, SENIOR_MODERATOR, AUDITOR, LEGAL))
    give(apps, app_label="takedowns", model="notifierbar", view_notifierbar=(SENIOR_MODERATOR, AUDITOR))


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0011_statements_of_2026_06_04"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_notices, migrations.RunPython.noop)]
