"""The legal role answers authorities, from the queue like everybody; moderators and legal demand signed documents."""

from django.db import migrations

from accounts.roles import AUDITOR, LEGAL, MODERATOR, SENIOR_MODERATOR, give


def staff_the_legal_desk(apps, schema_editor):
    give(
        apps,
        app_label="takedowns",
        model="legalrequest",
        view_legalrequest=(SENIOR_MODERATOR, AUDITOR, LEGAL),
        answer_legal_request=(LEGAL,),
    )
    give(apps, app_label="moderation", model="case", claim_case=(LEGAL,))
    give(
        apps,
        app_label="takedowns",
        model="evidencedemand",
        view_evidencedemand=(MODERATOR, SENIOR_MODERATOR, AUDITOR, LEGAL),
        demand_evidence=(MODERATOR, SENIOR_MODERATOR, LEGAL),
    )


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0008_legal_requests_and_demands"), ("moderation", "0008_roles_at_the_desk")]
    operations = [migrations.RunPython(staff_the_legal_desk, migrations.RunPython.noop)]
