"""What follows a revocation, step by step: each in one commit with its receipt, none twice, whatever dies in between.

The first commit (`services.revoke`) has ended the consent already: nothing speaks while this runs. A step whose row is
there is not done again; a process that dies leaves the step it was in undone, and the next one begins with it. The job
starts again by itself, and `services.resume` starts it where it waited for the owner to fetch the copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import sanctions
from consent.models import ConsentRecord
from consent.refusals import ConsentEnded
from synthesis import services as synthesis
from synthesis.models import Output, SpeechRequest
from takedowns import certificates, policies, services, steps
from takedowns.models import Revocation
from takedowns.refusals import NotYetDestroyed
from velluto import jobs, vault
from velluto.transitions import move
from velluto.vault.models import VaultObject
from voices import services as voices
from voices.models import Voiceprint

Receipt = dict[str, Any]
Step = Callable[[Revocation, datetime], Receipt]


def go_on(revocation: Revocation, *, at: datetime | None = None, tell: Callable[[], None] = lambda: None) -> bool:
    """Do the steps that are left, in order; return False where one has to wait. `tell` may raise to end the attempt."""
    at = at or timezone.now()
    return steps.go_on(revocation, STEPS, at=at, tell=tell)


# ------------------------------------------------------------------------- what is done before, in commits of its own


def _held(revocation: Revocation, at: datetime) -> bool:
    return revocation.voice.account_id in sanctions.on_hold(at=at).values_list("account", flat=True)


def _at_once(revocation: Revocation, at: datetime) -> bool:
    return True


def _stop_speech(revocation: Revocation, at: datetime) -> bool:
    """End what waits or runs, one commit for each request; again, those that are ended stay so."""
    unfinished = [SpeechRequest.Status.HELD, SpeechRequest.Status.QUEUED, SpeechRequest.Status.SPEAKING]
    for request in revocation.voice.speech_requests.filter(status__in=unfinished).select_related("account"):
        synthesis.stop(request)
    return True


def _delete_outputs_of_a_sanction(revocation: Revocation, at: datetime) -> bool:
    if revocation.by == Revocation.By.SANCTION and not _held(revocation, at):
        for output in Output.objects.filter(request__voice=revocation.voice, deleted_at=None):
            synthesis.delete_output(output, reason="a sanction", at=at)
    return True


def _no_hold(revocation: Revocation, at: datetime) -> bool:
    """Destroy nothing that a court may ask for; the voice stays silent, and this goes on once the hold is lifted."""
    return not _held(revocation, at)


def _keys_are_gone(revocation: Revocation, at: datetime) -> bool:
    """Wait until the copy was fetched or its time is over; then close the vault for the owner and overwrite the key."""
    return (
        not _held(revocation, at)
        and not revocation.copy_open(at)
        and _overwritten(revocation.voice.owner.vault_owner, revocation)
    )


def _copy_key_is_gone(revocation: Revocation, at: datetime) -> bool:
    """Overwrite the copy's key, too; where the owner is still to be written to, the letter's job does that."""
    return not revocation.copy_object or bool(revocation.contact) or _overwritten(revocation.vault_owner, revocation)


def _overwritten(owner: str, revocation: Revocation) -> bool:
    """Close the vault for this owner in one commit, then overwrite the key: what a crash leaves of it is done again."""
    with transaction.atomic():
        Revocation.objects.select_for_update(no_key=True).get(pk=revocation.pk)  # of two who got here, one at a time
        vault.destroy(owner, actor=revocation.actor, reason="the voice was revoked")
    return vault.finish(owner)


# ------------------------------------------------------------------------- the steps, each one commit with its receipt


def _withdrawn(revocation: Revocation, at: datetime) -> Receipt:
    """Note what the first commit did."""
    record = ConsentRecord.objects.filter(voice=revocation.voice).first()
    if record is None:
        return {"consent": None}
    withdrawn_at = record.withdrawn_at.isoformat() if record.withdrawn_at else None
    return {"consent": str(record.pk), "withdrawn_at": withdrawn_at}


def _stopped(revocation: Revocation, at: datetime) -> Receipt:
    ended = revocation.voice.speech_requests.filter(error_code=ConsentEnded.code)
    return {"requests": sorted(str(pk) for pk in ended.values_list("pk", flat=True))}


def _outputs(revocation: Revocation, at: datetime) -> Receipt:
    """Note until when what the voice said can be downloaded, or that it is deleted."""
    of_voice = Output.objects.filter(request__voice=revocation.voice)
    last = of_voice.filter(deleted_at=None).order_by("-delete_after").first()
    until = last.delete_after.isoformat() if last and last.delete_after else None
    return {
        "deleted": of_voice.exclude(deleted_at=None).count(),
        "downloadable": of_voice.filter(deleted_at=None).count(),
        "until": until,
    }


def _told(revocation: Revocation, at: datetime) -> Receipt:
    if services.nothing_recorded(revocation.voice):
        return {"mails": []}
    _mail(revocation, "ended", "uploader")
    return {"mails": ["uploader"]}


def _model(revocation: Revocation, at: datetime) -> Receipt:
    """Delete the model and the voiceprints, which wait for no copy to be fetched."""
    voice = revocation.voice
    voiceprints = Voiceprint.objects.filter(recording__voice=voice)
    receipt = {
        "voiceprints": sorted(str(pk) for pk in voiceprints.values_list("recording", flat=True)),
        "objects": [_described(voice.artefact, _digest_of_model(revocation))] if voice.artefact else [],
    }
    voices.forget_voiceprints(voice)
    if voice.artefact:
        vault.delete(voice.artefact)
    return receipt


def _copy(revocation: Revocation, at: datetime) -> Receipt:
    """Seal the owner's copy, where one was asked for, and send the link to it."""
    there = revocation.voice.recordings.exists() and services.reachable(revocation)
    if not revocation.copy_wanted or not there:
        return {"wanted": revocation.copy_wanted, "made": False}
    content = services.archive(revocation.voice)
    revocation.copy_object = vault.put(revocation.vault_owner, services.COPY, content)
    revocation.copy_until = policies.copy_until(revocation.received_at)
    revocation.save(update_fields=["copy_object", "copy_until"])
    _mail(revocation, "copy", "owner")
    return {
        "wanted": True,
        "made": True,
        "until": revocation.copy_until.isoformat(),
        "copy": _described(revocation.copy_object, hashlib.sha256(content).hexdigest()),
    }


