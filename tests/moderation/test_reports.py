"""Anybody reports what was made here, a person decides, and whoever reported it is told what came of it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from accounts import keys
from accounts.models import Status, User
from moderation import policies, refusals, registry, reporting, services
from moderation.models import Appeal, Case, Report, StatementOfReasons
from moderation.services import appeals, reports
from synthesis.models import Output
from tests import factories, standins
from tests.doors.house import sign_in
from tests.moderation.reported import decide, detected, report
from velluto import jobs
from velluto.audit.models import AuditEvent
from voices.models import Voice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def found(db) -> str:
    reference = detected()
    jobs.drain()
    mail.outbox.clear()
    return reference


def letters(to: str) -> list[str]:
    jobs.drain()
    return [f"{letter.subject}\n{letter.body}" for letter in mail.outbox if letter.to == [to]]


def link(letter: str, page: str) -> str:
    match = re.search(rf"(/{page}/[^/\s]+/)", letter)
    assert match, letter
    return match[1]


def test_from_the_detectors_answer_a_stranger_reports_confirms_and_learns_the_outcome_but_never_who(found, client):
    detection, _, _ = found.partition(".")
    output = Output.objects.get()
    page = client.get(f"/detector/{detection}/").content.decode()
    assert f'href="/report/{found}/"' in page and str(output.pk) not in page
    form = {"what": "output", "category": "fraud", "words": "He called my bank.", "email": "Ann@example.org"}
    sent = client.post(f"/report/{found}/", {**form, "key": str(uuid4())})
    assert sent.headers["Location"] == "/report/sent/"

    (confirmation,) = letters("ann@example.org")
    status = link(confirmation, "reports")
    assert "Yes, this address is mine" in client.get(status).content.decode()
    before = Report.objects.get().credibility
    client.post(status)
    made = Report.objects.get()
    assert made.credibility > before and made.case.credibility == made.credibility

    decide(made.case, "delete")
    outcome = letters("ann@example.org")[-1]
    assert "something was done" in outcome and "3 Voices you may never clone" in outcome
    account = output.request.account
    everything = " ".join(
        [confirmation, outcome, *(client.get(link(outcome, page)).content.decode() for page in ("reports", "appeals"))]
    )
    everything = everything.replace("My voice was cloned", "")  # a link at the foot of each page
    for secret in (account.email, account.full_name, output.request.voice.name, "A reason for the account.", "bank"):
        assert secret not in everything
    (reasons,) = letters(account.email)
    assert "A reason for the account." in reasons and "ann@" not in reasons and "bank" not in reasons


def test_reports_of_one_thing_press_one_case_and_each_reporter_is_told(found):
    first = report(found, category="misinformation")
    second = report(found, email="bob@example.org", category="intimate")
    case = Case.objects.get(kind="synthesis.output_report")
    assert first.case == second.case == case
    assert (case.severity, case.due_at < first.case.due_at) == (Case.Severity.GRAVE, True)
    decide(case, "dismiss")
    for who in ("ann@example.org", "bob@example.org"):
        assert "nothing was done" in letters(who)[-1]
    assert set(Report.objects.values_list("status", flat=True)) == {Report.Status.NOT_ACTED}
    assert not StatementOfReasons.objects.filter(decision__case=case).exists()  # nobody learns of a dismissed report


def test_words_and_address_are_sealed_and_in_no_audit_row(found):
    made = report(found)
    assert b"bank" not in bytes(made.words) and b"ann@" not in bytes(made.address)
    assert reports.words_of(made) == "He called my bank."
    told = " ".join(str(event.data) + event.actor + event.reason for event in AuditEvent.objects.all())
    assert "ann@" not in told and "bank" not in told


def test_a_deleted_output_is_gone_and_the_statement_says_that_somebody_reported_it(found):
    made = report(found)
    decide(made.case, "delete")
    assert Output.objects.get().deleted_at is not None
    fields = StatementOfReasons.objects.get(decision__case=made.case).fields
    assert (fields["source_type"], fields["automated_detection"]) == ("SOURCE_ARTICLE_16", "No")
    assert fields["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]


def test_a_reported_voice_is_suspended_cannot_speak_and_an_appeal_restores_it_and_tells_the_reporter(found):
    made = report(found, "voice", category="no_consent")
    voice = Voice.objects.get()
    decide(made.case, "suspend")
    voice.refresh_from_db()
    assert voice.status == Voice.Status.SUSPENDED
    with pytest.raises(Exception, match="not in force"):
        standins.asked(voice)
    appeals.file(link(letters(voice.account.email)[-1], "appeals").split("/")[2], words="It is my voice.")
    decide(Case.objects.get(kind="moderation.appeal"), "overturn")
    voice.refresh_from_db()
    made.refresh_from_db()
    assert (voice.status, made.status) == (Voice.Status.ACTIVE, Report.Status.NOT_ACTED)
    assert "reversed" in letters("ann@example.org")[-1]


def test_the_reporter_appeals_a_dismissal_and_somebody_else_decides_anew(found):
    made = report(found)
    dismissed = decide(made.case, "dismiss")
    appeals.file(link(letters("ann@example.org")[-1], "appeals").split("/")[2], words="Listen again.")
    appeal = Case.objects.get(kind="moderation.appeal")
    second = decide(appeal, "overturn")
    made.refresh_from_db()
    assert (made.status, made.case_id != dismissed.case_id) == (Report.Status.RECEIVED, True)
    assert set(made.case.barred.all()) == {dismissed.decided_by, second.decided_by}
    assert "looked at again" in letters("ann@example.org")[-1]
    decide(made.case, "delete")
    assert "something was done" in letters("ann@example.org")[-1]


def test_a_reporter_is_told_that_a_dismissal_stands(found):
    made = report(found)
    decide(made.case, "dismiss")
    appeals.file(link(letters("ann@example.org")[-1], "appeals").split("/")[2], words="Listen again.")
    decide(Case.objects.get(kind="moderation.appeal"), "uphold")
    assert "the decision about your report stands" in letters("ann@example.org")[-1]
    assert Appeal.objects.get().status == Appeal.Status.UPHELD


@pytest.mark.parametrize("what", ["output", "user"])
def test_a_look_at_the_account_takes_the_reports_along_and_what_is_decided_there_is_their_outcome(found, what):
    made = report(found, what)
    decide(made.case, "review")
    made.refresh_from_db()
    assert (made.status, made.case.kind) == (Report.Status.RECEIVED, "accounts.conduct")
    account = Voice.objects.get().account
    choice = next(one for one in registry.question("accounts.conduct").choices if "suspend" in one.code)
    decide(made.case, choice.code, section=choice.sections[0])
    account.refresh_from_db()
    assert account.status == Status.SUSPENDED and "something was done" in letters("ann@example.org")[-1]


def test_a_voice_that_is_deleted_closes_its_reports(found):
    from consent import services as consent

    made = report(found, "voice")
    voice = Voice.objects.get()
    consent.withdraw(voice, actor=voice.account, reason="changed my mind")
    made.refresh_from_db()
    assert (made.status, made.case.status) == (Report.Status.NOT_ACTED, Case.Status.DECIDED)
    assert "is gone" in letters("ann@example.org")[-1]


def test_what_one_may_not_know_of_is_not_there_and_nobody_reports_himself(found, client):
    voice = Voice.objects.get()
    stranger = factories.make_user()
    for who, expected in ((None, set()), (stranger, set()), (voice.account, {"voice"})):
        assert set(reporting.find(str(voice.pk), who)) == expected
    assert set(reporting.find(str(Output.objects.get().request_id), voice.account)) == {"output", "voice"}
    assert set(reporting.find(found, None)) == {"output", "voice", "user"}
    for wrong in ("a", f"{found}1", found[:-1] + "0", found[:-2], str(uuid4()), str(voice.pk)):
        assert client.get(f"/report/{wrong}/").status_code == 404, wrong


def test_reporting_too_often_is_refused_by_account_by_address_and_by_network(found, settings):
    settings.REPORTS_PER_DAY = 1
    report(found)
    for again in ({"address": "198.51.100.1"}, {"email": "other@example.org"}):
        with pytest.raises(refusals.ReportsTooMany):
            report(found, **again)
    user = factories.make_user()
    report(found, account=user)  # from the same network, but known
    with pytest.raises(refusals.ReportsTooMany):
        report(found, account=user)
    assert Report.objects.count() == 2


def test_a_form_that_is_sent_twice_reports_once_and_another_cannot_take_its_id(found):
    key = uuid4()
    assert report(found, key=key) == report(found, key=key)
    with pytest.raises(refusals.ReportExists):
        report(found, key=key, email="other@example.org", address="198.51.100.1")
    assert Report.objects.count() == 1 and len(letters("ann@example.org")) == 1


def test_a_partner_reports_with_a_key_that_may_and_reads_the_outcome(found, client):
    partner = factories.make_user()
    given = {"reference": found, "subject": "output", "category": "fraud", "words": "A scam.", "id": str(uuid4())}

    def ask(scope: str, user: User = partner) -> dict[str, str]:
        secret = keys.create(user, id=uuid4(), name="x", scopes=[scope], days=1)
        return {"Authorization": f"Bearer {secret}"}

    assert client.post("/api/v1/reports", given).status_code == 401
    assert client.post("/api/v1/reports", given, headers=ask("detections")).status_code == 403
    answers = [client.post("/api/v1/reports", given, headers=ask("reports")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"] == given["id"]
    wrong = client.post("/api/v1/reports", {**given, "reference": "x", "id": str(uuid4())}, headers=ask("reports"))
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "report_subject_unknown")
    decide(Report.objects.get().case, "delete")
    where = answers[0].headers["Location"]
    assert client.get(where, headers=ask("reports")).json()["status"] == "acted"
    assert client.get(where, headers=ask("reports", factories.make_user())).status_code == 404


def test_a_trusted_notifier_is_believed_and_the_statement_says_so(found):
    notifier = factories.make_user()
    notifier.groups.add(Group.objects.get(name=reports.TRUSTED_NOTIFIERS))
    made = report(found, account=notifier)
    assert made.case.credibility >= policies.TRUSTED_AT_LEAST
    decide(made.case, "delete")
    assert StatementOfReasons.objects.get(decision__case=made.case).fields["source_type"] == "SOURCE_TRUSTED_FLAGGER"


def test_who_was_right_before_is_believed_more():
    base = {"signed_in": True, "verified": True, "trusted": False}
    none, right, wrong = (
        policies.credibility(**base, upheld=upheld, dismissed=dismissed)
        for upheld, dismissed in ((0, 0), (9, 0), (0, 9))
    )
    assert 0 <= wrong < none < right <= 100
    unknown = {**base, "signed_in": False, "verified": False}
    assert policies.credibility(**unknown, upheld=0, dismissed=0) < none


def test_a_moderator_never_decides_what_he_reported_himself(found):
    moderator = factories.moderator()
    made = report(found, account=moderator)
    with pytest.raises(services.CaseBarred):
        services.claim(made.case, actor=moderator)


def test_a_moderator_hears_what_was_reported_and_nothing_else(found):
    from django.urls import reverse

    from velluto import links

    output, moderator = Output.objects.get(), factories.moderator()
    client = sign_in(Client(), moderator)
    where = links.to(reverse("admin:synthesis_output_audio", args=[output.pk]), account=moderator.pk)
    assert client.get(where).status_code == 404
    made = report(found)
    heard = client.get(where)
    assert b"".join(heard.streaming_content).startswith(b"RIFF")
    assert AuditEvent.objects.filter(event="synthesis.output.opened", actor=f"account:{moderator.pk}").count() == 1
    page = client.get(reverse("admin:moderation_case_change", args=[made.case_id])).content.decode()
    assert "He called my bank." in page and "What was said." in page
