"""The gate's rules at their boundaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from consent import policies
from consent.policies import Measured


def judged(rule: policies.Rule, value: float) -> policies.Finding:
    return rule.judge(Measured(value, "engine", "1"))


@pytest.mark.parametrize("rule", [rule for rule in vars(policies).values() if isinstance(rule, policies.Rule)])
def test_a_rule_passes_at_its_threshold_and_fails_just_beyond(rule: policies.Rule):
    beyond = 0.001 if rule.at_most else -0.001
    at, over = judged(rule, rule.threshold), judged(rule, rule.threshold + beyond)
    assert (at.passed, over.passed) == (True, False)
    assert at.sentence != over.sentence
    assert "{" not in at.sentence + over.sentence


@pytest.mark.parametrize("step", policies.REQUIRED)
def test_a_check_that_was_not_made_is_not_passed(step: str):
    rules = {rule.code: rule for rule in vars(policies).values() if isinstance(rule, policies.Rule)}
    findings = [judged(rules[code], rules[code].threshold) for code in policies.REQUIRED[step]]
    findings = [finding for finding in findings if finding.passed]
    assert policies.passed(step, findings)
    for missing in findings:
        assert not policies.passed(step, [finding for finding in findings if finding is not missing])
    assert not policies.passed(step, [])


def test_an_answer_at_the_limit_is_in_time_and_a_tenth_later_is_not():
    shown = datetime(2026, 1, 1, tzinfo=UTC)
    limit = timedelta(seconds=13)
    assert policies.captcha_in_time(shown, shown + limit, limit=limit)
    assert not policies.captcha_in_time(shown, shown + limit + timedelta(seconds=0.1), limit=limit)
    assert not policies.captcha_in_time(shown, shown - timedelta(seconds=1), limit=limit)


@pytest.mark.parametrize(
    ("given", "until"),
    [
        (date(2026, 11, 21), date(2029, 11, 21)),
        (date(2028, 2, 29), date(2031, 3, 1)),
        (date(2027, 12, 31), date(2030, 12, 31)),
    ],
)
def test_evidence_is_kept_for_three_years_to_the_day(given: date, until: date):
    assert policies.retain_until(given) == until
