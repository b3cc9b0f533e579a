"""The kernel alone, with jobs made to be killed: quick to start, and nothing else that could be lost."""

from velluto.settings import *  # noqa: F403

INSTALLED_APPS = ["velluto", "tests.faults", "django.contrib.contenttypes", "django.contrib.auth", "django_q"]
AUTH_USER_MODEL = "auth.User"
WORKER_CLUSTERS = {"cpu": 2, "gpu": 1}
MIDDLEWARE = []
