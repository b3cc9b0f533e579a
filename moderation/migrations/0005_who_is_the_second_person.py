"""Senior moderators approve grave decisions; who reads cases reads the statements of reasons."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give


def name_the_second_person(apps, schema_editor):
    give(apps, app_label="moderation", model="case", approve_decision=(SENIOR_MODERATOR,))
    give(
        apps,
        app_label="moderation",
        model="statementofreasons",
        view_statementofreasons=(MODERATOR, SENIOR_MODERATOR, AUDITOR),
    )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0004_leases_second_person_statements")]
    operations = [migrations.RunPython(name_the_second_person, migrations.RunPython.noop)]
