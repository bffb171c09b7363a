"""The API of long work in an exchange: queued, followed, cancelled, and refused with the reason."""

from tests.api_calls import Api, refusal
from tests.exchange.webdav_servers import PASSWORD, USER
from tests.shared_folder import SharedFolder
from workers import exchange_jobs as worker
from workers.lifecycle import run


def _added(api: Api, shared: SharedFolder, **changes: object) -> str:
    said = {"name": "Clinic", "url": shared.url, "username": USER, "password": PASSWORD, "access": "read_write"}
    made = api.client.post("/api/v1/exchanges", json=said | changes)
    assert made.status_code == 201, made.text
    return f"/api/v1/exchanges/{made.json()['id']}"


def test_long_work_is_queued_followed_and_told_of(api: Api, shared: SharedFolder) -> None:
    address = _added(api, shared)
    begun = api.client.post(f"{address}/jobs", json={"kind": "index"})
    assert begun.status_code == 202, begun.text
    job = begun.json()
    assert begun.headers["location"] == f"{address}/jobs/{job['id']}"
    assert (job["kind"], job["status"], job["exchange_id"]) == ("exchanges.index", "queued", address.rpartition("/")[2])
    run(job["id"], worker.index)
    assert api.client.get(f"{address}/jobs/{job['id']}").json()["status"] == "done"
    events = api.client.get(f"{address}/jobs/{job['id']}/events").json()
    assert [one["payload"] for one in events if one["kind"] == "result"] == [{"n_versions": 0, "notes": []}]
    stream = api.client.get(f"{address}/jobs/{job['id']}/stream").text
    assert "event: result" in stream
    assert "event: job" in stream
    assert stream.rstrip().endswith("event: end\ndata: {}")
    listed = api.client.get(f"{address}/jobs").json()
    assert (listed["total"], listed["items"][0]["id"]) == (1, job["id"])
    assert api.get("/jobs") == []


def test_one_that_waits_is_cancelled_at_once(api: Api, shared: SharedFolder) -> None:
    address = _added(api, shared)
    job = api.client.post(f"{address}/jobs", json={"kind": "verify"}).json()
    path = f"{address}/jobs/{job['id']}"
    assert api.client.post(f"{path}/cancel").json()["status"] == "cancelled"
    refusal(api.client.post(f"{path}/cancel"), 409, "ConflictError")
    other = _added(api, shared, name="Other")
    for way in ("", "/events", "/stream"):
        refusal(api.client.get(f"{other}/jobs/{job['id']}{way}"), 404, "NotFoundError")


def test_what_cannot_be_done_is_refused_at_once(api: Api, shared: SharedFolder) -> None:
    address = _added(api, shared, access="read")
    for body, status, error in (
        ({"kind": "index"}, 409, "ConflictError"),
        ({"kind": "withdraw", "item": "a/1", "reason": "x"}, 409, "ConflictError"),
        ({"kind": "verify", "item": "a/1"}, 404, "NotFoundError"),
        ({"kind": "delete"}, 422, "InvalidInputError"),
    ):
        refusal(api.client.post(f"{address}/jobs", json=body), status, error)
    refusal(api.client.post("/api/v1/exchanges/nobody/jobs", json={"kind": "verify"}), 404, "NotFoundError")
