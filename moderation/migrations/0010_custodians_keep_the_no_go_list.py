"""Custodians keep the No-Go list; nobody else knows what is on it."""

from django.db import migrations

from accounts.roles import CUSTODIAN, give


def name_the_custodians(apps, schema_editor):
    give(apps, app_label="moderation", model="nogoentry", custody_nogo=(CUSTODIAN,))
    give(apps, app_label="moderation", model="case", claim_case=(CUSTODIAN,), listen_recording=(CUSTODIAN,))


class Migration(migrations.Migration):
    dependencies = [("moderation", "0009_the_no_go_list"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(name_the_custodians, migrations.RunPython.noop)]
