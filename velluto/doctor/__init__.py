"""What is wrong with an installation, and how to mend it. Each examination looks at one thing and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from velluto.doctor import databases, engines, house, keys
from velluto.doctor.findings import Finding, Level

EXAMINATIONS = (*house.EXAMINATIONS, *databases.EXAMINATIONS, *keys.EXAMINATIONS, *engines.EXAMINATIONS)

__all__ = ["EXAMINATIONS", "Finding", "Level", "examine"]


def examine() -> Iterator[Finding]:
    """Yield what is found, one thing after the other; an examination that breaks down is a finding itself."""
    for look in EXAMINATIONS:
        try:
            yield from look()
        except Exception as error:
            # The class alone: a message may quote an address with its password.
            name = look.__name__.replace("_", " ")
            yield Finding(look.__name__, Level.FAIL, f"{name}: {type(error).__name__}", "See the findings above first.")
