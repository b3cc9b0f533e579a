import hashlib
from datetime import datetime, timezone
from pathlib import Path

from django.db import migrations

VERSION = "2026-06-04"
TEXT = Path(__file__).parent.parent / "texts" / f"voice-owner-{VERSION}.txt"


def publish(apps, schema_editor):
    text = TEXT.read_text(encoding="utf-8").rstrip("\n")
    apps.get_model("consent", "Attestation").objects.update_or_create(
        kind="voice_owner",
        version=VERSION,
        defaults={
            "text": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "in_use_from": datetime(2026, 6, 4, tzinfo=timezone.utc),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_the_voice_owners_permission")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
