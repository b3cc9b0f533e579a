"""Who decides sees who tried what may never be done, and so do auditors and legal."""

from django.db import migrations

from accounts.roles import AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, give

READERS = (MODERATOR, SENIOR_MODERATOR, AUDITOR, LEGAL)


def show_violations(apps, schema_editor):
    give(apps, app_label="consent", model="forbiddenattempt", view_forbiddenattempt=READERS)


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_who_may_never_be_cloned"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_violations, migrations.RunPython.noop)]
