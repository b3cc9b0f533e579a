"""Rates with the interval that so few tries leave, and the spread of a measured value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SIGMAS = 1.96  # 95 % of a normal distribution


def share(hits: Sequence[bool]) -> dict[str, object]:
    """Return how many of how many, their share, and its 95 % interval as Wilson has it (E. B. Wilson, 1927)."""
    n, k = len(hits), sum(hits)
    if not n:
        return {"n": 0}
    rate, weight = k / n, SIGMAS**2 / n
    middle = (rate + weight / 2) / (1 + weight)
    reach = SIGMAS * (rate * (1 - rate) / n + weight / (4 * n)) ** 0.5 / (1 + weight)
    return {
        "n": n,
        "count": k,
        "share": round(rate, 4),
        "interval": [round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)],
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the lowest, the median and the highest, and what a twentieth lies below and above."""
    if not values:
        return {"n": 0}
    quantiles = {"lowest": 0.0, "p05": 0.05, "median": 0.5, "p95": 0.95, "highest": 1.0}
    return {"n": len(values)} | {name: round(float(np.quantile(values, part)), 4) for name, part in quantiles.items()}
