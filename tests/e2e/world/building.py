"""Filling an installation over its API in this process, its jobs done at once by the functions that workers call."""

from importlib import import_module
from typing import Any

from starlette.testclient import TestClient

from backend.ecg.leads import LEADS
from backend.ecg.synthesize import simulate
from tests.api_calls import Api
from workers.lifecycle import run

TINY = {"filters": 4, "depth": 1, "kernel": 9}


class Builder:
    """The API, and what has been made by it: short names -> ids, as they stand in the addresses of the page."""

    def __init__(self, client: TestClient, n: int, epochs: int) -> None:
        self.api = Api(client)
        self.n, self.epochs = n, epochs
        self.ids: dict[str, str] = {}

    def ask(self, path: str, body: object = None, method: str = "POST", **query: Any) -> Any:
        """Ask for something in the project, or, after "~", of the platform; return the JSON of the answer."""
        url = f"/api/v1{path[1:]}" if path.startswith("~") else self.api.url(path)
        answer = self.api.client.request(method, url, json=body, params=query)
        assert answer.is_success, f"{url}: {answer.text}"
        return answer.json() if answer.content else None

    def done(self, path: str, body: object = None, status: str = "done") -> Any:
        """Ask for something that is a job, and do the job."""
        made = self.ask(path, body)
        self.work(made.get("job", made), status)
        return made

    def work(self, job: Any, status: str = "done") -> None:
        """Do a job that waits, and see how it ends."""
        from workers.app import TASKS

        module, _, function = TASKS[job["kind"]].partition(":")
        run(job["id"], getattr(import_module(module), function))
        ended = self.ask(f"/jobs/{job['id']}", method="GET")
        assert ended["status"] == status, ended

    def train(self, dataset: str, name: str, status: str = "done", **values: Any) -> tuple[str, str]:
        """Train a network of next to no size; return the ids of the run and of its model."""
        quick = {"max_epochs": self.epochs, "learning_rate": 0.005, "batch_size": 16, "threads": 1}
        asked = {"dataset_id": dataset, "name": name, "split": {"method": "holdout"}} | values
        if not {"architecture", "base_model_id"} & set(values):
            asked |= {"architecture": "inception_time", "architecture_config": TINY}
        asked["training"] = quick | values.get("training", {})
        made = self.done("/runs", asked, status)
        return made["id"], self.ask(f"/runs/{made['id']}", method="GET")["model_id"] or ""

    def demo(self, name: str, seed: int, n: int) -> str:
        """Make a project of simulated ECGs and work in it; return the id of its table of labels."""
        made = self.ask("~/projects/demo", {"name": name, "n_recordings": n, "seed": seed})
        self.api.project = made["project"]["id"]
        self.work(made["job"])
        dataset: str = self.api.get("/datasets")[0]["id"]
        return dataset


def table_of_samples(label: str, seed: int = 7, leads: tuple[str, ...] = LEADS) -> bytes:
    """A simulated ECG as CSV in mV at 500 Hz, which says neither."""
    signal = simulate(label, seed=seed).recording.signal
    rows = (",".join(f"{value:.3f}" for value in row) for row in signal[: len(leads)].T)
    return "\n".join([",".join(leads), *rows]).encode()
