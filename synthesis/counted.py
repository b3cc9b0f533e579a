"""The figures of speaking and detecting."""

from __future__ import annotations

from collections.abc import Iterator

from moderation.figures import Period, Table, register
from synthesis.models import Detection, Output


@register
def of_speech(period: Period) -> Iterator[Table]:
    answered = Detection.objects.filter(period.within("answered_at"), status=Detection.Status.ANSWERED)
    yield Table(
        "speech",
        "Speech and detections",
        ("What", "Number"),
        (
            ("Recordings made and marked", Output.objects.filter(period.within("released_at")).count()),
            ("Recordings deleted", Output.objects.filter(period.within("deleted_at")).count()),
            ("Questions to the detector answered", answered.count()),
            ("Found to be made here", answered.filter(answer__made_here=True).count()),
        ),
    )
