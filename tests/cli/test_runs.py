"""`runs`: the trainings of a project, and several of them side by side."""

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Model
from backend.services import runs
from backend.settings import get_settings
from tests.shell_calls import fault, run, run_json
from tests.trained import TINY, Trained


@pytest.fixture
def queued(trained: Trained) -> str:
    """The id of a second training, with another learning rate, that nobody has begun."""
    request = runs.Request(
        trained.dataset_id, "Second", architecture="inception_time", architecture_config=TINY | {"depth": 2},
        training={"max_epochs": 2, "learning_rate": 0.01, "batch_size": 16, "threads": 1}, split={"method": "holdout"},
    )  # fmt: skip
    with write_session(get_settings().resolved_database_url) as session:
        return runs.create(session, trained.project_id, request).id


def test_trainings_are_listed_with_their_ids(trained: Trained, queued: str) -> None:
    told = run_json("runs", "list", "-p", "Simulated")
    assert [(one["id"], one["name"], one["status"]) for one in told] == [
        (queued, "Second", "queued"), (trained.run_id, "Tiny", "done"),
    ]  # fmt: skip
    assert queued in run("runs", "list", "-p", "Simulated").stdout


def test_what_differs_is_printed_with_figures_and_why_there_are_none(trained: Trained, queued: str) -> None:
    text = run("runs", "side-by-side", "Tiny", queued, "-p", "Simulated").stdout
    lines = text.splitlines()
    assert "  Learning rate: A 0.005; B 0.01" in lines
    assert "  Network option “depth”: A 1; B 2" in lines
    assert not any(line.startswith("  Optimiser:") for line in lines)
    assert "   no figures: The training is still going on." in lines
    with read_session(get_settings().resolved_database_url) as session:
        model = session.get(Model, trained.model_id)
        assert model is not None
        few = model.evaluation["macro_f1"]["withheld"]  # of twelve ECGs nothing can be said
    assert f"  F1, mean: A {few}; B –" in lines
    every = run("runs", "side-by-side", "Tiny", queued, "-p", "Simulated", "--all").stdout
    assert "  Optimiser: A AdamW; B AdamW" in every.splitlines()


def test_the_same_as_json(trained: Trained, queued: str) -> None:
    told = run_json("runs", "side-by-side", trained.run_id, "Second", "-p", "Simulated")
    assert [one["status"] for one in told["runs"]] == ["done", "queued"]
    assert {row["name"] for row in told["settings"] if row["differs"]} == {"network.depth", "training.learning_rate"}
    assert told["tested"] is None


def test_trainings_that_are_not_there_are_refused_in_a_line(trained: Trained) -> None:
    assert "no training run Nobody" in fault("runs", "side-by-side", "Tiny", "Nobody", "-p", "Simulated")
    assert "2 to 5 trainings" in fault("runs", "side-by-side", "Tiny", "-p", "Simulated")
