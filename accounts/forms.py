"""The forms of an account: allauth's, said in the words of the house, and the correction of one's own name."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import policies
from accounts.models import ApiKey, User
from velluto.errors import Refusal


class Plain:
    """Drop placeholders, which vanish when one types, and help that the page itself gives."""

    fields: dict[str, forms.Field]
    labels = {
        "login": "E-mail address",
        "email": "E-mail address",
        "oldpassword": "The password you have now",
        "password2": "The new password again",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)


class LoginForm(Plain, allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class AddEmailForm(Plain, allauth.AddEmailForm):
    labels = {"email": "New address"}


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):
    pass


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, allauth.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):
    pass


class CodeForm(Plain, mfa.AuthenticateForm):
    pass


class ConfirmCodeForm(Plain, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(Plain, totp.ActivateTOTPForm):
    labels = {"code": "The six digits"}


class AddPasskeyForm(Plain, webauthn.AddWebAuthnForm):
    labels = {"passwordless": "Sign me in with it alone, without my password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if passwordless := self.fields.get("passwordless"):
            passwordless.initial = True
            passwordless.help_text = "Your device then asks for your fingerprint, your face or its PIN each time."


class SignupForm(Plain, allauth.SignupForm):
    full_name = forms.CharField(
        label="Full name",
        max_length=120,
        help_text="As you say it aloud: you will read it in your consent statement.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    born_on = forms.DateField(
        label="Date of birth",
        help_text="To see that you are 18 or over. We keep the answer, not the date.",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    field_order = ["full_name", "email", "born_on", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "At least 10 characters. A few words that mean something to you are good."

    def clean_full_name(self) -> str:
        return " ".join(self.cleaned_data["full_name"].split())

    def clean_password1(self) -> str:
        """Refuse a password that is the person's own name; allauth compares it with the address only."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, user=User(full_name=self.cleaned_data.get("full_name", "")))
        return password

    def clean_born_on(self) -> date:
        born_on: date = self.cleaned_data["born_on"]
        try:
            policies.require_adult(born_on, today=timezone.localdate())
        except Refusal as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal
        return born_on


class ApiKeyForm(forms.Form):
    id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=60, help_text="What the key is for. Only you see it.")
    scopes = forms.MultipleChoiceField(
        label="What it may do", choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label="It works for", coerce=int, choices=[(30, "30 days"), (90, "90 days"), (365, "a year")], initial=90
    )


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["full_name", "display_name"]
