"""Where allauth meets the house: what a new account holds, and how second factors are kept."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes

from accounts import services
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request: HttpRequest, user: Any, form: BaseForm, commit: bool = True) -> User:
        """Save what the sign-up form asked; of the date of birth only the answer is kept, never the date."""
        user.full_name = form.cleaned_data["full_name"]
        user.adult_confirmed_at = timezone.now()
        user = super().save_user(request, user, form, commit=commit)
        if commit:
            services.welcome(user)
        return user

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Show a suspended person first why that is, until when, and how to appeal."""
        if request.user.is_authenticated and request.user.is_suspended:
            return reverse("takedowns:standing")
        return str(super().get_login_redirect_url(request))


class MfaAdapter(DefaultMFAAdapter):
    """Keep authenticator secrets and recovery seeds encrypted under the secret key (AES by Fernet)."""

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def encrypt_anew(self, encrypted_text: str) -> str:
        """Return a secret encrypted under the newest key, the same text where it is so already."""
        newest = Fernet(_derive(settings.SECRET_KEY))
        try:
            newest.decrypt(encrypted_text.encode())
        except InvalidToken:
            return self.encrypt(self.decrypt(encrypted_text))
        return encrypted_text

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    @staticmethod
    def _cipher() -> MultiFernet:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(secret: str | bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"velluto second factors").derive(force_bytes(secret))
    return base64.urlsafe_b64encode(key)
