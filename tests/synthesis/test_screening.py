"""Scripts are screened before anything is paid or queued; what is held, a person decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from accounts import services as accounts
from moderation import services as moderation
from moderation.models import Case
from moderation.services import appeals
from synthesis import refusals, screenings, services
from synthesis.models import Screening, SpeechRequest
from synthesis.screening import BLOCK_AT, CATEGORIES, HOLD_AT, HOLD_DISGUISED_AT, judge, marked
from tests import factories
from velluto import engines, jobs
from velluto.audit.models import AuditEvent
from velluto.engines import base
from velluto.jobs import Job

TEXT = "Pineapples first. Then something that stands out. Then nothing."
PASSAGE = base.Passage(18, 49)


class Screener:
    """Says what a test wants to hear."""

    name, version = "told", "1"

    def __init__(self, score: float, category: str = "fraud_impersonation", disguised: int = 0) -> None:
        self.found = base.Screening({category: score}, (PASSAGE,), disguised, self.name, self.version)

    def screen(self, text: str) -> base.Screening:
        return self.found


def measured(score: float, **options) -> base.Screening:
    return Screener(score, **options).found


# ---------------------------------------------------------------------------------------------------- the policy


@pytest.mark.parametrize(
    ("score", "disguised", "kind"),
    [
        (0.0, 0, "allow"),
        (HOLD_AT - 0.001, 0, "allow"),
        (HOLD_AT, 0, "hold"),
        (HOLD_AT - 0.001, 1, "allow"),
        (HOLD_DISGUISED_AT - 0.001, 2, "allow"),
        (HOLD_DISGUISED_AT, 2, "hold"),
        (BLOCK_AT - 0.001, 2, "hold"),
        (BLOCK_AT, 0, "block"),
    ],
)
def test_how_sure_the_screener_is_decides_and_disguise_lowers_the_bar(score: float, disguised: int, kind: str):
    verdict = judge(measured(score, disguised=disguised))
    assert verdict.kind == kind
    assert (verdict.category is None) == (kind == "allow")


def test_many_small_suspicions_add_up_and_the_likeliest_names_the_verdict():
    scores = {"hate": 0.35, "harassment_threat": 0.4}
    verdict = judge(base.Screening(scores, (PASSAGE,), 0, "told", "1"))
    assert (verdict.kind, verdict.category) == ("hold", CATEGORIES["harassment_threat"])


def test_every_category_of_the_embedded_engine_has_a_name_and_a_reason():
    assert set(engines.screening().screen("Hello.").scores) == set(CATEGORIES)


def test_a_text_is_parted_at_its_passages_and_nothing_is_lost():
    parts = list(marked("abcdef", [(4, 5), (1, 3), (2, 4)]))
    assert parts == [("a", False), ("bc", True), ("d", True), ("e", True), ("f", False)]
    assert list(marked("ab", [])) == [("ab", False)]


# ---------------------------------------------------------------------------------------------------- the flow

db = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def voice(db):
    return factories.active_voice()


@pytest.fixture
def says(monkeypatch):
    def say(score: float, **options) -> None:
        monkeypatch.setattr(engines, "screening", lambda: Screener(score, **options))

    return say


def asked(voice, **options) -> SpeechRequest:
    return services.request_speech(account=voice.account, voice=voice, text=TEXT, **options)


def decide(choice: str, reason: str = "I have read it.") -> Case:
    actor = factories.moderator()
    case = moderation.claim_next(actor=actor)
    moderation.decide(case, choice=choice, section="3", reason=reason, actor=actor)
    return case


def held_cases():
    return Case.objects.filter(kind="synthesis.script")


def the_case() -> Case:
    return held_cases().get()


def spoken_jobs() -> int:
    return Job.objects.filter(name="synthesis.speak").count()


@db
def test_what_passes_is_queued_and_the_screening_is_on_record_without_the_text(voice):
    request = asked(voice)
    found = Screening.objects.get()
    assert (request.status, found.request, found.verdict, found.label) == ("queued", request, "allow", "")
    assert (found.engine, found.version) == (engines.screening().name, engines.screening().version)
    assert "Pineapples" not in str(vars(found))
    assert not any("Pineapples" in f"{event.data}{event.reason}" for event in AuditEvent.objects.all())


@db
def test_what_is_blocked_costs_nothing_queues_nothing_and_stays_on_record(voice, says):
    says(BLOCK_AT)
    before = accounts.balance(voice.account)
    with pytest.raises(refusals.ScriptBlocked) as refused:
        asked(voice)
    assert refused.value.verdict.passages == (PASSAGE,)
    assert refused.value.as_dict()["passages"] == [[PASSAGE.start, PASSAGE.end]]
    assert "fraud" in refused.value.sentence and "3(g)" in refused.value.sentence
    assert (accounts.balance(voice.account), spoken_jobs(), SpeechRequest.objects.count()) == (before, 0, 0)
    found = Screening.objects.get()
    assert (found.verdict, found.category, found.request) == ("block", "fraud_impersonation", None)
    assert AuditEvent.objects.filter(event="synthesis.script.blocked").exists()


@db
def test_an_engine_that_fails_lets_nothing_through(voice, monkeypatch):
    def fails(text: str) -> None:
        raise base.EngineError("out of order")

    monkeypatch.setattr(engines.screening(), "screen", fails)
    with pytest.raises(refusals.ScreeningFailed):
        asked(voice)
    assert not SpeechRequest.objects.exists()


@db
def test_the_page_shows_the_passage_that_was_blocked_and_a_person_can_be_asked(voice, says, client: Client):
    says(BLOCK_AT)
    client.force_login(voice.account)
    form = {"voice": voice.pk, "text": TEXT, "language": "en", "pace": "1", "format": "mp3", "key": str(uuid4())}
    page = client.post("/speak/", form)
    assert page.status_code == 422
    assert "<mark>Then something that stands out.</mark>" in page.content.decode().replace("<mark> ", "<mark>")
    assert "script_blocked" in page.content.decode()
    answer = client.post("/speak/", {**form, "ask_a_person": "yes"})
    assert answer.status_code == 302
    request = SpeechRequest.objects.get()
    assert (request.status, str(request.pk)) == ("held", form["key"])
    assert the_case().severity == Case.Severity.RAISED
    assert client.post("/speak/", form).url == answer.url  # the same key is the same request


@db
def test_what_is_held_waits_for_a_person_and_the_page_says_why(voice, says, client: Client):
    says(HOLD_AT)
    before = accounts.balance(voice.account)
    request = asked(voice)
    assert (request.status, spoken_jobs()) == ("held", 0)
    assert before - accounts.balance(voice.account) == len(TEXT)
    case = the_case()
    assert (case.kind, case.about, case.severity) == ("synthesis.script", voice.account, Case.Severity.RAISED)
    assert "Pineapples" not in case.title
    client.force_login(voice.account)
    page = client.get(f"/speech/{request.pk}/").content.decode()
    assert "A person reads this first" in page and "<mark>" in page and "fraud or impersonation" in page
    assert client.get(f"/speech/{request.pk}/status/").json()["note"] == "A person reads the text first"


@db
def test_the_same_key_held_twice_is_one_request_one_case_one_debit(voice, says):
    says(HOLD_AT)
    before, key = accounts.balance(voice.account), uuid4()
    assert asked(voice, key=key) == asked(voice, key=key)
    assert (held_cases().count(), Screening.objects.count()) == (1, 1)
    assert before - accounts.balance(voice.account) == len(TEXT)


@db
def test_a_moderator_releases_it_and_it_is_spoken_and_passes_the_next_time(voice, says):
    says(HOLD_AT)
    request = asked(voice)
    decide("release")
    jobs.drain()
    request.refresh_from_db()
    assert request.status == SpeechRequest.Status.DONE, request.error
    assert Screening.objects.get().label == "allowed"
    assert "may be spoken" in mail.outbox[-1].subject
    assert asked(voice).status == "queued"
    assert services.request_speech(account=voice.account, voice=voice, text=f"{TEXT} More.").status == "held"


@db
def test_a_moderator_refuses_it_corrects_the_label_and_the_credits_come_back(voice, says):
    says(HOLD_AT)
    before = accounts.balance(voice.account)
    request = asked(voice)
    decide("defamation", "It accuses a neighbour by name.")
    jobs.drain()
    request.refresh_from_db()
    assert (request.status, request.error_code) == ("failed", "script_refused")
    assert (accounts.balance(voice.account), spoken_jobs()) == (before, 0)
    found = Screening.objects.get()
    assert (found.category, found.label) == ("fraud_impersonation", "defamation")
    letter = mail.outbox[-1]
    assert (
        "refused" in letter.subject and "It accuses a neighbour by name." in letter.body and "/appeals/" in letter.body
    )
    assert "Pineapples" not in letter.body


@db
def test_an_appeal_that_succeeds_lets_the_same_text_pass(voice, says):
    says(HOLD_AT)
    asked(voice)
    case = decide("hate")
    appeals.file(appeal_token(case), words="It is a poem.")
    actor = factories.moderator()
    appeal = moderation.claim_next(actor=actor)
    moderation.decide(appeal, choice="overturn", section="3", reason="It is a poem.", actor=actor)
    assert Screening.objects.get().label == "allowed"
    assert asked(voice).status == "queued"


def appeal_token(case: Case) -> str:
    from moderation.models import Appeal
    from moderation.services import redress

    return redress.link(case, Appeal.Side.AFFECTED).rstrip("/").rsplit("/", 1)[1]


@db
def test_editing_withdraws_what_is_held_and_goes_on_with_its_text(voice, says, client: Client):
    says(HOLD_AT)
    before = accounts.balance(voice.account)
    request = asked(voice, pace=1.2)
    client.force_login(voice.account)
    answer = client.post(f"/speech/{request.pk}/edit/")
    assert answer.url == f"/speak/?from={request.pk}"
    request.refresh_from_db()
    assert (request.status, the_case().status) == ("cancelled", "decided")
    assert accounts.balance(voice.account) == before
    form = client.get(answer.url).context["form"]
    assert (form["text"].value(), form["pace"].value(), form["format"].value()) == (TEXT, 1.2, "wav")
    assert client.get("/speak/?from=nonsense").status_code == 200
    assert client.get(f"/speak/?from={uuid4()}").status_code == 404
    client.force_login(factories.make_user())
    assert client.get(answer.url).status_code == 404


@db
def test_what_was_withdrawn_cannot_be_decided(voice, says):
    says(HOLD_AT)
    request = asked(voice)
    actor = factories.moderator()
    case = moderation.claim_next(actor=actor)
    services.cancel(request, actor=voice.account)
    with pytest.raises(moderation.CaseDecided):
        moderation.decide(case, choice="release", section="3", reason="Fine.", actor=actor)
    assert spoken_jobs() == 0


@db
def test_a_revocation_ends_what_is_held_and_takes_it_from_the_queue(voice, says):
    says(HOLD_AT)
    before = accounts.balance(voice.account)
    request = asked(voice)
    for _ in range(2):
        services.stop(request)
    assert (request.status, request.error_code) == ("failed", "consent_ended")
    assert (the_case().status, accounts.balance(voice.account)) == ("decided", before)


@db
def test_the_moderator_sees_the_text_the_passage_and_what_came_before(voice, says, client: Client, settings):
    settings.ADMIN_REQUIRES_MFA = False
    says(BLOCK_AT)
    with pytest.raises(refusals.ScriptBlocked):
        asked(voice)
    says(HOLD_AT)
    asked(voice)
    client.force_login(factories.moderator())
    page = client.get(f"/admin/moderation/case/{the_case().pk}/change/").content.decode()
    assert "Pineapples" in page and "<mark>" in page and "fraud or impersonation" in page.lower()
    assert "<dt>Blocked</dt><dd>1</dd>" in page


@db
def test_the_admin_shows_how_often_people_agreed_with_each_engine(voice, says, client: Client, settings):
    settings.ADMIN_REQUIRES_MFA = False
    says(HOLD_AT)
    for choice in ("fraud_impersonation", "hate"):
        asked(voice)
        decide(choice)
    asked(voice)
    decide("release")
    client.force_login(factories.moderator())
    page = client.get("/admin/synthesis/screening/")
    (row,) = page.context["precision"]
    assert (row["looked_at"], row["precision"], row["justified"]) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert "Pineapples" not in page.content.decode()


# ---------------------------------------------------------------------------------------------------- what was blocked


@pytest.fixture
def blocked(voice, says) -> Screening:
    says(BLOCK_AT)
    with pytest.raises(refusals.ScriptBlocked):
        asked(voice)
    return Screening.objects.get()


@db
def test_a_block_gives_its_reasons_at_once_as_a_decision_of_a_machine(blocked: Screening, voice, client: Client):
    statement = blocked.statement
    assert statement is not None and statement.recipient == voice.account and statement.sent_at
    assert (statement.fields["automated_detection"], statement.fields["automated_decision"]) == (
        "Yes",
        "AUTOMATED_DECISION_FULLY",
    )
    assert statement.fields["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    assert f"/speech/blocked/{blocked.pk}/" in statement.body and "Pineapples" not in f"{vars(statement)}"
    assert b"Pineapples" not in bytes(blocked.script) and screenings.blocked_text(blocked) == TEXT
    client.force_login(voice.account)
    page = client.get(f"/speech/blocked/{blocked.pk}/").content.decode()
    assert "by a machine alone" in page and "Pineapples" in page and "<mark>" in page
    client.force_login(factories.make_user())
    assert client.get(f"/speech/blocked/{blocked.pk}/").status_code == 404


@db
def test_a_person_looks_at_a_block_that_is_questioned_and_lets_the_text_pass(blocked, voice, client: Client, settings):
    settings.ADMIN_REQUIRES_MFA = False
    client.force_login(voice.account)
    page = f"/speech/blocked/{blocked.pk}/"
    assert client.post(page, {"words": " "}).status_code == 422
    assert client.post(page, {"words": "It is a recipe."})["Location"] == page
    assert client.post(page, {"words": "Once more."}).status_code == 409
    case = Case.objects.get(kind="synthesis.blocked")
    desk = Client()
    desk.force_login(factories.moderator())
    dossier = desk.get(f"/admin/moderation/case/{case.pk}/change/").content.decode()
    assert "It is a recipe." in dossier and "Pineapples" in dossier and "data-veil" in dossier
    decide("allowed")
    jobs.drain()
    assert "may be spoken" in mail.outbox[-1].subject
    assert "found nothing wrong" in client.get(page).content.decode()
    assert asked(voice).status == "queued"


@db
def test_a_block_that_a_person_upholds_can_be_appealed_and_overturned_by_another(blocked, voice):
    screenings.object_to(blocked, words="It is a poem.")
    case = decide("hate")
    jobs.drain()
    assert "stays blocked" in mail.outbox[-1].subject and "/appeals/" in mail.outbox[-1].body
    appeals.file(appeal_token(case), words="It is a poem.")
    with pytest.raises(moderation.NothingWaits):
        moderation.claim_next(actor=case.decisions.get().decided_by)
    decide("overturn")
    assert asked(voice).status == "queued"


@db
def test_the_text_is_forgotten_when_the_block_can_be_questioned_no_more_but_not_while_somebody_looks(blocked):
    over = blocked.screened_at + timedelta(days=180, seconds=1)
    with pytest.raises(refusals.BlockGone):
        screenings.object_to(blocked, words="Too late.", at=over)
    assert screenings.forget_blocked(at=over - timedelta(seconds=2)) == 0
    screenings.object_to(blocked, words="In time.", at=over - timedelta(seconds=1))
    assert screenings.forget_blocked(at=over) == 0
    decide("hate")
    assert screenings.forget_blocked(at=over) == 1
    blocked.refresh_from_db()
    assert (bytes(blocked.script), bytes(blocked.objection)) == (b"", b"")
    assert screenings.blocked_text(blocked) == ""
