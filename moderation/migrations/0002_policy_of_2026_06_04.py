from django.db import migrations

from moderation.policy import sections

VERSION = "2026-06-04"


def publish(apps, schema_editor):
    PolicySection = apps.get_model("moderation", "PolicySection")
    for code, title, text in sections(VERSION):
        PolicySection.objects.update_or_create(code=code, defaults={"title": title, "text": text})


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_the_queue")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
