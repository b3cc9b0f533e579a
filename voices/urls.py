from django.urls import path

from voices import views

app_name = "voices"
urlpatterns = [
    path("", views.voice_list, name="list"),
    path("<uuid:voice_id>/", views.detail, name="detail"),
    path("<uuid:voice_id>/sharing/", views.sharing, name="sharing"),
    path("<uuid:voice_id>/sharing/<uuid:share_id>/end/", views.unshare, name="unshare"),
]
