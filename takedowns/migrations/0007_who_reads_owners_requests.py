"""Moderators and auditors see what Voice Owners asked for."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def show_requests(apps, schema_editor):
    everybody = (MODERATOR, SENIOR_MODERATOR, AUDITOR)
    give(apps, app_label="takedowns", model="ownerrequest", view_ownerrequest=everybody)


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0006_voice_owners_in_person"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_requests, migrations.RunPython.noop)]
