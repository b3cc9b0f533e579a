from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from velluto import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", pages.style, name="style"))
