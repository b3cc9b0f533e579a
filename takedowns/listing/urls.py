from django.urls import path

from takedowns.listing import views

urlpatterns = [
    path("no-go/", views.ask, name="listing"),
    path("no-go/sent/", views.sent, name="listing-sent"),
    path("no-go/<str:token>/", views.standing, name="listing-standing"),
    path("no-go/<str:token>/sample/", views.sample, name="listing-sample"),
    path("no-go/<str:token>/phrase/", views.phrase, name="listing-phrase"),
    path("no-go/<str:token>/answer/", views.answer, name="listing-answer"),
    path("no-go/<str:token>/status/", views.status, name="listing-status"),
]
