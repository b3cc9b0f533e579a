from django.urls import path

from moderation import views

app_name = "moderation"
urlpatterns = [path("appeals/<str:token>/", views.appeal, name="appeal")]
