from django.urls import path

from moderation import report_views, views

app_name = "moderation"
urlpatterns = [
    path("appeals/<str:token>/", views.appeal, name="appeal"),
    path("report/", report_views.overview, name="reports"),
    path("report/sent/", report_views.sent, name="report-sent"),
    path("report/<str:reference>/", report_views.report, name="report"),
    path("reports/<str:token>/", report_views.report_status, name="report-status"),
]
