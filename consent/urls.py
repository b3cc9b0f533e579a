from django.urls import include, path

from consent import invitation_views, owner_views, views

app_name = "consent"
_account = [
    path("new/", views.declare, name="declare"),
    path("<uuid:voice_id>/invitation/", invitation_views.invitation, name="invitation"),
    path("<uuid:voice_id>/invitation/again/", invitation_views.invite_again, name="invite-again"),
    path("<uuid:voice_id>/invitation/code.svg", invitation_views.invitation_qr, name="invitation-qr"),
    path("<uuid:voice_id>/gate/", views.gate, name="gate"),
    path("<uuid:voice_id>/gate/sample/", views.sample, name="sample"),
    path("<uuid:voice_id>/gate/representations/", views.representations, name="representations"),
    path("<uuid:voice_id>/gate/captcha/", views.captcha, name="captcha"),
    path("<uuid:voice_id>/gate/captcha/phrase/", views.captcha_phrase, name="captcha-phrase"),
    path("<uuid:voice_id>/gate/captcha/answer/", views.captcha_answer, name="captcha-answer"),
    path("<uuid:voice_id>/gate/statement/", views.statement, name="statement"),
    path("<uuid:voice_id>/gate/checking/<uuid:attempt_id>/", views.checking, name="checking"),
    path("<uuid:voice_id>/gate/checking/<uuid:attempt_id>/status/", views.checking_status, name="checking-status"),
    path("<uuid:voice_id>/building/status/", views.building_status, name="building-status"),
    path("<uuid:voice_id>/gate/help/", views.help_me, name="help"),
]

# The token stands in the address, so that a Voice Owner needs neither an account nor a cookie.
_owner = [
    path("", owner_views.gate, name="owner-gate"),
    path("decline/", owner_views.decline, name="owner-decline"),
    path("sample/", owner_views.sample, name="owner-sample"),
    path("captcha/", owner_views.captcha, name="owner-captcha"),
    path("captcha/phrase/", owner_views.captcha_phrase, name="owner-captcha-phrase"),
    path("captcha/answer/", owner_views.captcha_answer, name="owner-captcha-answer"),
    path("statement/", owner_views.statement, name="owner-statement"),
    path("checking/<uuid:attempt_id>/", owner_views.checking, name="owner-checking"),
    path("checking/<uuid:attempt_id>/status/", owner_views.checking_status, name="owner-checking-status"),
    path("help/", owner_views.help_me, name="owner-help"),
]

urlpatterns = [
    path("voices/", include(_account)),
    path("invitation/<str:token>/", include(_owner)),
]
