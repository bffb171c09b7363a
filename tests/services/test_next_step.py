"""What is said to be done next follows the way from a folder of files to a tested model, whatever else is there."""

from dataclasses import replace

import pytest

from backend.services.next_step import Held, NextStep, Unfinished, next_step

EMPTY = Held(
    n_recordings=0, n_datasets=0, n_matched=0, n_label_sets=0, n_models=0, n_predictions=0, newest_model="",
    is_filling=False, n_waiting=0, has_worker=True,
)  # fmt: skip
FULL = replace(EMPTY, n_recordings=9, n_datasets=1, n_matched=9, n_models=1, newest_model="m")


def _open(kind: str, one: str = "x") -> Unfinished:
    return Unfinished(kind, one, "name", 1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "unfinished", "step"),
    [
        (EMPTY, [], NextStep("upload")),
        (replace(EMPTY, is_filling=True), [], NextStep("wait")),
        (replace(EMPTY, n_recordings=9), [], NextStep("label")),
        (replace(EMPTY, n_recordings=9), [_open("reading", "new"), _open("reading", "old")], NextStep("read", "new")),
        (replace(EMPTY, n_recordings=9), [_open("reading"), _open("frozen", "f")], NextStep("freeze", "f")),
        (replace(EMPTY, n_recordings=9, n_datasets=1), [_open("unmatched")], NextStep("match")),
        (replace(FULL, n_models=0), [], NextStep("train")),
        (replace(FULL, n_models=0), [_open("failed", "r")], NextStep("retry", "r")),
        (replace(FULL, n_models=0), [_open("running", "r")], NextStep("wait", "r")),
        (FULL, [_open("untested", "u"), _open("reading")], NextStep("test", "u")),
        (FULL, [_open("findings"), _open("refused")], NextStep("predict", "m")),
    ],
)
def test_each_state_leads_one_step_further(held: Held, unfinished: list[Unfinished], step: NextStep) -> None:
    assert next_step(held, unfinished) == step


def test_jobs_that_nobody_takes_up_stand_before_everything_else() -> None:
    waiting = replace(FULL, n_waiting=1, has_worker=False)
    assert next_step(waiting, [_open("running")]).kind == "start_worker"
    assert next_step(replace(waiting, has_worker=True), [_open("running", "r")]) == NextStep("wait", "r")
