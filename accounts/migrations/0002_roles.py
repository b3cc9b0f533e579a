"""The four roles of staff, and what each may do with accounts."""

from django.db import migrations

from accounts.roles import ROLES, SENIOR_MODERATOR, give


def make_roles(apps, schema_editor):
    give(apps, app_label="accounts", model="user", view_user=ROLES, grant_credits=(SENIOR_MODERATOR,))
    give(
        apps,
        app_label="accounts",
        model="creditentry",
        view_creditentry=ROLES,
    )


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
