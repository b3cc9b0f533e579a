"""The Consent Gate's verbs: hand in a sample, give one's word, answer a phrase, read the statement, withdraw.

The only writer of this app's tables. Times may be passed in as `at`; the default is the server's clock.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require_active
from consent import nogo, phrases, policies, refusals, steps
from consent.documents import services as documents
from consent.measuring import Measurement
from consent.models import (
    Attempt,
    Attestation,
    Challenge,
    Check,
    ConsentRecord,
    Document,
    Invitation,
    OwnerConsent,
    OwnerLink,
    Statement,
)
from consent.never import services as never
from consent.never.policies import Answers
from moderation import services as moderation
from moderation.models import Case
from velluto import audit, jobs, space
from velluto.audio import intake
from velluto.audio.signal import Audio
from velluto.jobs import Run
from velluto.transitions import move
from velluto.vault import departed
from voices import services as voices
from voices.models import Recording, Voice, VoiceShare

CASE_KIND = nogo.CASE_KIND
CASE_DUE = timedelta(days=2)
STATEMENT_SECONDS = 30.0
OVERSTEPPED = {
    "commercial": "commercial use",
    "language": "speech in this language",
    "until": "use after {until:%-d %B %Y}",
}

Actor = User | str  # an account, or a Voice Owner without one: "voice-owner:<id>"


# ---------------------------------------------------------------------------------------------------- declaring


def declare(
    *,
    account: User,
    whose: str,
    name: str,
    owner_name: str,
    tier: str,
    answers: Answers,
    at: datetime | None = None,
) -> Voice:
    """Begin a voice: the account says whose it is, who that is, and what for.

    Whoever may never be cloned is refused, and that it was tried is put on record (C8). Somebody else's voice waits for
    their permission (`invitations`), or for their estate's.
    """
    require_active(account.status)
    nogo.require_few_names(account, owner_name)
    never.require_allowed(account, whose=whose, tier=tier, owner_name=owner_name, answers=answers, at=at)
    with transaction.atomic():
        voice = voices.declare(account=account, whose=whose, tier=tier, owner_name=owner_name, name=name)
        never.keep(voice, answers, at=at)
        nogo.ask(voice)
    return voice


# ---------------------------------------------------------------------------------------------------- authorisation


def hand_in_authorisation(
    voice: Voice, content: BinaryIO, *, signer: str, signed_on: date, actor: Actor, at: datetime | None = None
) -> Document:
    """Take the written authorisation that this voice needs; where all else is done, a moderator looks at it."""
    with transaction.atomic():
        _lock(voice)
        _expect(voice, "authorisation", actor)
        kind = steps.needed_document(voice)
        document = documents.put_document(
            voice, kind=kind, content=content, signer=signer, signed_on=signed_on, actor=actor, at=at
        )
        if steps.next_step(voice) is None:
            _send_to_moderator(voice, title="A voice with another authorisation", reason="the gate is passed")
        return document


# ---------------------------------------------------------------------------------------------------- sample


def hand_in_sample(voice: Voice, content: BinaryIO, *, actor: Actor, at: datetime | None = None) -> Attempt:
    """Take the recording that the voice is to be made from."""
    _open_at(voice, Attempt.Step.SAMPLE, actor)
    least, most = policies.SAMPLE_SECONDS[voice.tier]
    audio = intake.decode(content)
    if audio.seconds < least:
        raise refusals.SampleTooShort(seconds=audio.seconds, least=least)
    if audio.seconds > most + policies.SAMPLE_TOLERANCE:
        raise refusals.SampleTooLong(seconds=audio.seconds, most=most)
    with transaction.atomic():
        return _hand_in(voice, Attempt.Step.SAMPLE, audio, actor=actor, at=at or timezone.now())


# ---------------------------------------------------------------------------------------------------- representations


def attestation(kind: str) -> Attestation:
    """Return the version of a text that is in use now."""
    return Attestation.objects.filter(kind=kind, in_use_from__lte=timezone.now()).order_by("-in_use_from", "-pk")[0]


def represent(
    voice: Voice,
    *,
    ticked: bool,
    shown_sha256: str,
    actor: User,
    ip_address: str | None,
    user_agent: str,
    at: datetime | None = None,
) -> ConsentRecord:
    """Record that the representations were made, with the exact text that was shown."""
    at = at or timezone.now()
    text = attestation(Attestation.Kind.REPRESENTATIONS)
    if not ticked:
        raise refusals.RepresentationsNotMade()
    if shown_sha256 != text.sha256:
        raise refusals.RepresentationsChanged()
    with transaction.atomic():
        _lock(voice)
        _expect(voice, "representations", actor)
        record = ConsentRecord(
            voice=voice,
            owner_consent=OwnerConsent.objects.filter(invitation__voice=voice).order_by("-signed_at").first(),
            attestation=text,
            text_sha256=text.sha256,
            account=actor,
            ip_address=ip_address,
            user_agent=user_agent[:400],
            given_at=at,
            retain_until=policies.retain_until(at.date()),
        )
        record.save()
        _tell_owner(voice)
        audit.record(
            "consent.representations.made",
            actor=actor,
            subject=record,
            data={"voice": str(voice.pk), "text_sha256": text.sha256, "version": text.version},
        )
        if steps.next_step(voice) is None:  # nobody is alive to read anything aloud
            _send_to_moderator(voice, title="The voice of a deceased person", reason="the gate is passed")
        return record


# ---------------------------------------------------------------------------------------------------- captcha


def show_phrase(voice: Voice, *, actor: Actor, at: datetime | None = None) -> Challenge:
    """Make a phrase that was never shown before; a phrase still on show expires."""
    at = at or timezone.now()
    with transaction.atomic():
        _lock(voice)
        _open_at(voice, Attempt.Step.CAPTCHA, actor)
        if voice.challenges.filter(shown_at__gt=at - timedelta(hours=1)).count() >= policies.PHRASES_PER_HOUR:
            raise refusals.TooManyPhrases()
        for shown in voice.challenges.filter(status=Challenge.Status.SHOWN):
            move(shown, Challenge.Status.EXPIRED, actor=None, reason="replaced by a new phrase")
        challenge = Challenge.objects.create(
            voice=voice, words=list(phrases.new_phrase(secrets.SystemRandom())), shown_at=at
        )
        audit.record("consent.challenge.shown", actor=actor, subject=challenge, data={"voice": str(voice.pk)})
        return challenge


def answer_phrase(challenge: Challenge, content: BinaryIO, *, actor: Actor, at: datetime | None = None) -> Attempt:
    """Take the reading of a phrase; `at` is when its last byte arrived, by the server's clock."""
    at = at or timezone.now()
    voice = challenge.voice
    _open_at(voice, Attempt.Step.CAPTCHA, actor)
    if challenge.status != Challenge.Status.SHOWN:
        raise refusals.PhraseUsed()
    limit = timedelta(seconds=settings.CAPTCHA_SECONDS) + settings.CAPTCHA_UPLOAD_ALLOWANCE
    if not policies.captcha_in_time(challenge.shown_at, at, limit=limit):
        move(challenge, Challenge.Status.EXPIRED, actor=None, reason="answered too late")
        raise refusals.PhraseTooLate()
    # The phrase is spent before its answer is opened: a broken or over-long answer does not get it a second time.
    move(challenge, Challenge.Status.ANSWERED, actor=actor, answered_at=at)
    audio = intake.decode(content)
    if audio.seconds > settings.CAPTCHA_SECONDS + policies.CAPTCHA_TOLERANCE:
        raise refusals.PhraseTooLong()
    with transaction.atomic():
        attempt = _hand_in(voice, Attempt.Step.CAPTCHA, audio, actor=actor, at=at)
        Challenge.objects.filter(pk=challenge.pk).update(attempt=attempt)
        return attempt


