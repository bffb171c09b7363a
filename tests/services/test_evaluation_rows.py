"""Rows of evaluations on each database; what they amount to for a model of several labels, beside scikit-learn."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from backend.db.session import read_session, write_session
from backend.db.tables import Evaluation, Job, Model, Project, Recording
from backend.ecg.preprocess import preset
from backend.ml.spec import ModelSpec
from backend.services import evaluation_rows
from backend.services.evaluation_results import result_of
from backend.services.evaluation_rows import Columns
from backend.settings import Settings

SPEC = ModelSpec(
    architecture="x", labels=("A", "B", "C"), task="multi_label", preprocessing=preset("clinical"),
    thresholds=(0.3, 0.6, 0.5),
)  # fmt: skip
RANDOM = np.random.default_rng(3)


def _row(**settings: Any) -> Any:
    chosen = {"threshold_rule": "own", "label_map": {"A": "a", "B": "B"}} | settings
    return SimpleNamespace(model=SimpleNamespace(spec=SPEC.to_dict(), evaluation={}), settings=chosen, facts={})


def test_rows_are_kept_once_and_read_back_as_arrays_on_each_database(on_each_database: Settings) -> None:
    url = on_each_database.resolved_database_url
    with write_session(url) as session:
        project = Project(name="P")
        session.add(project)
        session.flush()
        job = Job(project_id=project.id, kind="evaluations.evaluate")
        model = Model(project_id=project.id, name="M", architecture="x", onnx_key="0" * 64, spec=SPEC.to_dict())
        ecgs = [
            Recording(
                project_id=project.id, source_sha256=str(n), file_name=f"{n}.hea", name=str(n), format="wfdb", rate=500,
                n_samples=10, signal_key="k",
            )
            for n in range(3)
        ]  # fmt: skip
        session.add_all([job, model, *ecgs])
        session.flush()
        row = Evaluation(project_id=project.id, model_id=model.id, job_id=job.id)
        session.add(row)
        session.flush()
        values = [
            {"recording_id": ecg.id, "outputs": [0.1 * n, 0.5, 0.25], "truth": [1.0, 0.0, None], "patient_id": None,
             "seen": n == 1, "error": None}
            for n, ecg in enumerate(ecgs)
        ]  # fmt: skip
        values[2] |= {"outputs": [], "error": "It is damaged."}
        gone = values[0] | {"recording_id": "gone"}
        for _ in range(2):
            evaluation_rows.add(session, row.id, [*values, gone])
        row_id = row.id
    with read_session(url) as session:
        kept = session.get_one(Evaluation, row_id)
        found = evaluation_rows.columns(session, kept)
        assert (len(evaluation_rows.done(session, row_id)), list(found.seen)) == (3, [False, True])
        np.testing.assert_array_equal(found.outputs, [[0, 0.5, 0.25], [0.1, 0.5, 0.25]])
        np.testing.assert_array_equal(found.truth, [[1, 0, np.nan], [1, 0, np.nan]])
        assert evaluation_rows.errors(session, row_id) == [("It is damaged.", 1)]


def test_a_model_of_several_labels_is_measured_on_those_that_the_table_knows() -> None:
    n = 400
    truth = np.column_stack([RANDOM.random((n, 2)) < 0.4, np.full(n, np.nan)]).astype(float)
    outputs = np.clip(RANDOM.normal(0.4, 0.2, (n, 3)) + 0.2 * np.nan_to_num(truth), 0, 1).round(3)
    found = Columns([str(k) for k in range(n)], outputs, truth, [f"p{k // 2}" for k in range(n)], np.zeros(n, bool))
    sexes = ["female" if k % 3 else "male" for k in range(n)]
    result = result_of(_row(), found, {"sex": sexes}, [])
    scores: Any = result.evaluation
    assert (result.n, result.n_patients, result.unknown_labels) == (n, n // 2, ("C",))
    assert [one.label for one in scores.classes] == ["A", "B"]
    assert scores.thresholds == (0.3, 0.6)
    told = outputs[:, :2] >= [0.3, 0.6]
    assert scores.macro_f1.value == pytest.approx(f1_score(truth[:, :2], told, average="macro"))
    assert scores.macro_auroc.value == pytest.approx(roc_auc_score(truth[:, :2], outputs[:, :2]))
    ap = average_precision_score(truth[:, :2], outputs[:, :2])
    assert scores.macro_average_precision.value == pytest.approx(ap)
    assert result.outputs[0].table_label == "a"
    assert result.outputs[1].present[600] == int(told[truth[:, 1] == 1, 1].sum())
    men = np.array(sexes) == "male"
    group = next(one for one in result.groups if one.group == "male")
    assert (group.n, group.labels[1].support) == (men.sum(), truth[men, 1].sum())
    auroc = group.labels[1].auroc
    assert auroc is not None
    assert auroc.value == pytest.approx(roc_auc_score(truth[men, 1], outputs[men, 1]))
    half: Any = result_of(_row(threshold_rule="half"), found, {}, []).evaluation
    assert half.thresholds == (0.5, 0.5)
