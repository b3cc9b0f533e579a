from django.urls import path

from takedowns.retention import views

urlpatterns = [
    path("retention/", views.schedule, name="retention"),
    path("retention/keep/<str:token>/", views.keep, name="keep"),
]