# ---------------------------------------------------------------------------------------------------- statement


def statement_text(voice: Voice, on: date) -> str:
    """Return the sentence that the Voice Owner of this voice reads on that day."""
    return phrases.statement_text(voice.owner.name, on)


def hand_in_statement(
    voice: Voice, content: BinaryIO, *, on: date, actor: Actor, at: datetime | None = None
) -> Attempt:
    """Take the reading of the consent statement with the date that the page showed."""
    at = at or timezone.now()
    _open_at(voice, Attempt.Step.STATEMENT, actor)
    if not policies.statement_date_acceptable(on, timezone.localdate(at)):
        raise refusals.StatementDateWrong()
    audio = intake.decode(content)
    if audio.seconds > STATEMENT_SECONDS:
        raise refusals.StatementTooLong(seconds=audio.seconds, most=STATEMENT_SECONDS)
    with transaction.atomic():
        attempt = _hand_in(voice, Attempt.Step.STATEMENT, audio, actor=actor, at=at)
        Statement.objects.create(
            attempt=attempt,
            attestation=attestation(Attestation.Kind.STATEMENT),
            name=voice.owner.name,
            on=on,
            text_sha256=hashlib.sha256(statement_text(voice, on).encode()).hexdigest(),
        )
        return attempt


# ---------------------------------------------------------------------------------------------------- checking


