from django.urls import path

from voices import catalogue_views as views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("<uuid:voice_id>/", views.voice, name="voice"),
]
