from django.urls import path

from takedowns.privacy import views

urlpatterns = [
    path("account/privacy/", views.overview, name="privacy"),
    path("account/privacy/data/", views.access, name="privacy-data"),
    path("account/privacy/export/", views.export, name="privacy-export"),
    path("account/privacy/exports/<uuid:request_id>/", views.download, name="privacy-download"),
    path("account/privacy/restrict/", views.restrict, name="privacy-restrict"),
    path("account/privacy/restrict/lift/", views.lift_restriction, name="privacy-lift"),
    path("account/privacy/ask/", views.ask, name="privacy-ask"),
    path("account/privacy/erase/", views.erase, name="privacy-erase"),
    path("privacy/", views.outside, name="privacy-outside"),
    path("privacy/sent/", views.sent, name="privacy-sent"),
    path("privacy/<str:token>/", views.by_link, name="privacy-request"),
    path("privacy/<str:token>/signed.json", views.certificate, name="privacy-certificate"),
]
