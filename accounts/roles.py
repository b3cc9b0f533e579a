"""The roles of staff, and how migrations give them permissions."""

from __future__ import annotations

from typing import Any

MODERATOR = "moderator"
SENIOR_MODERATOR = "senior moderator"
CUSTODIAN = "custodian"
AUDITOR = "auditor"
ROLES = (MODERATOR, SENIOR_MODERATOR, CUSTODIAN, AUDITOR)  # those that accounts.0002_roles made
TRIAGE = "triage"
LEGAL = "legal"
ALL_ROLES = (TRIAGE, *ROLES, LEGAL)


def give(apps: Any, *, app_label: str, model: str, **permissions: tuple[str, ...]) -> None:
    """Let roles have permissions of one model, from a data migration: `give(apps, ..., view_user=(MODERATOR,))`.

    Django makes permissions only after all migrations have run, so those that are still missing are made here.
    """
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    names = dict(apps.get_model(app_label, model)._meta.permissions)
    for codename, roles in permissions.items():
        name = names.get(codename) or f"Can {codename.replace('_', ' ')}"
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        for role in roles:
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.add(permission)
