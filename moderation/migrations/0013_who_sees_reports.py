"""Who decides sees reports, their figures, and so do auditors; trusted notifiers are a group that gives no permission."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give

READERS = (MODERATOR, SENIOR_MODERATOR, AUDITOR)


def show_reports(apps, schema_editor):
    give(apps, app_label="moderation", model="report", view_report=READERS, view_figures=READERS)
    apps.get_model("auth", "Group").objects.get_or_create(name="trusted notifier")


class Migration(migrations.Migration):
    dependencies = [("moderation", "0012_reports"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_reports, migrations.RunPython.noop)]
