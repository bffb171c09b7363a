"""Calling the API in tests: short words for what nearly every test does."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpx2 as httpx

SILENT = (".csv", ".npy", ".zip", ".tar", ".tgz", ".gz")
"""Endings of the files of these tests that state neither rate nor unit, or hold such files."""
MICROVOLTS = {"rate": "500", "units_per_mv": "1000"}
"""What is declared of them where a test says nothing else."""
Files = Mapping[str, bytes] | Iterable[tuple[str, bytes]]


class Api:
    """A client of the API and the project it works in, made when it is first needed."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.project = ""

    def url(self, path: str = "", project: str = "") -> str:
        """Return the address of a thing in the project."""
        if not (project or self.project):
            self.project = self.new_project()
        return f"/api/v1/projects/{project or self.project}{path}"

    def new_project(self, **values: Any) -> str:
        answer = self.client.post("/api/v1/projects", json={"name": "Test"} | values)
        assert answer.status_code == 201, answer.text
        project_id: str = answer.json()["id"]
        return project_id

    def get(self, path: str = "", **query: Any) -> Any:
        """Return the JSON of a thing in the project, which must be there."""
        answer = self.client.get(self.url(path), params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, files: Files, **options: str) -> dict[str, Any]:
        """Upload files and return the report."""
        answer = self.send(files, **options)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def send(self, files: Files, **options: str) -> httpx.Response:
        named = list(files.items() if isinstance(files, Mapping) else files)
        if any(name.lower().endswith(SILENT) for name, _ in named):
            options = MICROVOLTS | options
        parts = [("files", (name, data, "application/octet-stream")) for name, data in named]
        return self.client.post(self.url("/recordings"), files=parts, data=options)

    def label(self, table: str | bytes, **values: Any) -> httpx.Response:
        """Attach a table of labels."""
        data = table.encode() if isinstance(table, str) else table
        return self.client.post(self.url("/datasets"), files={"file": ("labels.csv", data)}, data=values)

    def dataset(self, table: str | bytes, **values: Any) -> dict[str, Any]:
        """Attach a table of labels that must be accepted."""
        answer = self.label(table, **values)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def recordings(self, **query: Any) -> list[dict[str, Any]]:
        """Return the first page of recordings."""
        items: list[dict[str, Any]] = self.get("/recordings", **query)["items"]
        return items

    def wait(self, job_id: str, until: Iterable[str] = ("done", "failed", "cancelled"), seconds: float = 300) -> Any:
        """Wait for a job to reach a state and return it."""
        deadline = time.monotonic() + seconds
        while True:
            job = self.get(f"/jobs/{job_id}")
            if job["status"] in until:
                return job
            assert time.monotonic() < deadline, f"the job is still {job}"
            time.sleep(0.1)

    def events(self, job_id: str, kind: str = "") -> list[dict[str, Any]]:
        """Return the events of a job, of one kind or all."""
        return [event for event in self.get(f"/jobs/{job_id}/events") if kind in ("", event["kind"])]


def refusal(answer: httpx.Response, status: int, error: str) -> str:
    """Check an error's wire form and return its text."""
    body = answer.json()
    assert (answer.status_code, body.get("error"), set(body)) == (status, error, {"error", "detail"}), answer.text
    detail: str = body["detail"]
    assert len(detail) > 10
    return detail
