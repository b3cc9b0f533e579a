"""What is sworn in a takedown notice: the policy's words for a Voice Owner, and our own for who acts for one."""

import hashlib
from datetime import datetime, timezone
from pathlib import Path

from django.db import migrations

VERSION = "2026-06-04"
TEXTS = Path(__file__).parent.parent / "texts"


def publish(apps, schema_editor):
    Attestation = apps.get_model("consent", "Attestation")
    for kind in ("notice", "notice_for"):
        text = (TEXTS / f"{kind}-{VERSION}.txt").read_text(encoding="utf-8").rstrip("\n")
        Attestation.objects.update_or_create(
            kind=kind,
            version=VERSION,
            defaults={
                "text": text,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "in_use_from": datetime(2026, 6, 4, tzinfo=timezone.utc),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("takedowns", "0010_notices"), ("consent", "0010_what_a_claimant_swears")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
