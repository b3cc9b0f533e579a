from django.urls import path

from voices import views

app_name = "voices"
urlpatterns = [
    path("", views.voice_list, name="list"),
    path("<uuid:voice_id>/", views.detail, name="detail"),
]
