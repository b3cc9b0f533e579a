"""`manage.py setup_demo`: logins to try the house with. Development only; running it again changes nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import User
from accounts.texts import services as texts

PASSWORD = "velvet-demo-login"  # noqa: S105  (refused outside development)
LOGINS = (
    ("user@example.org", "Demo Speaker", ()),
    ("moderator@example.org", "Demo Moderator", ("moderator",)),
    ("senior@example.org", "Demo Senior Moderator", ("senior moderator",)),
    ("auditor@example.org", "Demo Auditor", ("auditor",)),
)


class Command(BaseCommand):
    help = "Make the demo logins (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo logins have a published password: they are made in development only.")
        texts.publish(actor="operator:setup_demo")
        for email, name, groups in LOGINS:
            user = User.objects.filter(email=email).first() or services.open_account(
                email=email,
                password=PASSWORD,
                full_name=name,
                born_on=date(1990, 1, 1),
                email_confirmed=True,
                is_staff=bool(groups),
            )
            texts.accept(
                user,
                shown={text.sha256 for text in texts.missing(user)},
                ip_address=None,
                user_agent="manage.py setup_demo",
            )
            user.groups.set(Group.objects.filter(name__in=groups))
        self.stdout.write(json.dumps({"password": PASSWORD, "logins": [email for email, *_ in LOGINS]}))