def settle(run: Run, attempt: Attempt, result: Measurement) -> None:
    """Write what was measured about an attempt; the last step passed puts the voice before a moderator."""
    verdict = Attempt.Status.PASSED if policies.passed(attempt.step, result.findings) else Attempt.Status.FAILED
    with run.commit():
        voice = _lock(attempt.voice)
        for finding in result.findings:
            Check.objects.create(
                attempt=attempt,
                code=finding.code,
                label=finding.label,
                value=finding.value,
                threshold=finding.threshold,
                unit=finding.unit,
                verdict=Check.Verdict.PASSED if finding.passed else Check.Verdict.FAILED,
                engine=finding.engine,
                version=finding.version,
                sentence=finding.sentence,
            )
        if result.voiceprint is not None:
            voices.keep_voiceprint(attempt.recording, result.voiceprint)
        if result.fingerprint is not None:
            voices.keep_fingerprint(attempt.recording, result.fingerprint)
        nogo.ask(voice)
        failed = [finding.code for finding in result.findings if not finding.passed]
        repeats = {"repeats": str(result.repeats)} if result.repeats else {}
        move(attempt, verdict, actor=None, data={"failed": failed, **repeats})
        if voice.status == Voice.Status.DRAFT and steps.next_step(voice) is None:
            _send_to_moderator(voice, title="A new voice to decide on", reason="the gate is passed")


def could_not_check(attempt: Attempt) -> None:
    """Say that the machine, not the person, failed: the attempt is set aside and does not count."""
    with transaction.atomic():
        Check.objects.create(
            attempt=attempt,
            code="engine_failed",
            label="The check itself",
            verdict=Check.Verdict.FAILED,
            engine="velluto",
            version="1",
            sentence="We could not check this recording. That is our fault and does not count; please send it again.",
        )
        move(attempt, Attempt.Status.SUPERSEDED, actor=None, reason="the check could not be carried out")


def failures(voice: Voice, step: str) -> int:
    """Count the tries at a step that did not pass."""
    return voice.attempts.filter(step=step, status=Attempt.Status.FAILED).count()


def ask_a_person(voice: Voice, *, step: str, actor: Actor) -> Case:
    """After three tries that did not pass, put the case before a moderator (D8)."""
    with transaction.atomic():
        voice = _lock(voice)
        if voice.status != Voice.Status.DRAFT:
            raise refusals.GateClosed()
        if policies.another_try(failures(voice, step)):
            raise refusals.TriesLeft()
        return _send_to_moderator(voice, title="Somebody needs help at the gate", reason=f"three tries at {step}")


# ---------------------------------------------------------------------------------------------------- deciding


def approve(voice: Voice, *, actor: User, reason: str, by_two: bool = False) -> None:
    """Let a voice be built; every step must have been passed.

    That of a deceased person or a public figure is approved `by_two`, and with an authorisation that was verified.
    """
    never.require_approvable(voice, by_two=by_two)
    if steps.next_step(voice) is not None:
        raise refusals.GateIncomplete()
    nogo.require_screened(voice)
    with transaction.atomic():
        move(voice, Voice.Status.BUILDING, actor=actor, reason=reason)
        jobs.enqueue("consent.build", str(voice.pk), key=f"consent.build:{voice.pk}", actor=actor)


def reject(voice: Voice, *, actor: User, reason: str) -> None:
    """Refuse a voice for good."""
    move(voice, Voice.Status.REFUSED, actor=actor, reason=reason)


def refuse_and_destroy(voice: Voice, *, actor: User, reason: str) -> None:
    """Refuse a voice for good and destroy what was made from the person's voice; nothing brings that back."""
    with transaction.atomic():
        move(voice, Voice.Status.REFUSED, actor=actor, reason=reason)
        jobs.enqueue("consent.shred", str(voice.pk), key=f"consent.shred:{voice.pk}", actor=actor)


def look_again(voice: Voice, *, actor: User, reason: str, barred: tuple[User, ...] = ()) -> Case:
    """Put a refused voice before a moderator once more; `barred` had their say already."""
    with transaction.atomic():
        nogo.look_again(voice, actor=actor, reason=reason)
        return _send_to_moderator(
            voice, title="A refused voice to look at anew", reason=reason, actor=actor, barred=barred
        )


