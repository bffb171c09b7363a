"""Folds by source over the API: what is offered, who tests and learns where, what is refused, and what is found."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import Import, Job, Recording, Run, utc_now
from backend.services import jobs, out_of_fold, run_division, runs
from backend.settings import Settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file

RLIGN = {"architecture": "rlign_logistic"}
SMALL = {"architecture": "xresnet1d18", "training": {"max_epochs": 2}}
N = 60
DEVICES = ["MAC 5500"] * 28 + ["ELI  250 "] * 20 + ["AT-102"] * 3 + ["AT-1"] * 3 + [None] * 6


@pytest.fixture
def dataset(api: Api, installed: Settings) -> str:
    """60 recordings of 60 patients but one who has two, from two devices, two rare ones and some unknown."""
    names = [f"{'north' if number % 2 else 'south'}/{number}.csv" for number in range(N)]
    api.upload({name: csv_file(number, n=500) for number, name in enumerate(names)}, rate="100")
    _set(installed, DEVICES)
    rows = [f"{name},{n % 3 == 0:d},{n % 2},{'p0' if n == 30 else f'p{n}'}" for n, name in enumerate(names)]
    table = "\n".join(["file_name,MI,AFIB,patient_id", *rows]) + "\n"
    dataset_id: str = api.dataset(table)["id"]
    return dataset_id


def _set(installed: Settings, devices: Sequence[str | None]) -> None:
    with write_session(installed.resolved_database_url) as session:
        for row in session.query(Recording):
            row.device = devices[int(row.file_name.split("/")[1].split(".")[0])]


def _estimate(api: Api, dataset: str, **split: Any) -> Any:
    return api.client.post(api.url("/runs/estimate"), json={"dataset_id": dataset, "split": split} | RLIGN)


def _queue(api: Api, dataset: str, by: str = "device") -> dict[str, Any]:
    answer = api.client.post(api.url("/runs"), json={"dataset_id": dataset, "split": {"folds_by": by}} | RLIGN)
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_sources_are_offered_where_two_have_enough_patients(api: Api, dataset: str, installed: Settings) -> None:
    kinds = {one["by"]: one for one in api.get(f"/datasets/{dataset}/sources")["kinds"]}
    assert set(kinds) == {"device", "folder"}  # all are CSV, of one import
    assert kinds["device"] == {
        "by": "device", "n_small": 2, "n_recordings_of_small": 6, "n_unknown": 6,
        "sources": [{"name": "MAC 5500", "n": 28, "n_patients": 28}, {"name": "ELI 250", "n": 20, "n_patients": 20}],
    }  # fmt: skip
    assert [one["name"] for one in kinds["folder"]["sources"]] == ["north", "south"]
    _set(installed, [None] * N)
    assert [one["by"] for one in api.get(f"/datasets/{dataset}/sources")["kinds"]] == ["folder"]


def test_each_import_is_a_source_and_what_comes_again_stays_with_the_first(api: Api, installed: Settings) -> None:
    for start in (0, 20):
        api.upload({f"{n}.csv": csv_file(n, n=500) for n in range(start, start + 20)}, rate="100")
        api.upload({"0.csv": csv_file(0, n=500)}, rate="100")
    dataset = api.dataset("file_name,MI\n" + "".join(f"{n}.csv,{n % 2}\n" for n in range(40)))["id"]
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for apart, names in ((1.0, ["12:00:00 UTC", "12:00:02 UTC"]), (0.01, ["12:00:00 UTC", "12:00:00 UTC (3)"])):
        with write_session(installed.resolved_database_url) as session:
            rows = session.scalars(select(Import).order_by(Import.created_at, Import.id)).all()
            for number, row in enumerate(rows):
                row.created_at = noon + timedelta(seconds=number * apart)
        (kind,) = api.get(f"/datasets/{dataset}/sources")["kinds"]
        assert (kind["by"], [one["n"] for one in kind["sources"]], kind["n_unknown"]) == ("import", [20, 20], 0)
        assert sorted(one["name"].removeprefix("2026-03-01 ") for one in kind["sources"]) == names


def test_what_is_tested_in_each_fold_is_told_before(api: Api, dataset: str) -> None:
    told = _estimate(api, dataset, folds_by="device").json()
    how = told["how_tested"]
    assert (how["method"], how["folds_by"], how["folds"], how["repeats"]) == ("cross_validation", "device", 3, 1)
    assert [(one["names"], one["n_small"], one["n"]) for one in how["sources"]] == [
        (["MAC 5500"], 0, 28), (["ELI 250"], 0, 20), ([], 2, 6),
    ]  # fmt: skip
    assert told["parts"] == {"train": 60, "validation": 0, "test": 54}
    assert any(note.startswith("6 recordings are in no fold, as their source is not known.") for note in told["notes"])


def test_nobody_and_no_device_is_on_both_sides_of_a_run_that_is_queued(
    api: Api, dataset: str, installed: Settings
) -> None:
    made = _queue(api, dataset)
    assert made["how_tested"]["folds_by"] == "device"
    with read_session(installed.resolved_database_url) as session:
        run = session.get_one(Run, made["id"])
        folds, chosen = run_division.folds_of(run), runs.split_examples(session, run)[0]
        device = {row.id: row.device for row in session.query(Recording)}
    assert folds is not None
    assert folds.k == 3
    for fold in range(3):
        tests, learns = ([chosen[row] for row in rows] for rows in (folds.tests(0, fold), folds.learns(0, fold)))
        assert not {one.patient_id for one in tests} & {one.patient_id for one in learns}
        used = [{device[one.recording_id] for one in some} for some in (tests, learns)]
        assert not used[0] & used[1]
        assert None not in used[0] | used[1]
    both = [row for row, one in enumerate(chosen) if one.patient_id == chosen[0].patient_id]
    assert [folds.fold[0][row] for row in both] == [0, 1]  # who was at two devices is tested at each
    assert not set(both) & {*folds.learns(0, 0).tolist(), *folds.learns(0, 1).tolist()}
    again = _queue(api, dataset)
    with read_session(installed.resolved_database_url) as session:
        first, second = (session.get_one(Run, one["id"]) for one in (made, again))
        assert (first.split, first.facts["data_hash"]) == (second.split, second.facts["data_hash"])


def test_what_cannot_be_is_refused_in_plain_words(api: Api, dataset: str) -> None:
    for split, said in (
        ({"folds_by": "device", "method": "holdout"}, "Folds by source are a cross-validation"),
        ({"folds_by": "device", "kind": "column"}, "Folds by source are a cross-validation"),
        ({"folds_by": "device", "folds": 5}, "Leave the numbers of folds and repeats out"),
        ({"folds_by": "device", "repeats": 2}, "Leave the numbers of folds and repeats out"),
        ({"folds_by": "format"}, "Here 1 fold can be made of 1 source"),
        ({"folds_by": "ward"}, "folds_by"),
    ):
        answer = _estimate(api, dataset, **split)
        assert answer.status_code == 422
        assert said in answer.text


def _answer(installed: Settings, run_id: str, noise: dict[str, float], seed: int) -> tuple[Any, Any, Any]:
    """Have the run done, with outputs as noisy as the device; return devices, truth and outputs of what was tested."""
    random = np.random.default_rng(seed)
    with write_session(installed.resolved_database_url) as session:
        run = session.get_one(Run, run_id)
        named = {row.id: row.file_name for row in session.query(Recording)}
        fold, devices, truths, outputs = np.array(run.split["folds"][0]), [], [], []
        for number in range(int(fold.max()) + 1):
            ids = [run.split["train"][row] for row in np.flatnonzero(fold == number)]
            places = np.array([int(named[one].split("/")[1].split(".")[0]) for one in ids])
            truth = np.column_stack([places % 3 == 0, places % 2]).astype(float)
            at = [" ".join(str(DEVICES[place]).split()) for place in places]
            spread = np.array([noise.get(one, 0.5) for one in at])[:, None]
            logits = (truth + spread * random.normal(size=truth.shape)).astype(np.float32)
            out_of_fold.add(session, run_id, 0, number, ids, logits)
            devices, truths, outputs = devices + at, [*truths, truth], [*outputs, logits]
        job = session.get_one(Job, run.job_id)
        job.started_at = utc_now()
        jobs.finish(session, job, "done")
    return np.array(devices), np.concatenate(truths), np.concatenate(outputs)


def test_a_run_is_told_device_by_device_with_the_worst_named(api: Api, dataset: str, installed: Settings) -> None:
    made = _queue(api, dataset)
    assert api.get(f"/runs/{made['id']}/sources")["sources"] == []
    devices, truth, outputs = _answer(installed, made["id"], {"ELI 250": 5.0}, seed=2)
    found = api.get(f"/runs/{made['id']}/sources")
    assert (found["by"], found["measure"]) == ("device", "macro_auroc")
    assert [(one["name"], one["n_sources"], one["n"]) for one in found["sources"]] == [
        ("MAC 5500", 1, 28), ("ELI 250", 1, 20), (None, 2, 6),
    ]  # fmt: skip
    for one in found["sources"][:2]:
        mine = devices == one["name"]
        expected = roc_auc_score(truth[mine], outputs[mine], average="macro")
        assert one["scores"][0]["value"] == pytest.approx(expected)
    assert found["sources"][2]["scores"][0]["withheld"]
    assert "worst on “ELI 250”" in found["text"][0]
    of_patients = api.client.post(api.url("/runs"), json={"dataset_id": dataset} | RLIGN).json()
    assert api.get(f"/runs/{of_patients['id']}/sources") == {
        "by": "patient", "measure": "macro_auroc", "sources": [], "text": [],
    }  # fmt: skip


def test_candidates_are_compared_on_the_same_sources(api: Api, dataset: str, installed: Settings) -> None:
    body = {"dataset_id": dataset, "candidates": [RLIGN, SMALL], "folds_by": "device"}
    told = api.client.post(api.url("/comparisons/estimate"), json=body)
    assert told.status_code == 200, told.text
    answer = api.client.post(api.url("/comparisons"), json=body)
    assert answer.status_code == 202, answer.text
    made = answer.json()
    assert (made["folds_by"], made["folds"], made["repeats"]) == ("device", 3, 1)
    for place, one in enumerate(made["candidates"]):
        devices, truth, outputs = _answer(installed, one["run_id"], {"ELI 250": 1 + 4 * place}, seed=place)
    result = api.get(f"/comparisons/{made['id']}")["result"]
    assert [one["name"] for one in result["sources"]] == ["MAC 5500", "ELI 250", None]
    assert all(len(one["scores"]) == 2 for one in result["sources"])
    mine = devices == "ELI 250"
    second = result["sources"][1]["scores"][1]["value"]
    assert second == pytest.approx(roc_auc_score(truth[mine], outputs[mine], average="macro"))
    assert "Each source was tested by a model that has learned from the others" in result["text"][-1]
    refused = api.client.post(api.url("/comparisons"), json=body | {"repeats": 3})
    assert "Leave the numbers of folds and repeats out" in refusal(refused, 422, "InvalidInputError")


def test_what_has_failed_is_trained_again_in_the_same_folds(api: Api, dataset: str, installed: Settings) -> None:
    body = {"dataset_id": dataset, "candidates": [RLIGN, SMALL], "folds_by": "device"}
    made = api.client.post(api.url("/comparisons"), json=body).json()
    api.client.post(api.url(f"/comparisons/{made['id']}/cancel"))
    again = api.client.post(api.url(f"/comparisons/{made['id']}/resume")).json()
    with read_session(installed.resolved_database_url) as session:
        ids = [one["run_id"] for one in (*made["candidates"], *again["candidates"])]
        splits = [session.get_one(Run, one).split for one in ids]
    assert all(one == splits[0] for one in splits)
    assert "sources" in splits[0]
