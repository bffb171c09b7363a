"""An installation without torch: no worker takes trainings, and who asks for one is told how to add it."""

import pytest

from backend.cli import platform, processes
from backend.db.session import write_session
from backend.db.tables import Job, Worker, utc_now
from backend.services import runs
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.shell_calls import fault
from tests.trained import TINY, Trained


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (runs, processes, platform):
        monkeypatch.setattr(module, "can_train", lambda: False)


def _ask(api: Api, trained: Trained):
    body = {"dataset_id": trained.dataset_id, "architecture": "inception_time", "architecture_config": TINY}
    return api.client.post(api.url("/runs"), json=body)


@pytest.mark.usefixtures("without_torch")
def test_a_training_is_refused_and_the_answer_says_how_to_install(trained_api: Api, trained: Trained) -> None:
    assert "pip install 'exchangeai[train]'" in refusal(_ask(trained_api, trained), 503, "UnavailableError")
    with write_session(get_settings().resolved_database_url) as session:
        assert session.query(Job).filter(Job.status == "queued").count() == 0


@pytest.mark.usefixtures("without_torch")
def test_a_worker_elsewhere_that_trains_is_enough(trained_api: Api, trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        session.add(Worker(name="elsewhere", queues=["train-gpu"], heartbeat_at=utc_now()))
    assert _ask(trained_api, trained).status_code == 202


@pytest.mark.usefixtures("without_torch", "installed")
def test_a_worker_here_takes_no_trainings() -> None:
    assert processes.train_queues() == []
    assert "pip install" in fault("worker", "--queues", "train-cpu")


def test_an_installation_with_torch_trains(trained_api: Api, trained: Trained) -> None:
    assert "train-cpu" in processes.train_queues()
    assert _ask(trained_api, trained).status_code == 202
