"""Senior moderators publish curated voices; moderators and auditors see the catalogue."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def let_them_publish(apps, schema_editor):
    readers = (MODERATOR, SENIOR_MODERATOR, AUDITOR)
    give(apps, app_label="voices", model="catalogueentry", view_catalogueentry=readers, publish_voice=readers[1:2])
    give(apps, app_label="voices", model="rightsrecord", view_rightsrecord=readers[1:])


class Migration(migrations.Migration):
    dependencies = [("voices", "0003_catalogue"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(let_them_publish, migrations.RunPython.noop)]
