"""Who comes to the doors, and what is behind them."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.internal.flows import login
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import keys, sanctions
from accounts import services as accounts
from accounts.models import ApiKey, CreditEntry, Status, User
from accounts.roles import AUDITOR, CUSTODIAN, LEGAL, MODERATOR, SENIOR_MODERATOR, TRIAGE
from accounts.texts import services as texts
from consent import services as consent
from consent.never import services as never
from consent.never.policies import OFFICE
from moderation import reporting
from moderation import services as moderation
from moderation.models import Appeal, Case, Decision, PolicySection, StatementOfReasons
from moderation.services import nogo
from synthesis.freezes import services as freezes
from synthesis.models import Detection, Output, Preview, Screening, SpeechRequest
from takedowns import services as takedowns
from takedowns.deadlines import services as deadlines
from takedowns.demands import services as demands
from takedowns.models import (
    Claim,
    Destruction,
    NoticeFile,
    NotifierBar,
    OwnerRecording,
    OwnerRequest,
    PoliceReferral,
    PrivacyRequest,
)
from takedowns.notices import services as notices
from takedowns.privacy import services as privacy
from takedowns.requests import services as owner_requests
from tests import factories
from tests.consent import papers
from tests.takedowns import notified, requests
from velluto import jobs, links, vault
from velluto.audit.models import AuditEvent
from velluto.engines.base import VoiceArtefact
from velluto.transitions import move
from voices import services as voices
from voices.models import Voice, VoiceShare

ROLES = "aousptmMALS"  # as the head of the table has them
STAFF = {"t": TRIAGE, "m": MODERATOR, "M": SENIOR_MODERATOR, "c": CUSTODIAN, "A": AUDITOR, "L": LEGAL}
CURATED = {"catalogue:voice", "synthesis:preview"}
SOUND = {
    "synthesis:audio",
    "synthesis:preview",
    "admin:consent_document_file",
    "admin:synthesis_output_audio",
    "admin:takedowns_legalrequest_bundle",
    "admin:takedowns_legalrequest_document",
    "admin:takedowns_notice_sample",
    "admin:voices_recording_audio",
    "admin:voices_recording_picture",
    "admin:takedowns_ownerrecording_audio",
}


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign in as with a password, confirmed just now, and, where that is said, an authenticator app."""
    client.force_login(user)
    used = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    if second_factor:
        used.append({"method": "mfa", "type": "totp", "at": time.time()})
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = used
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client


def staff(role: str) -> User:
    user = factories.make_user(staff=True)
    user.groups.add(Group.objects.get(name=STAFF[role]))
    return User.objects.get(pk=user.pk)


def speech_done(account: User, voice: Any, content: bytes = b"RIFF and a sound") -> SpeechRequest:
    """Return speech that is done, with an output of these bytes."""
    now = timezone.now()
    speech = SpeechRequest(
        account=account, voice=voice, characters=1, language="en", format="wav", requested_at=now, finished_at=now
    )
    speech.script = vault.seal(account.vault_owner, "script", str(speech.pk), b"a")
    speech.status = SpeechRequest.Status.DONE
    speech.save()
    accounts.debit(account, 1, reference=speech.reference)
    Output.objects.create(
        request=speech,
        payload=7,
        object=vault.put(account.vault_owner, "output", content),
        seconds=1,
        size=len(content),
        sha256="0" * 64,
        watermark_engine="x",
        watermark_version="1",
        watermark_confidence=1.0,
        signed=False,
        disclosed=False,
        released_at=now,
    )
    return speech


def a_curated_voice(actor: User) -> Voice:
    """Return a voice that stands in the catalogue with a preview, without an engine's work."""
    artefact = VoiceArtefact(b"a voice", "none", "1")
    voice = voices.add_curated(name="Linen", language="en", style="narration", gender="female", actor=actor)
    voices.activate(voice, stored=voices.keep_artefact(voice, artefact), artefact=artefact)
    today = timezone.localdate()
    voices.record_rights(
        voice, origin="synthetic", granted_by="nobody", valid_from=today, valid_until=None, actor=actor
    )
    voices.put_licence(voice, version="1", text="Do no harm with it.", actor=actor)
    voices.publish(voice, actor=actor)
    content = b"a sound"
    Preview.objects.create(
        voice=voice,
        payload=8,
        object=vault.put(voice.owner.vault_owner, "preview", content),
        size=len(content),
        sha256="0" * 64,
        watermark_confidence=1.0,
        made_at=timezone.now(),
    )
    return voice


