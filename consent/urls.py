from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from consent import gate, invitation_views, owner_views, views

app_name = "consent"


def _steps(through: Callable[..., Any], prefix: str = "") -> list[URLPattern]:
    """Return the pages of the gate, each behind this door."""
    pages = (
        ("authorisation/", gate.authorisation, "authorisation"),
        ("sample/", gate.sample, "sample"),
        ("captcha/", gate.captcha, "captcha"),
        ("captcha/phrase/", gate.captcha_phrase, "captcha-phrase"),
        ("captcha/answer/", gate.captcha_answer, "captcha-answer"),
        ("statement/", gate.statement, "statement"),
        ("checking/<uuid:attempt_id>/", gate.checking, "checking"),
        ("checking/<uuid:attempt_id>/status/", gate.checking_status, "checking-status"),
        ("help/", gate.help_me, "help"),
    )
    return [path(where, through(page), name=prefix + name) for where, page, name in pages]


_account: list[URLPattern | URLResolver] = [
    path("new/", views.declare, name="declare"),
    path("<uuid:voice_id>/invitation/", invitation_views.invitation, name="invitation"),
    path("<uuid:voice_id>/invitation/again/", invitation_views.invite_again, name="invite-again"),
    path("<uuid:voice_id>/invitation/code.svg", invitation_views.invitation_qr, name="invitation-qr"),
    path("<uuid:voice_id>/gate/", views.gate, name="gate"),
    path("<uuid:voice_id>/gate/", include(_steps(views.through_account))),
    path("<uuid:voice_id>/gate/representations/", views.representations, name="representations"),
    path("<uuid:voice_id>/building/status/", views.building_status, name="building-status"),
]

# The token stands in the address, so that a Voice Owner needs neither an account nor a cookie.
_owner: list[URLPattern | URLResolver] = [
    path("", owner_views.gate, name="owner-gate"),
    path("decline/", owner_views.decline, name="owner-decline"),
    path("", include(_steps(owner_views.through_link, "owner-"))),
]

urlpatterns = [
    path("voices/", include(_account)),
    path("invitation/<str:token>/", include(_owner)),
]
