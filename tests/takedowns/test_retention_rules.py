"""One answer for each object: what holds it, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps

from takedowns.retention.policies import Because, Facts, Rule, clock, years_after
from takedowns.retention.registry import kinds

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = Rule("it ended", days=90)
BODY = Rule("the consent ends", biometric=True)
PAPER = Rule("the voice ended", years=3, evidence=True)


def years(count: int) -> datetime:
    return NOON.replace(year=NOON.year + count)


@pytest.mark.parametrize(
    ("rule", "facts", "because", "until"),
    [
        (DAYS, Facts(), Because.SERVICE, None),
        (DAYS, Facts(ended_at=NOON), Because.TERM, NOON + timedelta(days=90)),
        (DAYS, Facts(ended_at=NOON, on_hold=True), Because.HOLD, None),
        (DAYS, Facts(last_day=NOON), Because.TERM, NOON),
        (BODY, Facts(seen_at=NOON), Because.BIOMETRIC, years(3)),  # although the voice is in use
        (BODY, Facts(seen_at=NOON, ended_at=NOON), Because.TERM, NOON),  # the purpose ended before
        (BODY, Facts(seen_at=NOON, ended_at=years(4)), Because.BIOMETRIC, years(3)),
        (BODY, Facts(seen_at=NOON, on_hold=True), Because.HOLD, None),  # a court comes before the limit
        (BODY, Facts(ended_at=NOON, seen_at=NOON, copy_until=years(1)), Because.COPY, years(1)),
        (PAPER, Facts(ended_at=NOON, evidence_until=date(2028, 1, 1)), Because.TERM, years(3)),
        (
            PAPER,
            Facts(ended_at=NOON, evidence_until=date(2031, 5, 4)),
            Because.EVIDENCE,
            datetime(2031, 5, 5, tzinfo=UTC),
        ),
        (PAPER, Facts(evidence_until=date(2020, 1, 1)), Because.SERVICE, None),  # in use: whatever the last day was
        (Rule("As long as it runs", ends=False), Facts(ended_at=NOON), Because.SERVICE, None),
    ],
)
def test_what_holds_an_object_and_until_when(rule, facts, because, until):
    found = clock(rule, facts)
    assert (found.because, found.until) == (because, until)
    if until is not None:
        assert found.over(until)
        assert not found.over(until - timedelta(microseconds=1))


def test_three_years_after_a_29_february_end_on_1_march():
    leap = datetime(2028, 2, 29, 8, tzinfo=UTC)
    assert years_after(leap, 3) == datetime(2031, 3, 1, 8, tzinfo=UTC)
    assert years_after(leap, 4) == datetime(2032, 2, 29, 8, tzinfo=UTC)
    assert clock(BODY, Facts(seen_at=leap)).until == datetime(2031, 3, 1, 8, tzinfo=UTC)


def test_the_schedule_says_what_the_rules_do():
    words = {one.code: one.rule.words for one in kinds()}
    assert words["voices"] == (
        "Until the consent ends, and never longer than three years after the person was last here."
    )
    assert words["detections"].startswith("90 days after it was answered")
    assert words["evidence"] == (
        "Three years after the voice ended, and never less than three years after the consent was given."
    )
    assert len(words) == len(kinds())
    for one in kinds():
        assert (one.destroy is None) == (one.due is None) == (one.facts is None), one.code
        assert one.rule.ends or one.destroy is None, one.code


OF_NOBODY = {
    "accounts.LegalText",
    "consent.Attestation",
    "moderation.NoGoRevision",
    "moderation.PolicySection",
    "moderation.SavedView",
}


def test_every_table_has_its_line_in_the_schedule():
    """Put a new model into the `tables` of the kind that says how long it is kept, or add a kind for it."""
    ours = ("accounts", "consent", "moderation", "synthesis", "takedowns", "velluto", "voices")
    models = [model for app in ours for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
    said = [label for one in kinds() for label in one.tables.split()]
    assert {model._meta.label for model in models} - OF_NOBODY == {*said}
    assert len(said) == len({*said})