def an_owners_request() -> tuple[OwnerRequest, OwnerRecording]:
    """Return what somebody asked for who says that a voice is theirs, before a human, and what they read aloud."""
    wants = {"delete": True, "cease": False, "copy": False}
    made = owner_requests.ask(name="Ann", email="ann@example.org", hints="", address="192.0.2.3", **wants)
    content = vault.put(made.vault_owner, "owner.sample", b"a reading")
    reading = OwnerRecording.objects.create(
        request=made, step="sample", object=content, seconds=1, sha256="0" * 64, received_at=timezone.now()
    )
    moderation.open_case(
        kind="takedowns.owner_request", subject=made, title="Theirs?", about=None, due_at=timezone.now()
    )
    return made, reading


@dataclass
class House:
    """The owner's voice, recording, speech, case and key, and one client for each role."""

    clients: dict[str, Client] = field(default_factory=dict)
    people: dict[str, User | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        voice = factories.voice_at("representations")
        self.owner = voice.account
        partner, other = factories.make_user(), factories.make_user()
        boss = factories.make_user(superuser=True)
        self.people = {"a": None, "o": self.owner, "u": other, "s": self.owner, "p": None, "S": boss}
        self.people |= {role: staff(role) for role in STAFF}
        for role, person in self.people.items():
            client = self.clients[role] = Client(raise_request_exception=False)
            if person:
                sign_in(client, person, second_factor=role != "S")
        scopes = list(ApiKey.Scope.values)
        key = uuid4()
        secret = keys.create(partner, id=uuid4(), name="theirs", scopes=scopes, days=30)
        self.clients["p"].defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        keys.create(self.owner, id=key, name="mine", scopes=scopes, days=30)

        texts.publish(actor="operator:tests")
        for person in filter(None, self.people.values()):
            shown = {text.sha256 for text in texts.missing(person)}
            texts.accept(person, shown=shown, ip_address=None, user_agent="a browser")
        attempt = voice.attempts.get()
        document = papers.kept(voice)
        curated = a_curated_voice(boss)
        job = jobs.latest("consent.check", str(attempt.pk))
        case = moderation.open_case(
            kind=consent.CASE_KIND, subject=voice, title="A case", about=self.owner, due_at=timezone.now()
        )
        decided = Case.objects.create(
            kind="past", subject_type="x", subject_id="1", title="Old", due_at=timezone.now(), status="decided"
        )
        decision = Decision.objects.create(
            case=decided,
            choice="approve",
            section=PolicySection.objects.all()[0],
            reason="So",
            decided_by=self.people["M"],
            decided_at=timezone.now(),
        )
        entry = nogo.add_entry(
            names=["Orlan Brackwater"], source="notice", review_on=timezone.localdate(), actor=self.people["M"]
        )
        speech = speech_done(self.owner, voice)
        spoken = reporting.find(str(speech.pk), self.owner)["output"]
        report = moderation.report(spoken, category="fraud", words="So.", address="192.0.2.1", account=self.owner)
        asked, reading = an_owners_request()
        legal = requests.packed(other, actor=self.people["L"])
        notice = notified.about(voice)
        notices.hold(notice.claims.get(), actor=boss)  # a voice in the gate: held, and its account not told yet
        Claim.objects.update(told_at=timezone.now())
        for kind, content_type in (("proof", "application/pdf"), ("sample", "audio/flac")):
            NoticeFile.objects.create(
                notice_id=notice.pk,
                kind=kind,
                object=vault.put(notice.vault_owner, f"notice.{kind}", b"content"),
                content_type=content_type,
                received_at=timezone.now(),
            )
        for_privacy = privacy.ask_by_mail(
            kind="access",
            email="hal@example.org",
            words="",
            address="192.0.2.1",
            person=self.owner.email,
            document=io.BytesIO(papers.pdf()),
        )
        archive = vault.put(for_privacy.vault_owner, privacy.ARCHIVE, b"a zip")
        PrivacyRequest.objects.filter(pk=for_privacy.pk).update(
            account=self.owner, by="email", object=archive, until=timezone.now() + timedelta(days=1)
        )
        self.objects: dict[str, Any] = {
            "accounts.user": other,
            "consent.document": document,
            "consent.forbiddenattempt": never.record_attempt(other, rule=OFFICE, whose="self", name="A Name"),
            "accounts.creditentry": CreditEntry.objects.filter(user=self.owner)[0],
            "accounts.apikey": ApiKey.objects.get(pk=key),
            "accounts.sanction": sanctions.note(
                other, kind="notice", section="9", reason="So", actor=self.people["M"], decision_id=decision.pk
            ),
            "takedowns.deadline": deadlines.start(case, kind="resolve", received_at=timezone.now()),
            "takedowns.ownerrequest": asked,
            "takedowns.notice": notice,
            "takedowns.notifierbar": NotifierBar.objects.create(
                notifier="x", decision_id=decision.pk, barred_at=timezone.now(), until=timezone.now()
            ),
            "takedowns.destruction": Destruction.objects.create(
                kind="detections", destroyed_at=timezone.now(), count=0, certificate={}
            ),
            "takedowns.privacyrequest": for_privacy,
            "takedowns.policereferral": PoliceReferral.objects.create(
                account=other, decision_id=decision.pk, made_at=timezone.now(), facts={}, sha256="0" * 64
            ),
            "takedowns.legalrequest": legal,
            "takedowns.evidencedemand": demands.demand(voice, reason="So", actor=self.people["M"]),
            "takedowns.revocation": takedowns.revoke(
                factories.declared_voice(other), by="account", actor=other, reason="So"
            ),
            "moderation.case": case,
            "moderation.custodiancase": nogo.report_probing(other, names=6),
            "moderation.nogoentry": entry,
            "moderation.decision": decision,
            "moderation.statementofreasons": StatementOfReasons.objects.create(
                decision=decision, recipient=other, subject="S", body="B", fields={}, composed_at=timezone.now()
            ),
            "moderation.appeal": Appeal.objects.create(
                decision=decision, side="affected", sealed=b"", filed_at=timezone.now()
            ),
            "moderation.policysection": decision.section,
            "synthesis.freeze": freezes.freeze(scope="engine", subject="none", actor="operator:tests", reason="So"),
            "synthesis.screening": Screening.objects.create(
                account=self.owner, engine="x", version="1", verdict="block", screened_at=timezone.now()
            ),
            "moderation.report": report,
            "synthesis.output": speech.output,
            "velluto.job": job,
            "velluto.auditevent": AuditEvent.objects.all()[0],
            "voices.catalogueentry": curated.entry,
            "voices.rightsrecord": curated.rights.get(),
            "voices.voice": voice,
            "voices.recording": attempt.recording,
        }
        self.named: dict[str, object] = {
            "key_id": key,
            "voice_id": voice.pk,
            "attempt_id": attempt.pk,
            "recording_id": attempt.recording_id,
            "document_id": document.pk,
            "picture": "waveform",
            "legal_id": legal.pk,
            "share_id": VoiceShare.objects.create(voice=voice, account=other, shared_at=timezone.now()).pk,
            "speech_id": speech.pk,
            "output_id": speech.output.pk,
            "report_id": report.pk,
            "notice_id": notice.pk,
            "request_id": for_privacy.pk,
            "reference": "guessed",
            "detection_id": Detection.objects.create(client="x", seconds=1, asked_at=timezone.now()).pk,
            "case_id": case.pk,
            "entry_id": entry.pk,
            "screening_id": self.objects["synthesis.screening"].pk,
            "what": "sanction",
            "given_id": self.objects["accounts.sanction"].pk,
            "view_id": 1,
            "job_id": job.pk,
            "app_label": "accounts",
            "content_type_id": 1,
            "object_id": uuid4(),
            "token": "guessed",
            "uidb36": "1",
            "key": "x",
            "pk": 1,
            "kind": "terms",
            "number": 1,
        }

        self.curated = {"voice_id": curated.pk}
        self.by_address = {
            "admin:takedowns_ownerrequest_judge": {"pk": asked.pk},
            "admin:takedowns_ownerrecording_audio": {"pk": reading.pk},
        }

    def path(self, name: str) -> str:
        *spaces, last = name.split(":")
        resolver = get_resolver()
        for space in spaces:
            resolver = resolver.namespace_dict[space][1]
        named = {**self.named, **(self.curated if name in CURATED else {}), **self.by_address.get(name, {})}
        (_, wanted) = resolver.reverse_dict[last][0][0]
        return reverse(name, kwargs={key: named[key] for key in wanted})

    def ask(self, role: str, method: str, name: str, path: str = "") -> HttpResponse:
        """Let somebody knock at a door; whatever it changed is undone afterwards."""
        path = path or self.path(name)
        if name in SOUND:
            person = self.people[role]
            path = links.to(path, account=person and person.pk)
        with undone():
            if role == "s":
                move(User.objects.get(pk=self.owner.pk), Status.SUSPENDED, actor=None, reason="for the test")
            cookies = deepcopy(self.clients[role].cookies)
            response = getattr(self.clients[role], method)(path)
            self.clients[role].cookies = cookies  # signing out was undone, too
            if response.streaming:
                b"".join(response.streaming_content)  # read to its end, so that the file behind it is closed
            return response


@contextmanager
def undone() -> Iterator[None]:
    with ExitStack() as stack:
        for alias in ("default", "keys"):
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in ("default", "keys"):
            transaction.set_rollback(True, using=alias)


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[str]:
    """Return the name of every address of the house; one without a name cannot be spoken of, so it fails here."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"
