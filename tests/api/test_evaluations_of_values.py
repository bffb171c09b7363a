"""Evaluations of a model that estimates values: the numbers are those of scikit-learn on the exported rows."""

import csv
import io
import random

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from tests.api_calls import Api, refusal
from tests.trained import QUICK, TINY, Trained
from workers.evaluations import evaluate
from workers.lifecycle import run
from workers.runs import train

LABELS = ["LVEF (%)", "age"]


def _of_values(api: Api) -> tuple[str, str]:
    """Train a tiny model of two values, of which one is not always known; return it and its table."""
    drawn = random.Random(4)
    rows = [
        f"{one['file_name']};{'' if i % 7 == 0 else round(drawn.gauss(55, 9), 1)};{one['age']}"
        for i, one in enumerate(api.recordings(size=100))
    ]
    table = api.dataset("\n".join(["file_name;" + ";".join(f"value:{label}" for label in LABELS), *rows]))
    network = {"architecture": "inception_time", "architecture_config": TINY, "training": QUICK}
    body = {"dataset_id": table["id"], "split": {"method": "holdout"}} | network
    asked = api.client.post(api.url("/runs"), json=body).json()
    run(asked["job"]["id"], train)
    return api.get(f"/runs/{asked['id']}")["model_id"], table["id"]


def test_the_numbers_of_values_are_those_of_scikit_learn_on_the_exported_rows(
    trained_api: Api, trained: Trained
) -> None:
    api = trained_api
    model_id, table_id = _of_values(api)
    asked = {"model_id": model_id, "dataset_id": table_id, "include_seen": True}
    queued = api.client.post(api.url("/evaluations"), json=asked)
    assert queued.status_code == 202, queued.text
    run(queued.json()["job"]["id"], evaluate)
    shown = api.get(f"/evaluations/{queued.json()['id']}")
    result = shown["result"]
    assert (shown["task"], result["n"], result["outputs"], result["abstention"]) == ("regression", 60, [], None)
    assert "values" in shown["threshold_told"]
    text = api.client.get(api.url(f"/evaluations/{shown['id']}/csv")).text
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    for label, target in zip(LABELS, result["evaluation"]["targets"], strict=True):
        known = [row for row in rows if row[f"truth_{label}"]]
        true, told = (np.array([float(row[f"{kind}_{label}"]) for row in known]) for kind in ("truth", "output"))
        assert (target["label"], target["support"]) == (label, 51 if label == LABELS[0] else 60)
        assert target["mae"]["value"] == pytest.approx(mean_absolute_error(true, told))
        assert target["rmse"]["value"] == pytest.approx(root_mean_squared_error(true, told))
        assert target["r2"]["value"] == pytest.approx(r2_score(true, told))
        assert target["bias"]["value"] == pytest.approx((told - true).mean())
        assert target["pearson"]["value"] == pytest.approx(np.corrcoef(true, told)[0, 1])
        differences = told - true
        limit = differences.mean() + 1.96 * differences.std(ddof=1)
        assert target["upper_limit"]["value"] == pytest.approx(limit)
        page = api.get(f"/evaluations/{shown['id']}/recordings", label=label, size=5)
        assert page["total"] == len(known)
        place = LABELS.index(label)
        errors = [abs(one["outputs"][place] - one["truth"][place]) for one in page["items"]]
        assert errors == pytest.approx(sorted(np.abs(differences), reverse=True)[:5])
        sexes = [group for group in result["groups"] if group["kind"] == "sex"]
        assert sum(group["n"] for group in sexes) == 60
        for group in sexes:
            of = [row for row in known if {"F": "female", "M": "male"}[row["sex"]] == group["group"]]
            gap = np.mean([abs(float(row[f"output_{label}"]) - float(row[f"truth_{label}"])) for row in of])
            one = next(one for one in group["labels"] if one["label"] == label)
            assert (one["support"], one["mae"]["value"]) == (len(of), pytest.approx(gap))
    report = api.client.get(api.url(f"/evaluations/{shown['id']}/report")).text
    assert "Mean absolute error" in report
    labels = {"model_id": model_id, "dataset_id": trained.dataset_id}
    assert "holds labels" in refusal(api.client.post(api.url("/evaluations"), json=labels), 422, "InvalidInputError")
    rule = asked | {"threshold_rule": "youden"}
    assert "several labels" in refusal(api.client.post(api.url("/evaluations"), json=rule), 422, "InvalidInputError")
