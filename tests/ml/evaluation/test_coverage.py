"""The 95 % intervals hold the truth about as often as they say: a small version of bench/coverage.py, seeded."""

from collections import defaultdict

import pytest

from backend.ml.evaluation import intervals
from bench.coverage_draws import Population, Values

LEAST, MOST = 0.91, 0.995  # of a few hundred intervals each, where 93 to 98 % of many hold
HARD = {
    "by record": (Population(0.1, 1), 100, 50),
    "three records a patient": (Population(0.2, 3), 100, 50),
    "a rare label": (Population(0.05, 1), 50, 120),
    "values of patients": (Values(3), 100, 200),
}


def held(kind: str) -> dict[str, float]:
    drawn, n, tables = HARD[kind]
    found = defaultdict(list)
    for name, estimate, truth in drawn.tables(n, tables):
        if estimate.low is not None:
            found[name].append(estimate.low <= truth <= estimate.high)
    return {name: sum(each) / len(each) for name, each in found.items() if len(each) >= 100}


@pytest.mark.parametrize("kind", HARD)
def test_every_interval_holds_the_truth_about_as_often_as_it_says(kind: str) -> None:
    found = held(kind)
    assert len(found) >= (4 if kind == "a rare label" else 7)
    assert {name: share for name, share in found.items() if not LEAST <= share <= MOST} == {}


def test_it_is_seen_when_an_interval_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def wald(share: float, n: float, z: float = 1.96) -> tuple[float, float]:
        half = z * (share * (1 - share) / n) ** 0.5
        return share - half, share + half

    monkeypatch.setattr(intervals, "wilson", wald)
    found = held("by record")
    assert found["sensitivity"] < LEAST
