"""Evaluations: a model on a dataset of any project; whom it is evaluated on, and that the numbers are right."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import iqr, variation
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score, roc_auc_score

from backend.db.session import read_session, write_session
from backend.db.tables import Job, Run
from backend.services import jobs, projects
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.trained import Trained, result_of
from workers import evaluations as worker
from workers.lifecycle import JobLostError, RunningJob, run
from workers.projects import demo


def ask(api: Api, trained: Trained, **body: Any) -> dict[str, Any]:
    """Queue an evaluation and do its job here; return it with its result."""
    run(_queued(api, trained, **body)["job"]["id"], worker.evaluate)
    shown: dict[str, Any] = api.get(f"/evaluations/{api.get('/evaluations')[0]['id']}")
    assert shown["job"]["status"] == "done", shown["job"]
    return shown


def _queued(api: Api, trained: Trained, **body: Any) -> dict[str, Any]:
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id} | body
    answer = api.client.post(api.url("/evaluations"), json=asked)
    assert answer.status_code == 202, answer.text
    queued: dict[str, Any] = answer.json()
    return queued


def _other_project(n: int, seed: int) -> dict[str, str]:
    """Simulate ECGs in another project; return what names its dataset."""
    settings = get_settings()
    with write_session(settings.resolved_database_url) as session:
        project, job = projects.create_demo(session, "Other", n, seed)
    run(job.id, demo)
    return {"dataset_project_id": project.id, "dataset_id": result_of(settings, job.id)["dataset_id"]}


def exported(api: Api, evaluation: dict[str, Any]) -> list[dict[str, str]]:
    answer = api.client.get(api.url(f"/evaluations/{evaluation['id']}/csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def _arrays(rows: list[dict[str, str]], labels: list[str]) -> tuple[np.ndarray, np.ndarray]:
    truth, outputs = (np.array([[float(row[f"{kind}_{label}"]) for label in labels] for row in rows])
                      for kind in ("truth", "output"))  # fmt: skip
    return truth, outputs


def test_the_numbers_are_those_of_scikit_learn_on_the_exported_rows(trained_api: Api, trained: Trained) -> None:
    evaluation = ask(trained_api, trained, include_seen=True)
    rows = exported(trained_api, evaluation)
    labels, result = evaluation["labels"], evaluation["result"]
    truth, outputs = _arrays(rows, labels)
    assert (result["n"], len(rows)) == (60, 60)
    scores = result["evaluation"]
    for number, one in enumerate(scores["classes"]):
        assert one["auroc"]["value"] == pytest.approx(roc_auc_score(truth[:, number], outputs[:, number]))
        ap = average_precision_score(truth[:, number], outputs[:, number])
        assert one["average_precision"]["value"] == pytest.approx(ap)
    told, true = outputs.argmax(axis=1), truth.argmax(axis=1)
    assert [row["predicted"] for row in rows] == [labels[number] for number in told]
    assert scores["macro_f1"]["value"] == pytest.approx(f1_score(true, told, average="macro"))
    assert scores["weighted_f1"]["value"] == pytest.approx(f1_score(true, told, average="weighted"))
    np.testing.assert_array_equal(scores["confusion"], confusion_matrix(true, told))
    for number, one in enumerate(result["outputs"]):
        for step in (0, 137, 500, 900, 1000):
            reach = outputs[:, number] >= step / 1000
            assert one["present"][step] == (reach & (truth[:, number] == 1)).sum()
            assert one["absent"][step] == (reach & (truth[:, number] == 0)).sum()
    parquet = trained_api.client.get(trained_api.url(f"/evaluations/{evaluation['id']}/parquet")).content
    table = pq.read_table(io.BytesIO(parquet))
    assert table.column_names == list(rows[0])
    np.testing.assert_array_equal([table[f"output_{label}"].to_pylist() for label in labels], outputs.T)


def test_a_seen_recording_is_left_out_and_the_reason_names_the_model(trained_api: Api, trained: Trained) -> None:
    evaluation = ask(trained_api, trained)
    with read_session(get_settings().resolved_database_url) as session:
        parts = session.get_one(Run, trained.run_id).split
    assert {row["recording_id"] for row in exported(trained_api, evaluation)} == set(parts["test"])
    assert {(one["reason"], one["n"]) for one in evaluation["left_out"]} == {
        ("seen", len(parts["train"])), ("seen", len(parts["validation"])),
    }  # fmt: skip
    assert all("“Tiny”" in one["why"] for one in evaluation["left_out"])
    assert (evaluation["external"], evaluation["n_not_known"]) == (False, 0)
    assert evaluation["headline"]["n"] == evaluation["result"]["n"] == len(parts["test"])


def test_the_recordings_of_each_cell_are_a_list_like_any_other(trained_api: Api, trained: Trained) -> None:
    evaluation = ask(trained_api, trained, include_seen=True)
    cells = 0
    for label in evaluation["labels"]:
        for cell in ("true_positive", "false_positive", "false_negative", "true_negative"):
            for more in ({}, {"threshold": 0.9}):
                inside = trained_api.get(
                    f"/evaluations/{evaluation['id']}/recordings", label=label, cell=cell, size=100, **more
                )
                asked = {"evaluation_id": evaluation["id"], "evaluated_label": label, "cell": cell, "size": 500} | more
                listed = trained_api.get("/recordings", **asked)
                assert {row["id"] for row in listed["items"]} == {row["recording_id"] for row in inside["items"]}
                cells += listed["total"] > 0
    assert cells > 2
    missing, unsaid = ({"evaluation_id": one, "evaluated_label": "NORM"} for one in ("none", evaluation["id"]))
    refusal(trained_api.client.get(trained_api.url("/recordings"), params=missing), 404, "NotFoundError")
    refusal(trained_api.client.get(trained_api.url("/recordings"), params=unsaid), 422, "InvalidInputError")


def test_the_same_signals_in_another_project_are_seen_and_others_are_not(trained_api: Api, trained: Trained) -> None:
    """The demo of the same seed holds the signals that the model was trained on, under other names of patients."""
    same = ask(trained_api, trained, **_other_project(60, seed=1))
    own = ask(trained_api, trained)
    assert same["result"]["n"] == own["result"]["n"] < 60
    assert sum(one["n"] for one in same["left_out"] if one["reason"] == "seen") == 60 - own["result"]["n"]
    others = _other_project(20, seed=2)
    fresh = ask(trained_api, trained, **others)
    assert (fresh["result"]["n"], fresh["left_out"], fresh["external"]) == (20, [], True)
    assert (fresh["dataset_project_id"], fresh["dataset_project_name"]) == (others["dataset_project_id"], "Other")
    page = trained_api.get(f"/evaluations/{fresh['id']}/recordings", label="NORM", cell="true_negative", threshold=1)
    assert {row["project_id"] for row in page["items"]} == {others["dataset_project_id"]}
    beside = trained_api.get("/evaluations/side-by-side", model_id=trained.model_id)
    assert len(beside["evaluation_ids"]) == 3
    external = [cell for cell in beside["cells"] if cell["external"]]
    assert {cell["evaluation_id"] for cell in external} == {fresh["id"]}
    for spread in beside["spreads"]:
        values = [v for cell in external if (v := cell[spread["measure"]]["value"]) is not None]
        assert spread["n_cells"] == len(values)
        if len(values) > 1:
            assert spread["iqr"] == pytest.approx(iqr(values))
            assert spread["cv"] == pytest.approx(variation(values, ddof=1))
            assert spread["worst"] == min(values)


def test_a_label_that_the_table_lacks_is_not_known_and_one_written_differently_is_mapped(
    trained_api: Api, trained: Trained
) -> None:
    names = [row["file_name"] for row in trained_api.recordings(size=40)]
    text = "".join(f"{name},{'Sinus rhythm' if n % 2 else 'clbbb'}\n" for n, name in enumerate(names))
    dataset = trained_api.dataset(f"file_name,label\n{text}")["id"]
    found = ask(
        trained_api, trained, dataset_id=dataset, label_map={"NORM": "Sinus rhythm"}, include_seen=True
    )  # fmt: skip
    assert found["settings"]["label_map"] == {"NORM": "Sinus rhythm", "CLBBB": "clbbb"}
    others = [label for label in found["labels"] if label not in ("NORM", "CLBBB")]
    assert sorted(found["result"]["unknown_labels"]) == sorted(others)
    assert {one["label"] for one in found["result"]["outputs"]} == {"NORM", "CLBBB"}
    for one in found["result"]["evaluation"]["classes"]:
        if one["label"] in others:
            assert one["auroc"]["value"] is one["specificity"]["value"] is one["precision"]["value"] is None
    assert {row[f"truth_{label}"] for row in exported(trained_api, found) for label in others} == {""}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"label_map": {"Chagas": "NORM"}}, "no label 'Chagas'"),
        ({"label_map": {"NORM": "Chagas"}}, "table has no label 'Chagas'"),
        ({"label_map": {"NORM": "CLBBB"}}, "same label of the table"),
        ({"prevalence": {"NORM": 1.5}}, "between 0 and 1"),
        ({"prevalence": {"Chagas": 0.5}}, "not evaluated"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_runs(
    trained_api: Api, trained: Trained, body: dict[str, Any], reason: str
) -> None:
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id} | body
    answer = trained_api.client.post(trained_api.url("/evaluations"), json=asked)
    assert reason in refusal(answer, 422, "InvalidInputError")
    assert trained_api.get("/evaluations") == []


def test_a_dataset_of_which_all_is_seen_is_refused_with_the_reason(trained_api: Api, trained: Trained) -> None:
    with read_session(get_settings().resolved_database_url) as session:
        seen = set(session.get_one(Run, trained.run_id).split["train"])
    names = [row["file_name"] for row in trained_api.recordings(size=100) if row["id"] in seen]
    dataset = trained_api.dataset("file_name,label\n" + "".join(f"{name},NORM\n" for name in names))["id"]
    asked = {"model_id": trained.model_id, "dataset_id": dataset}
    text = refusal(trained_api.client.post(trained_api.url("/evaluations"), json=asked), 422, "InvalidInputError")
    assert f"{len(names)} left out" in text
    assert "training of “Tiny”" in text


def test_each_cell_holds_as_many_recordings_as_the_matrix_says_the_surest_first(
    trained_api: Api, trained: Trained
) -> None:
    evaluation = ask(trained_api, trained, include_seen=True)
    labels, place = evaluation["labels"], f"/evaluations/{evaluation['id']}/recordings"
    of_norm = next(one for one in evaluation["result"]["outputs"] if one["label"] == "NORM")
    number = labels.index("NORM")
    step = next(k for k in range(1001) if of_norm["present"][k] + of_norm["absent"][k] <= 30)  # half are told
    sizes = {}
    for cell in ("true_positive", "false_positive", "false_negative", "true_negative"):
        rows: list[dict[str, Any]] = []
        while True:
            page = trained_api.get(
                place, label="NORM", cell=cell, threshold=step / 1000, page=1 + len(rows) // 7, size=7
            )
            rows += page["items"]
            if len(rows) == page["total"]:
                break
        outputs = [row["outputs"][number] for row in rows]
        assert outputs == sorted(outputs, reverse=cell.endswith("positive"))
        assert all((value >= step / 1000) == cell.endswith("positive") for value in outputs)
        assert {row["truth"][number] for row in rows} <= {float(cell in ("true_positive", "false_negative"))}
        sizes[cell] = len(rows)
    at = of_norm["present"][step], of_norm["absent"][step]
    assert sizes == {
        "true_positive": at[0], "false_positive": at[1], "false_negative": of_norm["n_present"] - at[0],
        "true_negative": of_norm["n_absent"] - at[1],
    }  # fmt: skip
    for true, line in zip(labels, evaluation["result"]["evaluation"]["confusion"], strict=True):
        for told, n in zip(labels, line, strict=True):
            assert trained_api.get(place, label=true, predicted_label=told)["total"] == n


def test_a_cancelled_evaluation_has_no_result_and_one_whose_worker_died_goes_on(
    trained_api: Api, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 16)
    calls: list[int] = []
    predicted: Callable[..., Any] = worker._predicted

    def dying(*given: Any) -> Any:
        calls.append(len(given[1]))
        if len(calls) == 3:
            raise JobLostError
        return predicted(*given)

    monkeypatch.setattr(worker, "_predicted", dying)
    queued = _queued(trained_api, trained, include_seen=True)
    job_id = queued["job"]["id"]
    run(job_id, worker.evaluate)
    with write_session(get_settings().resolved_database_url) as session:
        row = session.get_one(Job, job_id)
        assert row.status == "running"
        row.status = "queued"
    refusal(trained_api.client.get(trained_api.url(f"/evaluations/{queued['id']}/csv")), 409, "ConflictError")
    run(job_id, worker.evaluate)
    shown = trained_api.get(f"/evaluations/{queued['id']}")
    assert (shown["job"]["status"], shown["result"]["n"]) == ("done", 60)
    assert calls == [16, 16, 16, 16, 12]  # 32 were kept, and are not predicted again

    def cancel(job: RunningJob) -> Any:
        job._cancelled.set()
        return worker.evaluate(job)

    queued = _queued(trained_api, trained, include_seen=True)
    run(queued["job"]["id"], cancel)
    shown = trained_api.get(f"/evaluations/{queued['id']}")
    assert (shown["job"]["status"], shown["result"]) == ("cancelled", None)
    assert len(calls) == 6
    refusal(trained_api.client.get(trained_api.url(f"/evaluations/{queued['id']}/report")), 409, "ConflictError")
    assert trained_api.client.delete(trained_api.url(f"/evaluations/{queued['id']}")).status_code == 204


def test_the_report_is_one_page_that_needs_nothing_else_and_names_are_shown_as_they_are(
    trained_api: Api, trained: Trained
) -> None:
    trained_api.client.patch(trained_api.url(f"/models/{trained.model_id}"), json={"name": "<b>Tiny</b> & co"})
    evaluation = ask(trained_api, trained, prevalence={"NORM": 0.25}, include_seen=True)
    text = trained_api.client.get(trained_api.url(f"/evaluations/{evaluation['id']}/report")).text
    assert not re.search(r"(src|href)=|url\(|<script|<b>Tiny", text)
    assert "&lt;b&gt;Tiny&lt;/b&gt; &amp; co" in text
    assert f"<td>{evaluation['result']['n']}</td>" in text
    assert "TRIPOD+AI" in text
    values = re.search(r"<td>25 %</td><td>(.*?)</td><td>(.*?)</td>", text)
    with_interval = [re.fullmatch(r"[01]\.\d\d \([01]\.\d\d to [01]\.\d\d\)", value) for value in values.groups()]
    assert any(with_interval), (
        values.groups()
    )  # of one of the two there is none where the label is told of all, or none
    assert "Resampled to 100 samples a second" in text
    for one in evaluation["left_out"]:
        assert one["why"].split("“")[0] in text
    assert text.count("<svg") >= 2 + len(evaluation["labels"])


def test_deleting_the_other_project_leaves_the_numbers_and_takes_its_recordings(
    trained_api: Api, trained: Trained
) -> None:
    others = _other_project(20, seed=2)
    evaluation = ask(trained_api, trained, **others)
    assert trained_api.client.delete(f"/api/v1/projects/{others['dataset_project_id']}").status_code == 204
    shown = trained_api.get(f"/evaluations/{evaluation['id']}")
    assert (shown["dataset_id"], shown["dataset_project_id"], shown["result"]["n"]) == (None, None, 20)
    assert exported(trained_api, evaluation) == []
    with read_session(get_settings().resolved_database_url) as session:
        assert jobs.get(session, trained.project_id, evaluation["job"]["id"]).status == "done"
