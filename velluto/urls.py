"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path

from accounts import api as accounts_api
from moderation import api as moderation_api
from synthesis import api as synthesis_api
from synthesis import views as synthesis
from takedowns.notices import api as notices_api
from velluto import pages, watching

api = (
    [
        path("me", accounts_api.me, name="me"),
        path("detections", synthesis_api.detections, name="detections"),
        path("detections/<uuid:detection_id>", synthesis_api.detection, name="detection"),
        path("reports", moderation_api.report_something, name="reports"),
        path("reports/<uuid:report_id>", moderation_api.report, name="report"),
        path("notices", notices_api.notices, name="notices"),
        path("notices/<uuid:notice_id>", notices_api.notice, name="notice"),
    ],
    "api",
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("legal/", include("accounts.texts.urls")),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("voices/", include("voices.urls")),
    path("", include("consent.urls")),
    path("catalogue/", include("voices.catalogue_urls")),
    path("", include("synthesis.urls")),
    path("", include("moderation.urls")),
    path("", include("takedowns.urls")),
    path("", include("takedowns.owners.urls")),
    path("owner-request/", include("takedowns.requests.urls")),
    path("detector/", synthesis.detector, name="detector"),
    path("detector/<uuid:detection_id>/", synthesis.detection, name="detection"),
    path("detector/<uuid:detection_id>/status/", synthesis.detection_status, name="detection-status"),
    path("api/v1/", include(api)),
    path("admin/", admin.site.urls),
    path("style/", pages.style, name="style"),
    path("healthz", watching.healthz, name="healthz"),
    path("readyz", watching.readyz, name="readyz"),
    path("metrics", watching.metrics, name="metrics"),
]
