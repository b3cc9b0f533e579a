"""What the roles of staff may do at the queue."""

from django.db import migrations

from accounts.roles import AUDITOR, MODERATOR, SENIOR_MODERATOR, give

DECIDERS = (MODERATOR, SENIOR_MODERATOR)
READERS = (*DECIDERS, AUDITOR)


def open_the_queue(apps, schema_editor):
    give(apps, app_label="moderation", model="case", view_case=READERS, decide_case=DECIDERS, listen_recording=DECIDERS)
    give(apps, app_label="moderation", model="decision", view_decision=READERS)
    give(apps, app_label="velluto", model="job", view_job=READERS, retry_job=(SENIOR_MODERATOR,))
    give(apps, app_label="moderation", model="policysection", view_policysection=READERS)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_policy_of_2026_06_04"), ("accounts", "0002_roles"), ("velluto", "0002_jobs")]
    operations = [migrations.RunPython(open_the_queue, migrations.RunPython.noop)]