def ask_again(voice: Voice, *, step: str, actor: User, reason: str) -> None:
    """Open a step again: its tries are forgotten, and what was compared with it must be done again too."""
    again = [Attempt.Step.SAMPLE, Attempt.Step.CAPTCHA, Attempt.Step.STATEMENT] if step == "sample" else [step]
    with transaction.atomic():
        move(voice, Voice.Status.DRAFT, actor=actor, reason=reason)
        if step == "authorisation":
            standing = voice.documents.filter(status__in=[Document.Status.RECEIVED, Document.Status.VERIFIED])
            for document in standing.filter(kind=steps.needed_document(voice)).select_related("voice"):
                documents.refuse_document(document, actor=actor, reason=reason)
        for attempt in voice.attempts.filter(step__in=again).exclude(status=Attempt.Status.SUPERSEDED):
            move(attempt, Attempt.Status.SUPERSEDED, actor=actor, reason="asked for again")
        if steps.next_step(voice) is None:  # this voice has no such step, and would wait for nothing
            raise refusals.WrongStep()
        _tell_owner(voice)


def build_again(voice: Voice) -> None:
    """Take up a voice that was approved and could not be built."""
    move(voice, Voice.Status.BUILDING, actor=None, reason="the work is tried again")


def activate(run: Run, voice: Voice, artefact: voices.VoiceArtefact) -> None:
    """Keep what was built, make the voice ready and its consent in force, all in one commit, or nothing of it."""
    with run.commit():
        record = ConsentRecord.objects.select_for_update(no_key=True).get(voice=voice)
        _lock(voice)
        if record.status != ConsentRecord.Status.GIVEN:
            raise refusals.ConsentEnded()
        nogo.require_unmet(voice)
        never.require_approvable(voice, by_two=True)
        stored = voices.keep_artefact(voice, artefact)
        move(record, ConsentRecord.Status.IN_FORCE, actor=None)
        voices.activate(voice, stored=stored, artefact=artefact)


# ---------------------------------------------------------------------------------------------------- in force, or not


def require_in_force(voice: Voice, *, lock: bool = False, asked_at: datetime | None = None) -> ConsentRecord:
    """Return the consent under which this voice may speak now; raise ConsentEnded where there is none.

    With `lock` (inside a transaction) a withdrawal waits until the caller has committed, or the caller sees it. What
    was asked for before a pause stays unsaid when that is over (ConsentPaused, which is a ConsentEnded).
    """
    records = ConsentRecord.objects.filter(voice=voice, status=ConsentRecord.Status.IN_FORCE)
    record = (records.select_for_update(no_key=True) if lock else records).first()
    active = Voice.objects.filter(pk=voice.pk, status=Voice.Status.ACTIVE)
    if record is None or (active.select_for_update(no_key=True) if lock else active).first() is None:
        paused = ConsentRecord.objects.filter(voice=voice, status=ConsentRecord.Status.PAUSED)
        raise refusals.ConsentPaused() if paused.exists() else refusals.ConsentEnded()
    if asked_at and record.paused_at and asked_at <= record.paused_at:
        raise refusals.ConsentPaused()
    return record


def require_use(
    voice: Voice,
    *,
    purpose: str,
    language: str,
    lock: bool = False,
    on: date | None = None,
    asked_at: datetime | None = None,
) -> ConsentRecord:
    """Return the consent under which this voice may speak now for this purpose and in this language.

    One's own voice has no limits but the consent itself; somebody else's speaks within what its owner granted.
    Raises ConsentEnded and OutsideScope.
    """
    record = require_in_force(voice, lock=lock, asked_at=asked_at)
    if record.owner_consent_id:
        granted = Invitation.objects.get(consents=record.owner_consent_id).granted
        assert granted is not None
        overstepped = policies.outside_scope(granted, purpose=purpose, language=language, on=on or timezone.localdate())
        if overstepped:
            raise refusals.OutsideScope(what=OVERSTEPPED[overstepped].format(until=granted.until))
    return record


