from django.urls import include, path

from takedowns import views
from takedowns.evidence import urls as evidence
from takedowns.listing.urls import urlpatterns as listing
from takedowns.privacy.urls import urlpatterns as privacy
from takedowns.retention.urls import urlpatterns as retention

app_name = "takedowns"
urlpatterns = [
    path("", include("takedowns.notices.urls")),
    path("voices/<uuid:voice_id>/delete/", views.withdraw, name="withdraw"),
    path("voices/<uuid:voice_id>/end/", views.end, name="end"),
    path("account/standing/", views.standing, name="standing"),
    path("copies/<str:token>/", views.copy, name="copy"),
    path("certificates/<str:token>/", views.certificate, name="certificate"),
    path("certificates/<str:token>/signed.json", views.certificate_json, name="certificate-json"),
    *evidence.urlpatterns,
    *listing,
    *privacy,
    *retention,
]
