"""Who decides about accounts sees what was imposed on them; the auditor sees it, too."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def show_sanctions(apps, schema_editor):
    give(apps, app_label="accounts", model="sanction", view_sanction=(MODERATOR, SENIOR_MODERATOR, AUDITOR))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_sanctions")]
    operations = [migrations.RunPython(show_sanctions, migrations.RunPython.noop)]
