from django.urls import path

from takedowns.notices import uploader_views, views

urlpatterns = [
    path("notices/", views.give, name="notices"),
    path("notices/sent/<str:token>/", views.sent, name="notice-sent"),
    path("notices/sent/<str:token>/recording/", views.recording, name="notice-recording"),
    path("notices/<str:token>/", views.notice, name="notice"),
    path("notices/<str:token>/recording/", views.sample, name="notice-sample"),
    path("notices/<str:token>/withdraw/", views.withdraw, name="notice-withdraw"),
    path("voices/<uuid:voice_id>/notice/", uploader_views.counter, name="counter-notice"),
]
