"""What the consent of a voice covers beyond the account it was made for; whoever keeps consent answers."""

from __future__ import annotations

from collections.abc import Callable, Collection

from voices.models import Voice

Answer = Callable[[Voice], Collection[str]]
_answers: list[Answer] = []


def answers(function: Answer) -> Answer:
    """Register who knows the scope of a voice's consent; consent stands above voices, so it comes to us."""
    if function not in _answers:
        _answers.append(function)
    return function


def of(voice: Voice) -> frozenset[str]:
    """Return what the consent covers; nothing where nobody knows."""
    return frozenset(word for answer in _answers for word in answer(voice))
