"""How the end of what is kept is recorded: see tests/test_no_row_no_action.py."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from consent import forgetting as consent
from consent import services as gate
from synthesis import forgetting as synthesis
from synthesis.models import Detection, Screening
from tests import factories, standins
from voices.models import Voice

Action = Callable[[], object]


def ended() -> Voice:
    voice = factories.declared_voice()
    gate.withdraw(voice, actor=voice.account, reason="So")
    return Voice.objects.select_related("owner").get(pk=voice.pk)


def seal_names() -> Action:
    voice = ended()
    return lambda: consent.seal_names(Voice.objects.select_related("owner").get(pk=voice.pk))


def forget_evidence() -> Action:
    voice = ended()
    return lambda: consent.forget_evidence(Voice.objects.select_related("owner").get(pk=voice.pk), at=timezone.now())


def forget_script() -> Action:
    request = standins.asked(standins.active_voice())
    return lambda: synthesis.forget_script(request)


def forget_screening() -> Action:
    found = Screening.objects.create(
        account=factories.make_user(), engine="x", version="1", verdict="block", screened_at=timezone.now()
    )
    return lambda: synthesis.forget_screening(Screening(pk=found.pk, verdict="block"))


def forget_detection() -> Action:
    asked = Detection.objects.create(client="x", seconds=1.0, asked_at=timezone.now())
    return lambda: synthesis.forget_detection(asked)


ACTIONS = {
    "consent.forgetting.seal_names": seal_names,
    "consent.forgetting.forget_evidence": forget_evidence,
    "synthesis.forgetting.forget_script": forget_script,
    "synthesis.forgetting.forget_screening": forget_screening,
    "synthesis.forgetting.forget_detection": forget_detection,
}
PARTS: dict[str, str] = {}
READS = {"consent.forgetting.there", "consent.forgetting.last_day"}
