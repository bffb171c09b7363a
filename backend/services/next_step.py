"""What is best done next in a project, from what it holds and what is unfinished in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

StepKind = Literal[
    "upload", "wait", "start_worker", "label", "read", "freeze", "match", "train", "retry", "test", "predict"
]
UnfinishedKind = Literal["refused", "findings", "reading", "frozen", "running", "failed", "untested", "unmatched"]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Something that is begun and not done: `n` of `total` files, recordings, rows or per cent, as the kind counts.

    refused: files of an import that were not taken; findings: files of an import with findings; reading: recordings of
    a label set that enough readers have read; frozen: those of a label set that is read and was made no dataset of;
    running: per cent of a training that waits or runs; failed: the newest training, which failed; untested: a model
    that was not tested on recordings of elsewhere; unmatched: rows of the newest table without a recording.
    """

    kind: UnfinishedKind
    id: str
    name: str
    n: int
    total: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, and the id of what it is to be done with ("" where it is the project itself)."""

    kind: StepKind
    id: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the next step depends on."""

    n_recordings: int
    n_datasets: int
    n_matched: int
    """Recordings with a row in the newest table of labels."""
    n_label_sets: int
    n_models: int
    n_predictions: int
    newest_model: str
    is_filling: bool
    """A job puts simulated recordings into it."""
    n_waiting: int
    """Jobs that wait for a worker."""
    has_worker: bool


def next_step(held: Held, unfinished: Sequence[Unfinished]) -> NextStep:
    """Return the one thing to do next: what stands in the way first, then the steps of the page in their order."""
    first = {one.kind: one for one in reversed(unfinished)}  # the newest of each kind
    if held.n_waiting and not held.has_worker:
        return NextStep("start_worker")
    if held.is_filling:
        return NextStep("wait")
    if not held.n_recordings:
        return NextStep("upload")
    if not held.n_datasets:
        if "frozen" in first:
            return NextStep("freeze", first["frozen"].id)
        return NextStep("read", first["reading"].id) if "reading" in first else NextStep("label")
    if not held.n_matched:
        return NextStep("match")
    if "running" in first:
        return NextStep("wait", first["running"].id)
    if not held.n_models:
        return NextStep("retry", first["failed"].id) if "failed" in first else NextStep("train")
    if "untested" in first:
        return NextStep("test", first["untested"].id)
    return NextStep("predict", held.newest_model)
