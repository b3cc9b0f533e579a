from __future__ import annotations

from django import forms


class WithdrawForm(forms.Form):
    copy = forms.BooleanField(
        label="Send me a copy of the recordings first",
        required=False,
        help_text="You get a link by e-mail. The recordings are destroyed a day after you fetched them, or in 29 days.",
    )
