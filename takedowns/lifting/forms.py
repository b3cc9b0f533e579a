from __future__ import annotations

from typing import Any, cast

from django import forms

from moderation.models import PolicySection
from takedowns.lifting.questions import SECTIONS


class LiftForm(forms.Form):
    """Why something is lifted; the person reads it, where the person is told."""

    section = forms.ChoiceField(label="Policy section")
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Say what was found. Where the person is told, they read exactly this.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = PolicySection.objects.filter(pk__in=SECTIONS)
        cast(forms.ChoiceField, self.fields["section"]).choices = [
            ("", "Choose a section"),
            *((section.pk, str(section)) for section in found),
        ]
