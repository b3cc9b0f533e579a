from django.urls import path

from synthesis import views

app_name = "synthesis"
urlpatterns = [
    path("speak/", views.speak, name="speak"),
    path("speech/", views.history, name="history"),
    path("speech/blocked/<uuid:screening_id>/", views.blocked, name="blocked"),
    path("speech/<uuid:speech_id>/", views.speech, name="speech"),
    path("speech/<uuid:speech_id>/status/", views.speech_status, name="speech-status"),
    path("speech/<uuid:speech_id>/cancel/", views.cancel, name="cancel"),
    path("speech/<uuid:speech_id>/edit/", views.edit, name="edit"),
    path("speech/<uuid:speech_id>/audio/", views.audio, name="audio"),
    path("catalogue/<uuid:voice_id>/preview/", views.preview, name="preview"),
]
