"""Of a referral to the police, and of the hold that goes with it, the person was never told: they stay secret."""

from django.db import migrations


def keep_secret(apps, schema_editor):
    apps.get_model("accounts", "Sanction").objects.filter(kind__in=["hold", "police"]).update(secret=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_erased_and_restricted")]
    operations = [migrations.RunPython(keep_secret, migrations.RunPython.noop)]
