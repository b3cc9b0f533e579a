"""Moderators and auditors see what is due by when, and what was late."""

from django.db import migrations

from accounts.roles import AUDITOR, CUSTODIAN, LEGAL, MODERATOR, SENIOR_MODERATOR, give


def show_deadlines(apps, schema_editor):
    everybody = (MODERATOR, SENIOR_MODERATOR, CUSTODIAN, AUDITOR, LEGAL)
    give(apps, app_label="takedowns", model="deadline", view_deadline=everybody)


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0004_deadlines"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_deadlines, migrations.RunPython.noop)]