@space.even_when_full
def withdraw(voice: Voice, *, actor: Actor | None, reason: str) -> None:
    """End a voice: it stops speaking at once. What was made from the person's voice is destroyed by a job.

    That job, `consent.destroy`, is done by whichever app knows all there is to destroy.
    """
    with transaction.atomic():
        # What moves is locked before the first audit row locks the chain; the consent first, as in `activate`.
        record = ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
        voice = _lock(voice)
        if record is None:  # it may have been given before the lock was ours
            record = ConsentRecord.objects.select_for_update(no_key=True).filter(voice=voice).first()
        shares = list(VoiceShare.objects.standing().filter(voice=voice).select_for_update(no_key=True))
        cases = list(Case.objects.about(voice).exclude(status=Case.Status.DECIDED).select_for_update(no_key=True))
        if record and record.status != ConsentRecord.Status.WITHDRAWN:
            move(record, ConsentRecord.Status.WITHDRAWN, actor=actor, reason=reason, withdrawn_at=timezone.now())
        move(voice, Voice.Status.DELETED, actor=actor, reason=reason)
        for share in shares:
            voices.unshare(share, actor=actor, reason="the voice has ended")
        for case in cases:
            moderation.withdraw_case(case, actor=actor, reason="the voice was deleted")
        nogo.close_cases(voice, actor=actor)
        jobs.enqueue("consent.destroy", str(voice.pk), key=f"consent.destroy:{voice.pk}")
        transaction.on_commit(lambda: departed.note(voice.owner.vault_owner))  # no restored backup forgets it


# ---------------------------------------------------------------------------------------------------- helpers


def _lock(voice: Voice) -> Voice:
    """Lock the voice's row, so that the gate's steps come one after the other."""
    # no_key, here and wherever rows are locked that others refer to: PostgreSQL checks references at the commit, when
    # the audit's chain is locked already, and a full lock would make that a deadlock.
    return Voice.objects.select_for_update(no_key=True).select_related("owner").get(pk=voice.pk)


def _expect(voice: Voice, step: str, actor: Actor) -> None:
    """Refuse unless the account may act, the gate stands at this step, and it is taken by whom it belongs to."""
    require_active(User.objects.get(voices=voice).status)
    if Voice.objects.get(pk=voice.pk).status != Voice.Status.DRAFT:
        raise refusals.GateClosed()
    current = steps.next_step(voice)
    if current is None or current.key != step:
        raise refusals.WrongStep()
    in_person = actor == voice.owner.vault_owner
    if steps.through_link(voice, current) and not in_person:
        raise refusals.OwnersStep()
    if in_person and not (current.owners or current.either):
        raise refusals.AccountsStep()


def _open_at(voice: Voice, step: str, actor: Actor) -> None:
    """Refuse unless the gate stands at this step, nothing is being checked, and a try is left."""
    _expect(voice, step, actor)
    if voice.attempts.filter(step=step, status=Attempt.Status.CHECKING).exists():
        raise refusals.StillChecking()
    if not policies.another_try(failures(voice, step)):
        raise refusals.TriesUsedUp()


def _tell_owner(voice: Voice) -> None:
    """Mail the owner of somebody else's voice that it is their turn, where it is and there is an address."""
    invitation = Invitation.objects.filter(voice=voice).exclude(email="").first()
    follows = steps.next_step(voice)
    if invitation and follows and follows.owners:
        for link in invitation.links.filter(purpose=OwnerLink.Purpose.INVITATION, status=OwnerLink.Status.LIVE):
            jobs.enqueue("consent.mail_link", str(link.pk))


def _hand_in(voice: Voice, step: Attempt.Step, audio: Audio, *, actor: Actor, at: datetime) -> Attempt:
    _lock(voice)
    _open_at(voice, step, actor)
    signed = OwnerConsent.objects.filter(invitation__voice=voice)
    if signed.exists() and not signed.filter(signed_at__lt=at).exists():
        raise refusals.SampleBeforeConsent()
    recording = voices.keep_recording(voice, purpose=Recording.Purpose(step), audio=audio, received_at=at, actor=actor)
    attempt = Attempt.objects.create(voice=voice, step=step, recording=recording, submitted_at=at)
    jobs.enqueue("consent.check", str(attempt.pk), key=f"consent.check:{attempt.pk}", actor=actor)
    return attempt


def _send_to_moderator(
    voice: Voice, *, title: str, reason: str, actor: User | None = None, barred: tuple[User, ...] = ()
) -> Case:
    nogo.ask(voice)
    move(voice, Voice.Status.REVIEW, actor=actor, reason=reason)
    return moderation.open_case(
        kind=CASE_KIND,
        subject=voice,
        title=title,
        about=voice.account,
        due_at=timezone.now() + CASE_DUE,
        barred=barred,
        reason=reason,
    )
