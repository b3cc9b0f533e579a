"""All settings in one file. What differs between machines is read from the environment; see docs/settings.md."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from csp.constants import NONE, SELF
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
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
if not DEBUG and SECRET_KEY == DEVELOPMENT_KEY:
    raise ImproperlyConfigured(
        "VELLUTO_DEBUG is off and SECRET_KEY is not set: make one and put it in the environment."
    )


def _key(variable: str, file: str) -> str:
    """Return 32 random bytes in URL-safe base64: from the environment or, in development, a file made on first use."""
    if value := env.str(variable, default=""):
        return value
    if not DEBUG:
        raise ImproperlyConfigured(
            f"VELLUTO_DEBUG is off and {variable} is not set: put 32 random bytes (base64) there."
        )
    path = DATA_DIR / "keys" / file
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as half, suppress(FileExistsError):
            half.write(urlsafe_b64encode(os.urandom(32)).decode())
            half.flush()
            path.hardlink_to(half.name)  # a temporary file has mode 0600; of two processes that start together one wins
    return path.read_text().strip()


# A key-encryption key wraps the data keys; former ones stay in the list until `manage.py rotate_vault` has run.
VAULT_KEK = _key("VAULT_KEK", "vault.key")
VAULT_KEK_FALLBACKS: list[str] = env.list("VAULT_KEK_FALLBACKS", default=[])
# Signs the audit's checkpoints. AUDIT_PUBLIC_KEYS (hex) names the keys of earlier ones, which still count.
AUDIT_SIGNING_KEY = _key("AUDIT_SIGNING_KEY", "audit.key")
AUDIT_PUBLIC_KEYS: list[str] = env.list("AUDIT_PUBLIC_KEYS", default=[])
# Finds and forges the marks in everything ever spoken here: whoever loses it loses the detector's memory.
WATERMARK_KEY = _key("WATERMARK_KEY", "watermark.key")
# Best another machine's disk: a checkpoint is worth as much as its distance from who could rewrite the audit.
AUDIT_CHECKPOINT_DIR = env.path("AUDIT_CHECKPOINT_DIR", default=DATA_DIR / "checkpoints")

PUBLIC_URL = env.str("VELLUTO_PUBLIC_URL", default="http://localhost:8000").rstrip("/")
# Who runs this service, as terms and policies name them; `manage.py publish_texts` makes new versions of those.
_NOBODY = "an operator who is not named yet" if DEBUG else ""
_MAIL = env.str("OPERATOR_CONTACT", default="operator@localhost" if DEBUG else "")
OPERATOR = {
    "name": env.str("OPERATOR_NAME", default=_NOBODY),
    "address": env.str("OPERATOR_ADDRESS", default=""),
    "country": env.str("OPERATOR_COUNTRY", default="the country where the operator is established"),
    "contact": _MAIL,
    "takedown": env.str("OPERATOR_TAKEDOWN", default=_MAIL),
    "copyright": env.str("OPERATOR_COPYRIGHT", default=_MAIL),
    "privacy": env.str("OPERATOR_PRIVACY", default=_MAIL),
    "police": env.str("OPERATOR_POLICE", default=_MAIL),
}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one, /metrics answers this machine only
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# ------------------------------------------------------------------------------------------------ the house
INSTALLED_APPS = [
    "velluto",
    "accounts",
    "moderation",
    "voices",
    "consent",
    "synthesis",
    "takedowns",
    "velluto.site_config.VellutoAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
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
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StandingMiddleware",
    "accounts.texts.middleware.TextsMiddleware",
    "velluto.middleware.RefusalMiddleware",
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
                "velluto.context.house",
            ],
        },
    }
]

# ------------------------------------------------------------------------------------------------ databases
# SQLite as a server's database: writers queue instead of failing, and a commit survives a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON;",
}


def _database(variable: str, default: Path) -> dict[str, object]:
    database = env.dj_db_url(variable, default=f"sqlite:///{default}")
    database["CONN_MAX_AGE"] = 60
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database |= {"ENGINE": "velluto.sqlite3", "OPTIONS": SQLITE_OPTIONS}
    return database


# `keys` holds nothing but wrapped data keys: a backup of `default` alone opens no recording, and what is destroyed
# stays gone.
DATABASES = {
    "default": _database("DATABASE_URL", DATA_DIR / "velluto.sqlite3"),
    "keys": _database("KEYS_DATABASE_URL", DATA_DIR / "keys" / "keys.sqlite3"),
}
if "sqlite3" in str(DATABASES["keys"]["ENGINE"]):
    Path(str(DATABASES["keys"]["NAME"])).parent.mkdir(parents=True, exist_ok=True)
DATABASE_ROUTERS = ["velluto.vault.router.KeysRouter"]


# ------------------------------------------------------------------------------------------------ storage
def _vault() -> dict[str, object]:
    """Return where the vault's files lie: in the data folder, or in a bucket where one is named."""
    bucket = env.str("VAULT_S3_BUCKET", default="")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": DATA_DIR / "vault"},
        }
    options: dict[str, object] = {
        "bucket_name": bucket,
        "location": env.str("VAULT_S3_PREFIX", default=""),
        "endpoint_url": env.str("VAULT_S3_ENDPOINT", default="") or None,
        "region_name": env.str("VAULT_S3_REGION", default=None),
        # Without a key, boto3 looks where it always does: a role of the machine, a profile.
        "access_key": env.str("VAULT_S3_ACCESS_KEY", default=None),
        "secret_key": env.str("VAULT_S3_SECRET_KEY", default=None),
    }
    if bool(options["access_key"]) != bool(options["secret_key"]):
        raise ImproperlyConfigured("VAULT_S3_ACCESS_KEY and VAULT_S3_SECRET_KEY go together.")
    return {"BACKEND": "velluto.vault.s3.VaultS3Storage", "OPTIONS": options}


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "vault": _vault(),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of a folder that is not there
STATICFILES_DIRS = [BASE_DIR / "static"]

