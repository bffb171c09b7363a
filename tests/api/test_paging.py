"""Paging: every list tells how many there are and where the next page is; arrays of the first version stay arrays."""

import re
from typing import Any

import pytest

from backend.db.session import write_session
from backend.db.tables import Job, JobEvent
from backend.settings import Settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.trained import Trained

LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


def followed(api: Api, url: str, **query: Any) -> list[list[Any]]:
    """Return the pages of a list as one gets them who follows the links."""
    pages = []
    answer = api.client.get(url, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        items = answer.json()
        pages.append(items["items"] if isinstance(items, dict) else items)
        after = {name: target for target, name in LINK.findall(answer.headers.get("Link", ""))}
        if "next" not in after:
            return pages
        answer = api.client.get(after["next"])


@pytest.fixture
def jobs(api: Api, installed: Settings) -> Api:
    api.url()
    with write_session(installed.resolved_database_url) as session:
        session.add_all(Job(project_id=api.project, kind="test", payload={}, status="done") for _ in range(123))
    return api


def test_projects_are_an_array_and_page_where_it_is_asked(api: Api) -> None:
    ids = [api.new_project(name=f"{n}") for n in range(5)][::-1]
    whole = api.client.get("/api/v1/projects")
    assert [one["id"] for one in whole.json()] == ids
    assert whole.headers["X-Total-Count"] == "5"
    assert "Link" not in whole.headers
    pages = followed(api, "/api/v1/projects", page=1, size=2)
    assert [[one["id"] for one in page] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert api.client.get("/api/v1/projects", params={"page": 9, "size": 2}).json() == []


def test_no_job_is_dropped_in_silence(jobs: Api) -> None:
    url = jobs.url("/jobs")
    first = jobs.client.get(url)
    assert (len(first.json()), first.headers["X-Total-Count"]) == (100, "123")
    everything = [one["id"] for page in followed(jobs, url) for one in page]
    assert len(set(everything)) == len(everything) == 123
    assert [len(page) for page in followed(jobs, url, page=1, size=50)] == [50, 50, 23]


def test_events_are_followed_by_their_number(jobs: Api, installed: Settings) -> None:
    job = jobs.get("/jobs")[0]["id"]
    with write_session(installed.resolved_database_url) as session:
        session.add_all(JobEvent(job_id=job, number=n, kind="log", payload={"text": f"{n}"}) for n in range(1, 10_051))
    url = jobs.url(f"/jobs/{job}/events")
    pages = followed(jobs, url)
    assert [len(page) for page in pages] == [10_000, 50]
    assert [event["number"] for page in pages for event in page] == list(range(1, 10_051))
    assert jobs.client.get(url, params={"after": 10_040, "page": 2, "size": 4}).json()[0]["number"] == 10_045


def test_pages_keep_the_filter_of_their_list(api: Api) -> None:
    api.upload({f"{ward}{n}.csv": csv_file(n) for n, ward in enumerate("ababab")}, rate="100")
    pages = followed(api, api.url("/recordings"), search="a", size=2)
    assert [[one["file_name"] for one in page] for page in pages] == [["a0.csv", "a2.csv"], ["a4.csv"]]
    links = {
        name: target
        for target, name in LINK.findall(
            api.client.get(api.url("/recordings"), params={"size": 2, "page": 2}).headers["Link"]
        )
    }
    assert set(links) == {"first", "prev", "next", "last"}
    assert all(target.startswith("/api/v1/projects/") for target in links.values())
    assert "page=3" in links["last"]


def test_every_list_of_a_project_pages(trained_api: Api, trained: Trained) -> None:
    for noun in ("runs", "models", "datasets", "predictions", "evaluations", "jobs", "recordings", "imports"):
        answer = trained_api.client.get(trained_api.url(f"/{noun}"), params={"page": 1, "size": 1})
        items = answer.json()
        rows = items["items"] if isinstance(items, dict) else items
        assert len(rows) == min(1, int(answer.headers["X-Total-Count"])), noun
        for wrong in ({"page": 0}, {"size": 0}, {"size": 501}):
            refusal(trained_api.client.get(trained_api.url(f"/{noun}"), params=wrong), 422, "InvalidInputError")


def test_what_was_made_is_where_the_answer_says(api: Api) -> None:
    answer = api.client.post("/api/v1/projects", json={"name": "Ward"})
    assert api.client.get(answer.headers["Location"]).json()["id"] == answer.json()["id"]
    demo = api.client.post("/api/v1/projects/demo", json={"n_recordings": 50})
    assert demo.headers["Location"] == f"/api/v1/projects/{demo.json()['project']['id']}"
    api.upload({"a.csv": csv_file(1)}, rate="100")
    table = api.label("file,label\na.csv,NORM\n")
    assert api.client.get(table.headers["Location"]).json()["id"] == table.json()["id"]


def test_what_was_queued_is_where_the_answer_says(trained_api: Api, trained: Trained) -> None:
    body = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    for noun, asked in (("predictions", body), ("evaluations", body | {"include_seen": True}), ("runs", body)):
        asked = {"dataset_id": trained.dataset_id} if noun == "runs" else asked
        answer = trained_api.client.post(trained_api.url(f"/{noun}"), json=asked)
        assert answer.status_code == 202, answer.text
        assert trained_api.client.get(answer.headers["Location"]).json()["id"] == answer.json()["id"]
