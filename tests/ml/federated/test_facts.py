"""Counts beside a contribution: what is told, what is withheld, and what of others is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ml.errors import ContributionError
from backend.ml.federated.facts import ContributionFacts, told

LABELS = ("AFIB", "NORM")
GOOD: dict[str, Any] = {
    "recordings": 100, "patients": 90, "labels": {"AFIB": 20, "NORM": None}, "norm": 3.2, "factor": 1.0,
    "round_sha256": "0" * 64,
}  # fmt: skip


def read(**changes: Any) -> ContributionFacts:
    return ContributionFacts.from_json(json.dumps(GOOD | changes).encode(), LABELS)


@given(st.integers(5, 10_000), st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
def test_no_count_that_is_told_is_of_one_to_four(n: int, counts: list[int]) -> None:
    shown = told({str(place): min(count, n) for place, count in enumerate(counts)}, n)
    for place, count in enumerate(counts):
        value = shown[str(place)]
        small = 0 < min(count, n) < 5 or 0 < n - min(count, n) < 5
        assert value == (None if small else min(count, n))


def test_facts_go_out_and_come_back() -> None:
    facts = read()
    assert ContributionFacts.from_json(facts.to_json().encode(), LABELS) == facts


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a count of four": ({"labels": {"AFIB": 4, "NORM": 50}}, "AFIB"),
    "three without the label": ({"labels": {"AFIB": 97, "NORM": 50}}, "AFIB"),
    "four recordings": ({"recordings": 4}, "recordings"),
    "three patients": ({"patients": 3}, "patients"),
    "more patients than recordings": ({"patients": 200}, "patients"),
    "a label too many": ({"labels": {"AFIB": 20, "NORM": 50, "Meier, Anna": 7}}, "unknown fields"),
    "no counts": ({"labels": []}, "labels"),
    "not a number": ({"norm": "NaN"}, "norm"),
    "a boolean": ({"recordings": True}, "recordings"),
    "a file name": ({"file": "p-0815.xml"}, "unknown fields"),
    "far too many": ({"recordings": 10**12}, "recordings"),
    "a negative count": ({"labels": {"AFIB": -5, "NORM": 50}}, "AFIB"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_facts_are_refused_with_the_name_of_what_is_wrong(what: str) -> None:
    changes, reason = HOSTILE[what]
    with pytest.raises(ContributionError, match=reason):
        read(**changes)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"recordings": NaN}', b"x" * 200_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(ContributionError):
        ContributionFacts.from_json(data, LABELS)