FILE_UPLOAD_HANDLERS = ["velluto.uploads.InMemory"]  # not a temporary file: a voice lies on no disk unencrypted
DATA_UPLOAD_MAX_NUMBER_FILES = 3  # a takedown notice comes with three at most

# ------------------------------------------------------------------------------------------------ jobs
# A message is only a wake-up call (velluto.jobs.queue), so none may decide anything: one worker process and one
# prefetched message per cluster, no result and no statistics kept, redelivery after `retry` seconds. `manage.py worker`
# starts the clusters; time limits are the jobs' own.
Q_CLUSTER = {
    "name": "velluto",
    "ALT_CLUSTERS": {"cpu": {}, "gpu": {}},
    "orm": "default",
    "workers": 1,
    "queue_limit": 1,
    "bulk": 1,
    "timeout": 30,
    "retry": 60,
    "recycle": 200,
    "save_limit": -1,
    "catch_up": False,
    "scheduler": False,
    "cache": "none",
    "poll": 0.2,
    "log_level": "WARNING",
    "label": "Queue",
}
# Clusters of each queue that one `manage.py worker` starts; each does one job at a time.
WORKER_CLUSTERS = {
    "cpu": env.int("VELLUTO_CPU_WORKERS", default=1),
    "gpu": env.int("VELLUTO_GPU_WORKERS", default=1),
}

# ------------------------------------------------------------------------------------------------ engines
ENGINES = {
    "speaker": {"BACKEND": "velluto.engines.resemblyzer.ResemblyzerEncoder"},
    "activity": {"BACKEND": "velluto.engines.silero.SileroActivity"},
    "transcriber": {"BACKEND": "velluto.engines.pocketsphinx.PocketSphinxTranscriber"},
    "speech": {"BACKEND": "velluto.engines.cloner.ExemplarCloner"},
    "watermark": {"BACKEND": "velluto.engines.patchwork.PatchworkWatermark"},
    "provenance": {"BACKEND": "velluto.engines.c2pa_provenance.C2paProvenance"},
    "screening": {"BACKEND": "velluto.engines.screener.EmbeddedScreener"},
}

# The operator's own signing certificate; without one, a development chain is made (docs/provenance.md).
C2PA_CERTIFICATE_CHAIN = env.path("C2PA_CERTIFICATE_CHAIN", default=None)
C2PA_PRIVATE_KEY = env.path("C2PA_PRIVATE_KEY", default=None)
C2PA_FORMER_CERTIFICATES = env.path("C2PA_FORMER_CERTIFICATES", default=None)
C2PA_TIMESTAMP_URL = env.str("C2PA_TIMESTAMP_URL", default=None)

# ------------------------------------------------------------------------------------------------ accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Velluto: "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_URL.partition(":")[0]

