"""What voices said, and what was asked of the detector."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from accounts import sanctions
from synthesis import forgetting
from synthesis import services as synthesis
from synthesis.models import Detection, Output, Screening, SpeechRequest
from synthesis.policies import OUTPUT_AFTER_WITHDRAWAL
from takedowns.retention.policies import Facts, Rule, years_before
from takedowns.retention.registry import Kind

OUTPUTS = Rule(
    "the consent for the voice ended; until then as long as you have your account", days=OUTPUT_AFTER_WITHDRAWAL.days
)
SCRIPTS = Rule("it was spoken or ended", years=3)
SCREENINGS = Rule("the text was looked at", years=3)
DETECTIONS = Rule("it was answered; the sound itself goes with the answer", days=90)


def _held(account: UUID | None, at: datetime) -> bool:
    return sanctions.on_hold(at=at).filter(account=account).exists()


def _output(pk: UUID, at: datetime) -> Facts | None:
    output = Output.objects.select_related("request").filter(pk=pk, deleted_at=None).first()
    if output is None:
        return None
    account = output.request.account_id
    return Facts(last_day=output.delete_after, on_hold=_held(account, at), account=account)


def _script(pk: UUID, at: datetime) -> Facts | None:
    request = SpeechRequest.objects.filter(pk=pk).exclude(script=b"").first()
    if request is None:
        return None
    ended_at = (request.finished_at or request.requested_at) if request.finished else None
    return Facts(ended_at=ended_at, on_hold=_held(request.account_id, at), account=request.account_id)


def _screening(pk: UUID, at: datetime) -> Facts | None:
    found = Screening.objects.select_related("request").filter(pk=pk).first()
    if found is None:
        return None
    waits = found.request is not None and not found.request.finished
    return Facts(
        ended_at=None if waits else found.screened_at, on_hold=_held(found.account_id, at), account=found.account_id
    )


def _detection(pk: UUID, at: datetime) -> Facts | None:
    detection = Detection.objects.filter(pk=pk).first()
    if detection is None:
        return None
    return Facts(ended_at=None if detection.status == Detection.Status.WAITING else detection.answered_at)


KINDS = (
    Kind(
        "outputs",
        "Sound that your voices made",
        "So that you can download it.",
        OUTPUTS,
        by="Deleted by itself, within five minutes; what a sanction ends, at once",
        due=lambda at: Output.objects.filter(deleted_at=None, delete_after__lte=at).values_list("pk", flat=True),
        facts=_output,
        destroy=lambda pk, at: synthesis.delete_output(Output(pk=pk), reason="its time was over", at=at),
        of=lambda account: Output.objects.filter(request__account=account, deleted_at=None).count(),
        tables="synthesis.Output",
    ),
    Kind(
        "scripts",
        "Texts that you had spoken",
        "So that you find them again, and so that misuse can be proven.",
        SCRIPTS,
        due=lambda at: (
            SpeechRequest.objects.filter(requested_at__lte=years_before(at, SCRIPTS.years))
            .exclude(script=b"")
            .values_list("pk", flat=True)
        ),
        facts=_script,
        destroy=lambda pk, at: forgetting.forget_script(SpeechRequest.objects.get(pk=pk)),
        of=lambda account: account.speech_requests.exclude(script=b"").count(),
        tables="synthesis.SpeechRequest",
    ),
    Kind(
        "usage",
        "That something was spoken: when, by which voice, with which mark. No text and no sound",
        "So that anybody can find out of a sound whether it was made here, and whether its consent stands.",
        Rule(
            "As long as Velluto runs, for a mark can be found as long as the sound is around; "
            "once your account is erased, nothing in it says whose it was",
            ends=False,
        ),
        by="Kept",
        of=lambda account: account.speech_requests.count(),
    ),
    Kind(
        "screenings",
        "What the screening said of a text, without the text",
        "To measure how well the screening works.",
        SCREENINGS,
        due=lambda at: Screening.objects.filter(screened_at__lte=years_before(at, SCREENINGS.years)).values_list(
            "pk", flat=True
        ),
        facts=_screening,
        destroy=lambda pk, at: forgetting.forget_screening(Screening.objects.get(pk=pk)),
        of=lambda account: account.screenings.count(),
        tables="synthesis.Screening",
    ),
    Kind(
        "detections",
        "A question to the detector, and its answer",
        "So that you can open the answer again and report what it shows.",
        DETECTIONS,
        due=lambda at: Detection.objects.filter(answered_at__lte=at - timedelta(days=DETECTIONS.days)).values_list(
            "pk", flat=True
        ),
        facts=_detection,
        destroy=lambda pk, at: forgetting.forget_detection(Detection.objects.get(pk=pk)),
        tables="synthesis.Detection",
    ),
)
