"""What happens to evaluations later: recordings or the model are deleted; and what cannot be asked of them."""

from typing import Any

import pytest

from backend.ml.evaluation.estimate import Estimate
from backend.services.evaluation_comparison import EvaluationCell, spreads
from tests.api.test_evaluations import ask
from tests.api_calls import Api, refusal
from tests.trained import Trained

CELLS = ("true_positive", "false_positive", "false_negative", "true_negative")


@pytest.mark.parametrize("threshold", [0.0, 0.137, 0.5, 1.0])
def test_what_a_cell_has_lost_is_counted(trained_api: Api, trained: Trained, threshold: float) -> None:
    evaluation = ask(trained_api, trained, include_seen=True)
    place = f"/evaluations/{evaluation['id']}/recordings"

    def pages() -> dict[str, Any]:
        return {cell: trained_api.get(place, label="NORM", cell=cell, threshold=threshold, size=100) for cell in CELLS}

    before = pages()
    assert {page["deleted"] for page in before.values()} == {0}
    gone = trained_api.recordings(size=3)
    for row in gone:
        trained_api.client.delete(trained_api.url(f"/recordings/{row['id']}"))
    ids = {row["id"] for row in gone}
    for cell, page in pages().items():
        lost = sum(row["recording_id"] in ids for row in before[cell]["items"])
        assert (page["deleted"], page["total"]) == (lost, before[cell]["total"] - lost)
    labels = evaluation["labels"]
    of_matrix = [
        trained_api.get(place, label=true, predicted_label=told)["deleted"] for true in labels for told in labels
    ]
    assert sum(of_matrix) == 3


def test_a_model_is_deleted_with_its_evaluations_but_not_while_one_or_a_prediction_goes_on(
    trained_api: Api, trained: Trained
) -> None:
    done = ask(trained_api, trained, include_seen=True)
    model = trained_api.url(f"/models/{trained.model_id}")
    bodies = {
        "/evaluations": {"model_id": trained.model_id, "dataset_id": trained.dataset_id},
        "/predictions": {"model_id": trained.model_id, "dataset_id": trained.dataset_id},
    }
    for path, body in bodies.items():
        job = trained_api.client.post(trained_api.url(path), json=body).json()["job"]["id"]
        assert "Cancel it first" in refusal(trained_api.client.delete(model), 409, "ConflictError")
        assert trained_api.client.post(trained_api.url(f"/jobs/{job}/cancel")).status_code < 300
    assert trained_api.client.delete(model).status_code == 204
    refusal(trained_api.client.get(trained_api.url(f"/evaluations/{done['id']}")), 404, "NotFoundError")


def test_what_cannot_be_asked_is_refused_in_words(trained_api: Api, trained: Trained) -> None:
    refusal(trained_api.client.get(trained_api.url("/evaluations/side-by-side?model_id=x")), 404, "NotFoundError")
    evaluation = ask(trained_api, trained)
    url = trained_api.url(f"/evaluations/{evaluation['id']}/recordings?label=NORM&cell=true_positive&threshold=nan")
    answer = trained_api.client.get(url)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "threshold: Input should be a number, not NaN"


def _cell(dataset: str, auroc: float | None, n_not_known: int = 0) -> EvaluationCell:
    return EvaluationCell(
        evaluation_id=dataset, dataset=dataset, dataset_project="P", external=True, label="NORM", n=9, n_present=4,
        auroc=Estimate(value=auroc, low=None, high=None), f1=Estimate(value=0.5, low=None, high=None),
        n_not_known=n_not_known,
    )  # fmt: skip


def test_nothing_is_said_of_how_robust_a_model_is_over_a_single_external_dataset() -> None:
    assert spreads([_cell("A", 0.7), _cell("A", 0.8)]) == ()
    both = spreads([_cell("A", 0.7), _cell("B", 0.9, n_not_known=3)])
    assert [(one.measure, one.n_datasets, one.n_not_known_datasets) for one in both] == [("auroc", 2, 1), ("f1", 2, 1)]
    assert [one.measure for one in spreads([_cell("A", 0.7), _cell("B", None)])] == ["f1"]