# A voice is never a login: these three are all there is beside the password.
MFA_ADAPTER = "accounts.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.ConfirmCodeForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Velluto"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG  # http://localhost; browsers refuse passkeys on any other plain address
ADMIN_REQUIRES_MFA = env.bool("ADMIN_REQUIRES_MFA", default=not DEBUG)

FREE_ALLOWANCE = env.int("VELLUTO_FREE_ALLOWANCE", default=20_000)  # characters each month

# ------------------------------------------------------------------------------------------------ sessions and browsers
# Only cookies that signing in and safe forms need; messages ride in the session (K3).
COOKIE_PREFIX = "" if DEBUG else "__Host-"  # browsers then refuse one that another host or plain http would set
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}velluto_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}velluto_csrf"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the form
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, where nothing speaks TLS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_SUBDOMAINS", default=not DEBUG)
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)  # whose X-Forwarded-For the rate limits believe
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# The recorder needs the microphone, on our own pages; nothing needs the rest.
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "microphone": "self",
    "camera": [],
    "display-capture": [],
    "geolocation": [],
    "payment": [],
    "usb": [],
}

# Rate limits count here, so it must be shared by all processes; accounts.signals makes the table.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "velluto_cache"}}

FORM_RENDERER = "velluto.forms.VellutoRenderer"

# ------------------------------------------------------------------------------------------------ e-mail
# Development prints every mail where the server runs; elsewhere EMAIL_URL names the server
# (submission://user:pw@host:587).
_email = env.dj_email_url("EMAIL_URL", default="console:" if DEBUG else "smtp://localhost:25")
EMAIL_BACKEND, EMAIL_FILE_PATH = _email["EMAIL_BACKEND"], _email["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _email["EMAIL_USE_TLS"], _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Velluto <velluto@localhost>")

# ------------------------------------------------------------------------------------------------ the gate
CAPTCHA_SECONDS = 10  # the longest recording of a captcha phrase (policy 4.2)
CAPTCHA_UPLOAD_ALLOWANCE = timedelta(seconds=env.float("VELLUTO_CAPTCHA_UPLOAD_ALLOWANCE", default=3.0))
CAPTCHA_UNSTARTED = timedelta(seconds=15)

# ------------------------------------------------------------------------------------------------ who may not come back
# How long a terminated account holder's voiceprint is kept, so that their return is noticed; 0: none is kept.
FORMER_VOICEPRINT_DAYS = env.int("VELLUTO_FORMER_VOICEPRINT_DAYS", default=365)

# ------------------------------------------------------------------------------------------------ the moderators' desk
# After so many sensitive cases, or hours at the desk without a quarter of an hour's break, it offers to stop; 0: never.
BREAK_AFTER_CASES = env.int("VELLUTO_BREAK_AFTER_CASES", default=12)
BREAK_AFTER_HOURS = env.float("VELLUTO_BREAK_AFTER_HOURS", default=2.0)

# ----------------------------------------------------------------------------------------------- legal requests
LEGAL_BUNDLE_DAYS = env.int("VELLUTO_LEGAL_BUNDLE_DAYS", default=30)  # how long a bundle is kept for an authority

# ----------------------------------------------------------------------------------------------- speaking, detecting
DETECTIONS_PER_HOUR = env.int("VELLUTO_DETECTIONS_PER_HOUR", default=60)  # from one address
DETECTIONS_PER_HOUR_WITH_KEY = env.int("VELLUTO_DETECTIONS_PER_HOUR_WITH_KEY", default=1000)  # from one account
NOTICES_PER_DAY = env.int("VELLUTO_NOTICES_PER_DAY", default=10)  # from one account, e-mail or network address
NOTICES_PER_DAY_WITH_KEY = env.int("VELLUTO_NOTICES_PER_DAY_WITH_KEY", default=500)  # from one account
REPORTS_PER_DAY = env.int("VELLUTO_REPORTS_PER_DAY", default=20)  # from one account, e-mail or network address
REPORTS_PER_DAY_WITH_KEY = env.int("VELLUTO_REPORTS_PER_DAY_WITH_KEY", default=500)  # from one account
API_CALLS_PER_MINUTE = env.int("VELLUTO_API_CALLS_PER_MINUTE", default=120)  # with one key

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "velluto.api.exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": None,
}

# ------------------------------------------------------------------------------------------------ language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
