from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [
    path("new/", views.declare, name="declare"),
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
