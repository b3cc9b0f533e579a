from django.urls import path

from takedowns.requests import views

app_name = "owner-requests"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("sent/", views.sent, name="sent"),
    path("<str:token>/", views.show, name="request"),
    path("<str:token>/sample/", views.sample, name="sample"),
    path("<str:token>/phrase/", views.phrase, name="phrase"),
    path("<str:token>/answer/", views.answer, name="answer"),
    path("<str:token>/status/", views.status, name="status"),
]
