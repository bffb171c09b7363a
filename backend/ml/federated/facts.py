"""What a site says beside its delta: counts of recordings, and nothing else of its data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from backend.ml.errors import ContributionError
from backend.ml.strict_json import JSON, Fields, parse_json

FEWEST: Final = 5
"""A count of recordings that is smaller is not told."""
_MOST = 10**9
_WHAT = "What the site tells of its contribution"


@dataclass(frozen=True, kw_only=True)
class ContributionFacts:
    """Counts of the training part: `labels` has for each label its recordings, None where they are told to nobody.

    `norm` is the length of the delta before it was clipped at the length agreed on, in which `factor` is how much it
    was shortened; with noise at the site both are None, since they would tell what the noise hides.
    """

    recordings: int
    patients: int | None
    labels: Mapping[str, int | None]
    norm: float | None
    factor: float | None
    round_sha256: str  # of the terms of the round that it is for

    def to_json(self) -> str:
        """Return JSON; equal values give equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, data: bytes, labels: Sequence[str]) -> "ContributionFacts":
        """Read what a site sent for a model of these labels.

        Raises ContributionError for anything else, and for a count that tells of fewer than FEWEST recordings.
        """
        read = Fields(parse_json(data, _WHAT, ContributionError, limit=100_000), _WHAT, ContributionError)
        counts = Fields(read.value("labels"), f"{_WHAT}, labels", ContributionError)
        told = {label: _count(counts, label) for label in labels}
        counts.done()
        facts = cls(
            recordings=read.integer("recordings", FEWEST, _MOST),
            patients=_count(read, "patients"),
            labels=told,
            norm=None if read.value("norm") is None else read.number("norm", 0, 1e30),
            factor=None if read.value("factor") is None else read.number("factor", 0, 1),
            round_sha256=read.text("round_sha256", longest=64),
        )
        read.done()
        for label, count in told.items():
            if count is not None and not _tellable(count, facts.recordings):
                raise ContributionError(
                    f"{_WHAT}: “{label:.80}” is told of {count} of {facts.recordings} recordings; counts below "
                    f"{FEWEST}, and those that leave fewer without the label, are not told."
                )
        if facts.patients is not None and facts.patients > facts.recordings:
            raise read.fault("patients", "at most the number of recordings")
        return facts


def told(counts: Mapping[str, int], recordings: int) -> dict[str, int | None]:
    """Return counts of labels among so many recordings, None for those that are too small to be told."""
    return {label: count if _tellable(count, recordings) else None for label, count in counts.items()}


def _tellable(count: int, recordings: int) -> bool:
    return (count == 0 or count >= FEWEST) and (count == recordings or recordings - count >= FEWEST)


def _count(read: Fields, name: str) -> int | None:
    value: JSON | object = read.value(name)
    if value is None:
        return None
    number = read.integer(name, 0, _MOST)
    if 0 < number < FEWEST:
        raise read.fault(name, f"0, at least {FEWEST}, or null where it is smaller")
    return number
