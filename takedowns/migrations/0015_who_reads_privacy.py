"""Who decides about privacy requests sees them; what was destroyed, the auditor and those who answer for it see."""

from django.db import migrations

from accounts.roles import AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, give


def show_privacy(apps, schema_editor):
    readers = (MODERATOR, SENIOR_MODERATOR, AUDITOR, LEGAL)
    give(apps, app_label="takedowns", model="privacyrequest", view_privacyrequest=readers)
    give(apps, app_label="takedowns", model="destruction", view_destruction=(SENIOR_MODERATOR, AUDITOR, LEGAL))


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0014_privacy_and_retention"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_privacy, migrations.RunPython.noop)]
