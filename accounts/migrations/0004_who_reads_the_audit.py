"""Auditors read the audit; they and senior moderators see which API keys there are."""

from django.db import migrations

from accounts.roles import AUDITOR, SENIOR_MODERATOR, give


def let_them_read(apps, schema_editor):
    give(apps, app_label="velluto", model="auditevent", view_auditevent=(AUDITOR,))
    give(apps, app_label="accounts", model="apikey", view_apikey=(AUDITOR, SENIOR_MODERATOR))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_api_keys"), ("velluto", "0002_jobs")]
    operations = [migrations.RunPython(let_them_read, migrations.RunPython.noop)]
