"""Who decides sees signed documents and reads them, and so does legal; auditors see that they are there."""

from django.db import migrations

from accounts.roles import AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, give

READERS = (MODERATOR, SENIOR_MODERATOR, LEGAL)


def show_documents(apps, schema_editor):
    give(
        apps, app_label="consent", model="document", view_document=(*READERS, AUDITOR), read_document=READERS
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_signed_documents"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(show_documents, migrations.RunPython.noop)]
