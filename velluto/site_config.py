"""The admin app with our own site; apart from `velluto.site`, which needs the models that this is loaded before."""

from django.contrib.admin.apps import AdminConfig


class VellutoAdminConfig(AdminConfig):
    default_site = "velluto.site.VellutoAdminSite"
