"""Delete what was asked and said, once nobody needs it any more. Each is on record, and safe to repeat."""

from __future__ import annotations

from django.db import transaction

from synthesis.models import Detection, Screening, SpeechRequest
from velluto import audit, vault


@transaction.atomic
def forget_script(request: SpeechRequest) -> None:
    """Delete the text of a finished request; the row stays as the usage log."""
    if SpeechRequest.objects.filter(pk=request.pk).exclude(script=b"").update(script=b""):
        audit.record("synthesis.script.forgotten", subject=request, data={"characters": request.characters})


@transaction.atomic
def forget_screening(found: Screening) -> None:
    """Delete what the screening said of a text."""
    if Screening.objects.filter(pk=found.pk).delete()[0]:
        audit.record("synthesis.screening.forgotten", subject=found, data={"verdict": found.verdict})


@transaction.atomic
def forget_detection(detection: Detection) -> None:
    """Delete a question to the detector, with its answer."""
    if detection.object:
        vault.delete(detection.object)  # it went with the answer; a file of a crash goes now
    if Detection.objects.filter(pk=detection.pk).delete()[0]:
        audit.record("synthesis.detection.forgotten", subject=detection)
