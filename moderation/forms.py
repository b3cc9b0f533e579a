from __future__ import annotations

from typing import Any, cast

from django import forms

from moderation import policies
from moderation.models import PolicySection
from moderation.registry import Question


class AppealForm(forms.Form):
    """Why a decision was wrong, in the person's own words."""

    words = forms.CharField(
        label="Why the decision is wrong",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=policies.LONGEST_APPEAL,
        help_text="What was misunderstood, what was not known, what we should look at.",
    )


class DecisionForm(forms.Form):
    """A choice, the policy section it rests on, and the reason that the person is told."""

    choice = forms.ChoiceField(widget=forms.RadioSelect, label="Decision")
    section = forms.ChoiceField(label="Policy section")
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The person reads exactly this. Say what you found and, where something is asked again, what helps.",
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(choice.code, f"{choice.label}: {choice.explanation}") for choice in question.choices]
        cast(forms.ChoiceField, self.fields["choice"]).choices = offered
        codes = sorted({code for choice in question.choices for code in choice.sections})
        cast(forms.ChoiceField, self.fields["section"]).choices = [
            ("", "Choose a section"),
            *((section.pk, str(section)) for section in PolicySection.objects.filter(pk__in=codes)),
        ]
