"""The custodians' pages: the No-Go list, and what it met. Whoever is no custodian finds nothing here."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.client import SignedIn
from moderation import registry, services
from moderation.models import Case, Decision, NoGoEntry
from moderation.models.queue import CUSTODIAL
from moderation.services import nogo, nogo_voices
from velluto.admin import ReadOnlyAdmin
from velluto.errors import Refusal

CUSTODY = "moderation.custody_nogo"


class CustodianCase(Case):
    """A case that only custodians know of."""

    class Meta:
        proxy = True
        app_label = "moderation"
        default_permissions = ()
        verbose_name = "custodians' case"


class EntryForm(forms.Form):
    """A new entry; the names leave this page sealed."""

    names = forms.CharField(
        label="Names, one a line",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As best known, stage names, former names. Other spellings and scripts are found without.",
    )
    source = forms.ChoiceField(
        label="Why", choices=[one for one in NoGoEntry.Source.choices if one[0] != NoGoEntry.Source.RETURN]
    )
    review_on = forms.DateField(
        label="Ask again on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="when the entry is to be looked at anew",
    )
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="sealed with the names"
    )


class LookUpForm(forms.Form):
    """A name to look up; that you looked is on record."""

    name = forms.CharField(label="Name", max_length=120)


class SettleForm(forms.Form):
    """What a custodian found."""

    choice = forms.ChoiceField(widget=forms.RadioSelect, label="Decision")
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="for custodians and auditors; nobody else reads it",
    )

    def __init__(self, *args: Any, choices: list[registry.Choice], told: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told:
            self.fields["reason"].help_text = "sent word for word to who asked, where you refuse"
        field = cast(forms.ChoiceField, self.fields["choice"])
        field.choices = [(choice.code, f"{choice.label}: {choice.explanation}") for choice in choices]


class VoiceForm(forms.Form):
    audio = forms.FileField(
        label="Recording",
        help_text="20 seconds of speech or more, of this person alone, in one sitting; another recording, another day, "
        "makes another voiceprint. It is deleted once the voiceprint is made.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=300)


class CustodiansAdmin(ReadOnlyAdmin):
    """A page that only custodians find."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(CUSTODY)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CUSTODY)

    def require(self, request: HttpRequest) -> SignedIn:
        if not request.user.has_perm(CUSTODY):
            raise PermissionDenied
        return cast(SignedIn, request)

    def show(self, request: HttpRequest, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        response = TemplateResponse(request, template, {**shared, **context}, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


@admin.register(NoGoEntry)
class NoGoEntryAdmin(CustodiansAdmin):
    """The list, without a name; names stand on the page of one entry, and opening it is on record."""

    change_list_template = "moderation/nogo/list.html"
    list_display = ["entry", "source", "status", "review_on", "voiceprint_count", "match_count", "added_at"]
    list_filter = ["status", "source"]
    ordering = ["review_on"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[NoGoEntry]:
        counted = super().get_queryset(request)
        return counted.annotate(voices=Count("voiceprints", distinct=True), met=Count("matches", distinct=True))

    @admin.display(description="Entry")
    def entry(self, entry: NoGoEntry) -> str:
        return str(entry.pk)[:8]

    @admin.display(description="Voiceprints", ordering="voices")
    def voiceprint_count(self, entry: Any) -> int:
        return int(entry.voices)

    @admin.display(description="Matches", ordering="met")
    def match_count(self, entry: Any) -> int:
        return int(entry.met)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new), name="moderation_nogoentry_new"),
            path("look-up/", view(self.look_up), name="moderation_nogoentry_look_up"),
            path("<uuid:entry_id>/voice/", view(self.add_voice), name="moderation_nogoentry_voice"),
            path("<uuid:entry_id>/retire/", view(self.retire), name="moderation_nogoentry_retire"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = self.require(request)
        entry = self.get_object(request, object_id)
        if entry is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method != "GET":
            raise PermissionDenied
        details = nogo.read(entry, actor=asked.user)
        shown = {"entry": entry, "form": ReasonForm(), "voice_form": VoiceForm(), **details}
        return self.show(request, "moderation/nogo/entry.html", str(entry), **shown)

    def new(self, request: HttpRequest) -> HttpResponse:
        asked = self.require(request)
        form = EntryForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = {**form.cleaned_data, "names": form.cleaned_data["names"].split("\n")}
            try:
                nogo.add_entry(actor=asked.user, **data)
            except Refusal as refusal:
                form.add_error("names", str(refusal))
            else:
                self.message_user(request, "Added. All voices are compared with it within minutes.", messages.SUCCESS)
                return redirect("admin:moderation_nogoentry_changelist")
        return self.show(
            request, "moderation/nogo/form.html", "A new entry", 422 if form.errors else 200, form=form, button="Add it"
        )

    def look_up(self, request: HttpRequest) -> HttpResponse:
        asked = self.require(request)
        form = LookUpForm(request.POST or None)
        met = None
        if request.method == "POST" and form.is_valid():
            met = nogo.look_up(form.cleaned_data["name"], actor=asked.user)
        return self.show(
            request, "moderation/nogo/form.html", "Look a name up", form=form, button="Look it up", met=met
        )

    def add_voice(self, request: HttpRequest, entry_id: str) -> HttpResponse:
        asked = self.require(request)
        form = VoiceForm(request.POST, request.FILES)
        if request.method != "POST":
            raise PermissionDenied
        if form.is_valid():
            entry = get_object_or_404(NoGoEntry, pk=entry_id, status=NoGoEntry.Status.LISTED)
            try:
                nogo_voices.hand_in(entry, form.cleaned_data["audio"], actor=asked.user)
                self.message_user(request, "Kept. Its voiceprint is there within a minute.", messages.SUCCESS)
            except Refusal as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return redirect("admin:moderation_nogoentry_change", entry_id)

    def retire(self, request: HttpRequest, entry_id: str) -> HttpResponse:
        asked = self.require(request)
        form = ReasonForm(request.POST)
        if request.method != "POST":
            raise PermissionDenied
        if form.is_valid():
            entry = get_object_or_404(NoGoEntry, pk=entry_id)
            try:
                nogo.retire(entry, actor=asked.user, reason=form.cleaned_data["reason"])
            except Refusal as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        return redirect("admin:moderation_nogoentry_change", entry_id)


@admin.register(CustodianCase)
class CustodianCaseAdmin(CustodiansAdmin):
    """What the list met, and who asks too much: one click takes a case, decides it, or agrees as the second."""

    list_display = ["title", "severity", "credibility", "status", "due_at", "opened_at"]
    list_filter = ["status"]
    ordering = ["due_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return CustodianCase.every.filter(kind__startswith=CUSTODIAL)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:case_id>/settle/", view(self.settle), name="moderation_custodiancase_settle"),
            path("<uuid:case_id>/second/", view(self.second), name="moderation_custodiancase_second"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = self.require(request)
        case = self.get_object(request, object_id)
        if case is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method != "GET":
            raise PermissionDenied
        return self._page(asked, _as_case(case), _form(_as_case(case)))

    def settle(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Take the case and decide it."""
        asked, case = self.require(request), _case(case_id)
        form = _form(case, request.POST)
        if request.method != "POST":
            raise PermissionDenied
        if form.is_valid():
            try:
                services.claim(case, actor=asked.user)
                services.decide(case, section="3", actor=asked.user, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, "Decided.", messages.SUCCESS)
                return self._back(case)
        return self._page(asked, _case(case_id), form, status=422)

    def second(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Agree, as the second person, or not."""
        asked, case = self.require(request), _case(case_id)
        if request.method != "POST":
            raise PermissionDenied
        verb = services.approve if request.POST.get("agree") == "yes" else services.decline
        try:
            verb(case, actor=asked.user, reason=request.POST.get("reason", ""))
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        return self._back(case)

    def _back(self, case: Case) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:moderation_custodiancase_change", args=[case.pk]))

    def _page(self, request: SignedIn, case: Case, form: SettleForm, status: int = 200) -> HttpResponse:
        question = registry.question(case.kind)
        context = {
            **question.dossier(case),
            "case": case,
            "question": question,
            "decision": Decision.every.filter(case=case).exclude(status=Decision.Status.DECLINED).first(),
            "form": form,
            "now": timezone.now(),
        }
        if match := context.get("match"):
            context["details"] = nogo.read(match.entry, actor=request.user)
        return self.show(request, "moderation/nogo/case.html", case.title, status, **context)


def _case(case_id: str) -> Case:
    return get_object_or_404(Case.every.filter(kind__startswith=CUSTODIAL), pk=case_id)


def _as_case(case: Any) -> Case:
    return _case(case.pk)


def _form(case: Case, data: Any = None) -> SettleForm:
    return SettleForm(data, choices=_choices(case), told=case.kind == f"{CUSTODIAL}_request")


def _choices(case: Case) -> list[registry.Choice]:
    """Return what may be decided about this very case: a namesake is no voice, and a voice no namesake."""
    offered = registry.question(case.kind).choices
    if case.kind != nogo.KIND:
        return list(offered)
    other = {"name": "release_voice", "voice": "release_name"}[nogo.match_kind(case)]
    return [choice for choice in offered if choice.code != other]
