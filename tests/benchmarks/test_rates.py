import pytest

from velluto.benchmarks.rates import share, spread


@pytest.mark.parametrize(
    ("count", "n", "interval"),
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_an_interval_is_the_published_one(count: int, n: int, interval: tuple[float, float]) -> None:
    found = share([True] * count + [False] * (n - count))
    assert (found["n"], found["count"]) == (n, count)
    assert found["interval"] == pytest.approx(interval, abs=1e-4)


def test_without_tries_there_is_no_rate() -> None:
    assert share([]) == {"n": 0}
    assert spread([]) == {"n": 0}
