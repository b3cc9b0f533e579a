"""What a Voice Owner changes about what they allow, and how they take it back."""

from __future__ import annotations

from typing import Any

from django import forms

from consent.owner_forms import GrantForm
from consent.policies import Scope


class NarrowForm(GrantForm):
    """Offers what is allowed now; whatever is not ticked is taken back. No signature is needed."""

    def __init__(self, *args: Any, granted: Scope, **kwargs: Any) -> None:
        initial = {
            "commercial": granted.commercial,
            "sharing": granted.sharing,
            "languages": sorted(granted.languages),
            "until": granted.until,
        }
        super().__init__(*args, asked=granted, initial=initial, auto_id="narrow_%s", **kwargs)
        for name in ("born_on", "signature", "agreed", "shown_sha256"):
            del self.fields[name]


class SignAnewForm(GrantForm):
    """Offers what was asked for at the beginning; more than is allowed now is signed anew."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="anew_%s", **kwargs)
        del self.fields["born_on"]  # asked for at the first signature
        self.fields["agreed"].label = "I consent to what stands under “What you sign”, for all that is ticked here"


class EndForm(forms.Form):
    """Withdraw for good, and what becomes of the recordings."""

    copy = forms.BooleanField(
        label="I want a copy of my recordings",
        required=False,
        help_text="It waits under your link for 29 days; the recordings are destroyed a day after you fetched it.",
    )
    email = forms.EmailField(
        label="Tell me by e-mail",
        required=False,
        help_text="For the copy and the certificate. It is kept encrypted, and destroyed when the certificate is sent.",
    )
