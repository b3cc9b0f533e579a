"""Whoever decides may claim; triage claims and decides nothing; legal reads. Readers see appeals."""

from django.db import migrations

from accounts.roles import ALL_ROLES, AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, TRIAGE, give

WORKERS = (TRIAGE, MODERATOR, SENIOR_MODERATOR)
READERS = (*WORKERS, AUDITOR, LEGAL)


def staff_the_desk(apps, schema_editor):
    give(apps, app_label="moderation", model="case", view_case=READERS, claim_case=WORKERS)
    for model in ("decision", "policysection", "statementofreasons", "appeal"):
        give(apps, app_label="moderation", model=model, **{f"view_{model}": READERS})
    give(apps, app_label="accounts", model="user", view_user=ALL_ROLES)
    give(apps, app_label="accounts", model="creditentry", view_creditentry=(LEGAL,))


def dismiss_the_desk(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=(TRIAGE, LEGAL)).delete()


class Migration(migrations.Migration):
    dependencies = [("moderation", "0007_the_desk"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(staff_the_desk, dismiss_the_desk)]
