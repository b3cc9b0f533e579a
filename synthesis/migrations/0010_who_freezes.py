"""Who may stop speech, and who may let it go again."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def name_them(apps, schema_editor):
    give(
        apps,
        app_label="synthesis",
        model="freeze",
        view_freeze=(MODERATOR, SENIOR_MODERATOR, AUDITOR),
        add_freeze=(MODERATOR, SENIOR_MODERATOR),
        lift_freeze=(SENIOR_MODERATOR,),
    )


class Migration(migrations.Migration):
    dependencies = [("synthesis", "0009_freezes"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