def _keys(revocation: Revocation, at: datetime) -> Receipt:
    """Note that the owner's key is overwritten: whatever copies there are, backups included, open no more."""
    return {"keys": [revocation.voice.owner.vault_owner]}


def _recordings(revocation: Revocation, at: datetime) -> Receipt:
    """Delete the recordings, and what work that was under way left since: the key is gone, so nothing follows it."""
    voice = revocation.voice
    digests = dict(voice.recordings.values_list("object", "sha256"))
    left = VaultObject.objects.filter(owner=voice.owner.vault_owner).order_by("created_at")
    objects = [_described(name, digests.get(name, "")) for name in left.values_list("name", flat=True)]
    for entry in objects:
        vault.delete(entry["object"])
    voiceprints = Voiceprint.objects.filter(recording__voice=voice)
    late = sorted(str(pk) for pk in voiceprints.values_list("recording", flat=True))
    voices.forget_voiceprints(voice)
    return {"objects": objects, "voiceprints": late}


def _copy_gone(revocation: Revocation, at: datetime) -> Receipt:
    """Delete the owner's copy after its time."""
    if not revocation.copy_object:
        return {"objects": [], "fetched_at": None}
    vault.delete(revocation.copy_object)
    made = revocation.steps.get(step="copy").receipt["copy"]
    return {"objects": [made], "fetched_at": revocation.copy_fetched_at and revocation.copy_fetched_at.isoformat()}


def _certified(revocation: Revocation, at: datetime) -> Receipt:
    """Sign what was destroyed, once nothing is left of it, and end the revocation."""
    left = VaultObject.objects.filter(owner=revocation.voice.owner.vault_owner)
    if left.exists() or Voiceprint.objects.filter(recording__voice=revocation.voice).exists():
        raise NotYetDestroyed()
    certificate = certificates.signed(revocation, at=at)
    digest = certificates.digest(certificate)
    if not services.nothing_recorded(revocation.voice):
        _mail(revocation, "certified", "uploader")
    if revocation.contact:
        _mail(revocation, "certified", "owner")
    move(
        revocation, Revocation.Status.DONE, actor=None, finished_at=at, certificate=certificate, data={"sha256": digest}
    )
    return {"sha256": digest}


STEPS: tuple[tuple[str, Callable[[Revocation, datetime], bool], Step], ...] = (
    ("withdrawn", _at_once, _withdrawn),
    ("stopped", _stop_speech, _stopped),
    ("outputs", _delete_outputs_of_a_sanction, _outputs),
    ("told", _at_once, _told),
    ("copy", _at_once, _copy),
    ("model", _no_hold, _model),
    ("keys", _keys_are_gone, _keys),
    ("recordings", _at_once, _recordings),
    ("copy_gone", _copy_key_is_gone, _copy_gone),
    ("certified", _at_once, _certified),
)


def _described(name: str, sha256: str) -> dict[str, Any]:
    row = VaultObject.objects.filter(name=name).first()
    return {"object": name, "purpose": row.purpose if row else "", "bytes": row.size if row else None, "sha256": sha256}


def _digest_of_model(revocation: Revocation) -> str:
    owner = revocation.voice.owner.vault_owner
    try:
        content = vault.read(revocation.voice.artefact, owner=owner, purpose=voices.ARTEFACT)
    except vault.VaultError:
        return ""
    return hashlib.sha256(content).hexdigest()


def _mail(revocation: Revocation, letter: str, to: str) -> None:
    subject = f"{revocation.pk}:{letter}:{to}"
    jobs.enqueue("takedowns.tell", subject, key=subject)
