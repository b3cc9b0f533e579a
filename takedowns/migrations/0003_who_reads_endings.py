"""Moderators and auditors see how voices end; referrals to the police are for those who approve them, and the auditor."""

from django.db import migrations

from accounts.roles import AUDITOR, CUSTODIAN, MODERATOR, SENIOR_MODERATOR, give


def show_endings(apps, schema_editor):
    everybody = (MODERATOR, SENIOR_MODERATOR, CUSTODIAN, AUDITOR)
    give(apps, app_label="takedowns", model="revocation", view_revocation=everybody)
    give(apps, app_label="takedowns", model="policereferral", view_policereferral=(SENIOR_MODERATOR, CUSTODIAN, AUDITOR))


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0002_police_referrals"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_endings, migrations.RunPython.noop)]
