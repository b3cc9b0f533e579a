"""All settings in one file. Each value that differs between machines is read from the environment; see docs/settings.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(expand_vars=False)

DEBUG = env.bool("VELLUTO_DEBUG", default=True)
DATA_DIR = env.path("VELLUTO_DATA_DIR", default=BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True)

# ------------------------------------------------------------------------------------------------ secrets and addresses
DEVELOPMENT_KEY = "development-only-" + "x" * 50
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not DEBUG and SECRET_KEY == DEVELOPMENT_KEY:
    raise ImproperlyConfigured("VELLUTO_DEBUG is off and SECRET_KEY is not set: make one and put it in the environment.")

PUBLIC_URL = env.str("VELLUTO_PUBLIC_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# ------------------------------------------------------------------------------------------------ the house
INSTALLED_APPS = [
    "velluto",
    "accounts",
    "moderation",
    "voices",
    "consent",
    "synthesis",
    "takedowns",
    "velluto.site.VellutoAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "rest_framework",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "velluto.urls"
WSGI_APPLICATION = "velluto.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# ------------------------------------------------------------------------------------------------ databases
# SQLite as a server's database: writers queue instead of failing, and a commit survives a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;",
}


def _database(variable: str, default: Path) -> dict[str, object]:
    database = env.dj_db_url(variable, default=f"sqlite:///{default}")
    database["CONN_MAX_AGE"] = 60
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = SQLITE_OPTIONS
    return database


# `keys` holds nothing but wrapped data keys: a backup of `default` alone opens no recording, and destroyed keys stay gone.
DATABASES = {
    "default": _database("DATABASE_URL", DATA_DIR / "velluto.sqlite3"),
    "keys": _database("KEYS_DATABASE_URL", DATA_DIR / "keys" / "keys.sqlite3"),
}
if "sqlite3" in str(DATABASES["keys"]["ENGINE"]):
    Path(str(DATABASES["keys"]["NAME"])).parent.mkdir(parents=True, exist_ok=True)
DATABASE_ROUTERS = ["velluto.vault.router.KeysRouter"]

# ------------------------------------------------------------------------------------------------ storage
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "vault": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "vault"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# ------------------------------------------------------------------------------------------------ jobs
Q_CLUSTER = {
    "name": env.str("Q_CLUSTER_NAME", default="cpu"),
    "orm": "default",
    "workers": env.int("VELLUTO_WORKERS", default=1),
    "queue_limit": env.int("VELLUTO_WORKERS", default=1),
    "bulk": 1,
    "timeout": 600,
    "retry": 1900,
    "max_attempts": 0,
    "save_limit": 200,
    "catch_up": False,
    "poll": 0.2,
    "label": "Queue",
}

# ------------------------------------------------------------------------------------------------ engines
ENGINES = {
    "speaker": {"BACKEND": "velluto.engines.resemblyzer.ResemblyzerEncoder"},
    "activity": {"BACKEND": "velluto.engines.silero.SileroActivity"},
    "transcriber": {"BACKEND": "velluto.engines.pocketsphinx.PocketSphinxTranscriber"},
    "speech": {"BACKEND": "velluto.engines.cloner.ExemplarCloner"},
    "watermark": {"BACKEND": "velluto.engines.watermark.PatchworkWatermark"},
}

# ------------------------------------------------------------------------------------------------ accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_REDIRECT_URL = "home"

# ------------------------------------------------------------------------------------------------ the gate
CAPTCHA_SECONDS = 10  # the longest recording of a captcha phrase (policy 4.2)
CAPTCHA_UPLOAD_ALLOWANCE = timedelta(seconds=env.float("VELLUTO_CAPTCHA_UPLOAD_ALLOWANCE", default=3.0))
CAPTCHA_UNSTARTED = timedelta(seconds=15)

# ------------------------------------------------------------------------------------------------ language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
