"""What each role of staff may do with each model in the admin: view, add, change, delete, and what else there is."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from tests.doors.house import STAFF, House, staff, undone

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

# Triage, moderator, senior moderator, custodian, auditor, legal, superuser (with a second factor).
# v: view, a: add, c: change; nobody deletes anything in the admin. Services write, and the audit remembers.
MODELS = {
    #                                t     m     M     c     A     L     superuser
    "accounts.apikey":              ("-",  "-",  "v",  "-",  "v",  "-",  "v"),
    "accounts.creditentry":         ("-",  "v",  "v",  "v",  "v",  "v",  "v"),
    "accounts.sanction":            ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "accounts.user":                ("v",  "v",  "v",  "v",  "v",  "v",  "vc"),
    "consent.document":             ("-",  "v",  "v",  "-",  "v",  "v",  "v"),
    "consent.forbiddenattempt":     ("-",  "v",  "v",  "-",  "v",  "v",  "v"),
    "moderation.appeal":            ("v",  "v",  "v",  "-",  "v",  "v",  "v"),
    "moderation.case":              ("v",  "v",  "v",  "-",  "v",  "v",  "v"),
    "moderation.custodiancase":     ("-",  "-",  "-",  "v",  "-",  "-",  "v"),
    "moderation.decision":          ("v",  "v",  "v",  "-",  "v",  "v",  "v"),
    "moderation.nogoentry":         ("-",  "-",  "-",  "v",  "-",  "-",  "v"),
    "moderation.policysection":     ("v",  "v",  "v",  "-",  "v",  "v",  "v"),
    "moderation.statementofreasons": ("v", "v",  "v",  "-",  "v",  "v",  "v"),
    "synthesis.freeze":             ("-",  "va", "vac", "-", "v",  "-",  "vac"),
    "synthesis.screening":          ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "moderation.report":            ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "synthesis.output":             ("-",  "-",  "-",  "-",  "-",  "-",  "v"),
    "takedowns.deadline":           ("-",  "v",  "v",  "v",  "v",  "v",  "v"),
    "takedowns.ownerrequest":       ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "takedowns.evidencedemand":     ("-",  "v",  "v",  "-",  "v",  "v",  "v"),
    "takedowns.legalrequest":       ("-",  "-",  "v",  "-",  "v",  "v",  "v"),
    "takedowns.notice":             ("-",  "v",  "v",  "-",  "v",  "v",  "v"),
    "takedowns.notifierbar":        ("-",  "-",  "v",  "-",  "v",  "-",  "v"),
    "takedowns.destruction":        ("-",  "-",  "v",  "-",  "v",  "v",  "v"),
    "takedowns.privacyrequest":     ("-",  "v",  "v",  "-",  "v",  "v",  "v"),
    "takedowns.policereferral":     ("-",  "-",  "v",  "v",  "v",  "-",  "v"),
    "takedowns.revocation":         ("-",  "v",  "v",  "v",  "v",  "-",  "v"),
    "velluto.auditevent":           ("-",  "-",  "-",  "-",  "v",  "-",  "v"),
    "velluto.job":                  ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "voices.catalogueentry":        ("-",  "v",  "v",  "-",  "v",  "-",  "v"),
    "voices.recording":             ("-",  "-",  "-",  "-",  "-",  "-",  "v"),
    "voices.rightsrecord":          ("-",  "-",  "v",  "-",  "v",  "-",  "v"),
    "voices.voice":                 ("-",  "-",  "-",  "-",  "-",  "-",  "v"),
}  # fmt: skip
# Whatever else a role may do; a superuser may do all of it.
DEEDS = {
    "accounts.grant_credits": "M",
    "consent.read_document": "mML",
    "moderation.approve_decision": "M",
    "moderation.claim_case": "tmMcL",
    "moderation.custody_nogo": "c",
    "moderation.decide_case": "mM",
    "moderation.listen_recording": "mMc",
    "synthesis.add_freeze": "mM",
    "synthesis.lift_freeze": "M",
    "takedowns.answer_legal_request": "L",
    "takedowns.demand_evidence": "mML",
    "velluto.retry_job": "M",
    "voices.publish_voice": "M",
}
VERBS = ("view", "add", "change", "delete")


def people() -> list[User]:
    return [*(staff(role) for role in STAFF), User.objects.create_superuser("boss@example.org", "x", full_name="B")]


def allowed(model: type, person: User) -> str:
    request = RequestFactory().get("/")
    request.user = person
    page = admin.site.get_model_admin(model)
    verbs = "".join(verb[0] for verb in VERBS if getattr(page, f"has_{verb}_permission")(request))
    return verbs or "-"


def test_each_role_may_do_with_each_model_what_stands_here():
    staff_of_all_kinds = people()
    found = {
        model._meta.label_lower: tuple(allowed(model, person) for person in staff_of_all_kinds)
        for model in admin.site._registry
    }
    assert found == MODELS


def test_the_roles_hold_no_other_permission():
    held = {}
    for role, name in STAFF.items():
        for app, codename in Permission.objects.filter(group__name=name).values_list(
            "content_type__app_label", "codename"
        ):
            held[f"{app}.{codename}"] = held.get(f"{app}.{codename}", "") + role
    deeds = {
        deed: "".join(sorted(roles, key="".join(STAFF).index)) for deed, roles in held.items() if ".view_" not in deed
    }
    assert deeds == DEEDS


def test_the_pages_of_each_model_open_to_whom_the_table_says(house: House):
    wrong = []
    for model, columns in MODELS.items():
        key, name = house.objects[model].pk, model.replace(".", "_")
        for role, verbs in zip(STAFF, columns, strict=False):
            pages = {"changelist": (), "change": (key,), "history": (key,), "add": (), "delete": (key,)}
            for page, args in pages.items():
                path = reverse(f"admin:{name}_{page}", args=args)
                status = house.ask(role, "get", f"admin:{name}_{page}", path).status_code
                verb = page[0] if page in ("add", "change", "delete") else "v"
                open_ = ("v" if page == "change" else verb) in verbs
                if status != (200 if open_ else 403):
                    wrong.append(f"{page} of {model} as {role}: {status}")
                if page in ("change", "add", "delete") and model != "moderation.case":
                    with undone():
                        status = house.clients[role].post(path, {"post": "yes"}).status_code
                    if (status == 403) == (verb in verbs):
                        wrong.append(f"post {page} of {model} as {role}: {status}")
        for role in "aoupS":
            if house.ask(role, "get", f"admin:{name}_changelist").status_code != 302:
                wrong.append(f"{model} as {role}")
    assert wrong == []


def test_an_auditor_reads_the_audit_and_cases_and_hears_nothing(house: House):
    client = house.clients["A"]
    case = client.get(reverse("admin:moderation_case_change", args=[house.named["case_id"]]))
    assert case.status_code == 200
    page = case.content.decode()
    assert "<audio" not in page
    assert "Claim this case" not in page
    assert client.get(reverse("admin:velluto_auditevent_changelist")).status_code == 200
    assert house.ask("A", "get", "admin:voices_recording_audio").status_code == 403
    moderator = house.clients["m"].get(reverse("admin:moderation_case_change", args=[house.named["case_id"]]))
    assert "<audio" in moderator.content.decode()
    assert "Claim this case" in moderator.content.decode()
