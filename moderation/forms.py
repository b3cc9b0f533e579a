from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Status, User
from moderation import policies
from moderation.models import Case, PolicySection, Report
from moderation.registry import Question
from moderation.reporting import Found


class AppealForm(forms.Form):
    """Why a decision was wrong, in the person's own words."""

    words = forms.CharField(
        label="Why the decision is wrong",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=policies.LONGEST_APPEAL,
        help_text="What was misunderstood, what was not known, what we should look at.",
    )


class DecisionForm(forms.Form):
    """A choice, the policy section it rests on, and the reason that the person is told.

    `seen` is the number of the newest audit row when the page was shown (moderation.services.seen_now).
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    choice = forms.ChoiceField(
        widget=forms.RadioSelect, label="Decision", error_messages={"required": "Choose what is to be done."}
    )
    section = forms.ChoiceField(
        label="Policy section", error_messages={"required": "Say on which section of the policy this rests."}
    )
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Give the reason: the person is told it."},
        help_text="The person reads exactly this. Say what you found and, where something is asked again, what helps.",
    )
    notes = forms.CharField(
        label="Notes for colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the decision and sent to nobody.",
    )

    def __init__(self, *args: Any, question: Question, decider: User, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {choice.code: choice for choice in question.choices_for(decider) if choice.suits(case)}
        cast(forms.ChoiceField, self.fields["choice"]).choices = [
            (choice.code, choice.label) for choice in self.offered.values()
        ]
        if self.offered and all(choice.silent for choice in self.offered.values()):
            self.fields["reason"].help_text = "Kept with the decision. The person is not sent it."
            self.fields["reason"].error_messages["required"] = "Give the reason: it is kept with the decision."
        codes = sorted({code for choice in self.offered.values() for code in choice.sections})
        cast(forms.ChoiceField, self.fields["section"]).choices = [
            ("", "Choose a section"),
            *((section.pk, str(section)) for section in PolicySection.objects.filter(pk__in=codes)),
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a section that the chosen choice does not rest on."""
        cleaned = super().clean() or {}
        choice, section = self.offered.get(cleaned.get("choice", "")), cleaned.get("section")
        if choice and section and section not in choice.sections:
            self.add_error("section", f"“{choice.label}” rests on one of these: {', '.join(choice.sections)}.")
        return cleaned


class SecondForm(forms.Form):
    """What a second person says to a proposed decision."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(
        label="What you say to it",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For colleagues; it stays on record beside your name. To decline it, say why.",
    )


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_short_name()} ({obj.email})"


class HandOverForm(forms.Form):
    to = ColleagueField(label="Colleague", queryset=User.objects.none(), empty_label="Choose a colleague")
    reason = forms.CharField(label="Why", max_length=300, help_text="Your colleague and the audit read it.")

    def __init__(self, *args: Any, case: Case, question: Question, giver: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "hand_%s", **kwargs})
        cast(ColleagueField, self.fields["to"]).queryset = colleagues(case, question).exclude(pk=giver.pk)


class SavedViewForm(forms.Form):
    name = forms.CharField(label="Name of this view", max_length=40)
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


def colleagues(case: Case, question: Question) -> QuerySet[User]:
    """Return those to whom a case can be handed: staff who may decide it, and whom nothing bars from it."""
    may = Q(is_superuser=True)
    for permission in {choice.permission for choice in question.choices}:
        app, _, codename = permission.partition(".")
        held = {"content_type__app_label": app, "codename": codename}
        may |= Q(**{f"groups__permissions__{key}": value for key, value in held.items()})
        may |= Q(**{f"user_permissions__{key}": value for key, value in held.items()})
    staff = User.objects.filter(may, is_staff=True, status=Status.ACTIVE)
    apart = [case.about_id, *case.barred.values_list("pk", flat=True)]
    return staff.exclude(pk__in=[pk for pk in apart if pk]).order_by("email").distinct()


class ReportForm(forms.Form):
    """What is wrong, with what of that which a reference leads to, and where the answer goes."""

    what = forms.ChoiceField(label="What is wrong", widget=forms.RadioSelect)
    category = forms.ChoiceField(label="What it is", choices=[("", "Choose one"), *Report.Category.choices])
    words = forms.CharField(
        label="In your own words",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=policies.LONGEST_REPORT,
        help_text="Where you came across it, and why it should not be. Only those who decide read this.",
    )
    email = forms.EmailField(
        label="Your e-mail address", help_text="We confirm your report and tell you what came of it. It stays with us."
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)  # a form sent twice reports once

    def __init__(self, *args: Any, found: dict[str, Found], signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what = cast(forms.ChoiceField, self.fields["what"])
        what.choices = [(code, thing.subject.label) for code, thing in found.items()]
        what.initial = next(iter(found))
        if signed_in:
            del self.fields["email"]
