"""A project is a wall: what is in one project cannot be reached through another."""

import pytest
from fastapi.routing import APIRoute

from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.dicom_objects import OCTETS, RELATED, related
from tests.samples import csv_file
from tests.shared_folder import describe
from tests.trained import Trained

COMPARED = {"dataset_id": "nobody's", "candidates": [{"architecture": "inception_time"}, {"architecture": "rlign"}]}
WRITABLE = {"access": "read_write"}
METHODS_WITH_BODY = {"POST", "PATCH"}
OF_THE_LIBRARY = {
    ("GET", ""), ("GET", "/onnx"), ("GET", "/package"), ("GET", "/weights"), ("GET", "/card"),
    ("POST", "/predict-files"),
}  # fmt: skip
"""What may be done with a model of another project: it is used and looked at, and not changed."""
MODEL = "/api/v1/projects/{project_id}/models/{model_id}"


def _routes() -> list[tuple[str, str]]:
    from backend.main import ROUTERS

    return sorted(
        (method, f"/api/v1{route.path}")
        for module in ROUTERS
        for route in module.router.routes
        if isinstance(route, APIRoute) and "{project_id}" in route.path
        for method in route.methods
    )


def one_of_each(api: Api, trained: Trained) -> dict[str, str]:
    """Return an id of everything that routes of the project name in their paths."""
    exchange = api.client.post("/api/v1/exchanges", json={"name": "E", "url": "http://127.0.0.1:9/", **WRITABLE}).json()
    describe(get_settings(), trained.model_id)
    transfer = {"exchange_id": exchange["id"], "model_id": trained.model_id, "publisher": "W"}
    pushed = api.client.post(api.url("/transfers/push"), json=transfer)
    assert pushed.status_code == 202
    answer = api.client.post(api.url("/predictions"), json={"model_id": trained.model_id})
    assert answer.status_code == 202
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id}
    compared = api.client.post(api.url("/comparisons"), json=_compared(trained.dataset_id))
    assert compared.status_code == 202, compared.text
    evaluation = api.client.post(api.url("/evaluations"), json=asked)
    assert evaluation.status_code == 202
    wanted = {"model_id": trained.model_id, "recording_id": api.recordings()[0]["id"]}
    explained = api.client.post(api.url("/explanations"), json=wanted)
    assert explained.status_code == 202, explained.text
    checked = api.client.post(api.url("/drift-checks"), json=asked)
    assert checked.status_code == 202, checked.text
    held = api.client.post(api.url("/retention/holds"), json={"reason": "A court has asked for it"})
    assert held.status_code == 201
    label_set = api.client.post(api.url("/annotations"), json={"name": "S", "labels": [{"name": "A"}]})
    assert label_set.status_code == 201
    return {
        "recording_id": api.recordings()[0]["id"], "dataset_id": trained.dataset_id, "run_id": trained.run_id,
        "model_id": trained.model_id, "prediction_id": answer.json()["id"], "job_id": answer.json()["job"]["id"],
        "evaluation_id": evaluation.json()["id"], "transfer_id": pushed.json()["id"], "exchange_id": exchange["id"],
        "import_id": api.upload({"a.csv": csv_file()})["import_id"], "slug": "beats", "number": "1",
        "view_id": api.client.post(api.url("/views"), json={"name": "V", "query": {}}).json()["id"],
        "user_id": "nobody", "comparison_id": compared.json()["id"], "label_set_id": label_set.json()["id"],
        "place": "0", "reading_id": "0" * 32, "hold_id": held.json()["id"],
        "explanation_id": explained.json()["id"], "check_id": checked.json()["id"],
    }  # fmt: skip


def _compared(dataset_id: str) -> dict[str, object]:
    two = [{"architecture": "rlign_logistic"}, {"architecture": "xresnet1d18", "training": {"max_epochs": 2}}]
    return {"dataset_id": dataset_id, "candidates": two, "folds": 3}


def _send(api: Api, method: str, path: str, recording_id: str) -> object:
    if path.endswith("/retention/preview"):
        return api.client.get(path, params={"days": 10})
    if path.endswith(("/predict-files", "/preview")):
        return api.client.post(path, files={"files": ("a.csv", b"1")})
    if path.endswith("/download"):
        return api.client.get(path, params={"format": "wfdb"})
    if "/evaluations/" in path and path.endswith("/recordings"):
        return api.client.get(path, params={"label": "NORM", "cell": "true_positive"})
    if path.endswith("/intake"):
        return api.client.post(path, params={"model_id": "m"}, content=b"1", headers={"Content-Type": OCTETS})
    if path.endswith("/studies"):
        return api.client.post(path, content=related([b"1"]), headers={"Content-Type": RELATED})
    if path.endswith("/webhook") and method == "PUT":
        return api.client.put(path, json={"url": "https://example.org"})
    if path.endswith("/publication"):
        return api.client.get(path, params={"exchange_id": "e"})
    if path.endswith("/side-by-side"):
        return api.client.get(path, params={"model_id": "m", "run": ["a", "b"]})
    if path.endswith("/retention") and method == "PUT":
        return api.client.put(path, json={"days": 10, "reason": "The law"})
    if path.endswith("/dicom"):
        kinds, ids = {"kind": "sr"}, {"recording_ids": [recording_id]}
        return api.client.request(method, path, params=kinds, json=ids if method == "POST" else None)
    if "/rounds/" in path:
        return api.client.request(method, path, json={"model_id": "of another project"})
    bodies = {"/predict": {"recording_id": recording_id}, "/models/{model_id}": {"name": "Mine now"}}
    body = next((value for end, value in bodies.items() if path.endswith(end.split("{")[0])), {"name": "Mine now"})
    return api.client.request(method, path, json=body if method in METHODS_WITH_BODY else None)


def test_nothing_of_a_project_is_reached_through_another_one(trained_api: Api, trained: Trained) -> None:
    ids = one_of_each(trained_api, trained)
    other = trained_api.new_project(name="Other")
    tried = 0
    for method, path in _routes():
        named = [name for name in ids if f"{{{name}}}" in path]
        if not named:
            continue
        tried += 1
        answer = _send(trained_api, method, path.format(project_id=other, **ids), ids["recording_id"])
        free = path.startswith(MODEL) and (method, path.removeprefix(MODEL)) in OF_THE_LIBRARY
        assert answer.status_code == (200 if free else 404), (method, path, answer.text)
    assert tried >= 20
    for path in (
        "recordings",
        "datasets",
        "runs",
        "models",
        "predictions",
        "evaluations",
        "jobs",
        "imports",
        "annotations",
        "comparisons",
        "explanations",
    ):
        listed = trained_api.client.get(trained_api.url(f"/{path}", other)).json()
        assert (listed["items"] if isinstance(listed, dict) else listed) == []
    assert trained_api.get(f"/models/{ids['model_id']}")["name"] == "Tiny"
    assert trained_api.get(f"/jobs/{ids['job_id']}")["cancel_requested_at"] is None


def test_every_route_of_an_unknown_project_is_a_404(trained_api: Api, trained: Trained) -> None:
    ids = one_of_each(trained_api, trained)
    files = {"/recordings": "files", "/datasets": "file", "/datasets/preview": "file", "/models": "file"}
    bodies = {
        "/runs": {"dataset_id": ids["dataset_id"]}, "/predictions": {"model_id": ids["model_id"]},
        "/evaluations": {"model_id": ids["model_id"], "dataset_id": ids["dataset_id"]},
        "/explanations": {"model_id": ids["model_id"], "recording_id": ids["recording_id"]},
        "/datasets/in-files": {"sources": ["label"]},
        "/drift-checks": {"model_id": ids["model_id"], "dataset_id": ids["dataset_id"]},
        "/comparisons": _compared(ids["dataset_id"]), "/comparisons/estimate": _compared(ids["dataset_id"]),
        "/transfers/pull": {"exchange_id": ids["exchange_id"], "item": "a/1"},
        "/transfers/push": {"exchange_id": ids["exchange_id"], "model_id": ids["model_id"]},
        "/members": {"name": "nobody", "role": "viewer"},
        "/retention": {"days": 10, "reason": "The law"}, "/retention/holds": {"reason": "The law"},
        "/patients/find": {"patient": "MRN-4711"}, "/patients/erase": {"patient": "MRN-4711"},
    }  # fmt: skip
    for method, path in _routes():
        address = path.format(project_id="nobody", **ids)
        end = path.removeprefix("/api/v1/projects/{project_id}")
        if method == "POST" and end in files:
            answer = trained_api.client.post(address, files={files[end]: ("a.csv", b"file_name,label\na,b\n")})
        elif method in ("POST", "PUT") and end in bodies:
            answer = trained_api.client.request(method, address, json=bodies[end])
        else:
            answer = _send(trained_api, method, address, ids["recording_id"])
        refusal(answer, 404, "NotFoundError")


@pytest.mark.parametrize("field", ["dataset", "evaluated dataset"])
def test_things_of_another_project_cannot_be_named_in_a_request(trained_api: Api, trained: Trained, field: str) -> None:
    other = trained_api.new_project(name="Other")
    if field == "dataset":
        answer = trained_api.client.post(trained_api.url("/runs", other), json={"dataset_id": trained.dataset_id})
    else:  # another project's is found only where the request names that project
        body = {"model_id": trained.model_id, "dataset_id": trained.dataset_id, "dataset_project_id": other}
        answer = trained_api.client.post(trained_api.url("/evaluations"), json=body)
    refusal(answer, 404, "NotFoundError")


def test_files_never_go_on_with_an_import_of_another_project(api: Api) -> None:
    mine = api.upload({"a.csv": csv_file()})["import_id"]
    api.project = api.new_project(name="Other")
    refusal(api.send({"b.csv": csv_file(1)}, import_id=mine), 404, "NotFoundError")
    assert api.get("/recordings")["total"] == 0


def test_a_recording_of_another_project_is_not_predicted(trained_api: Api, trained: Trained) -> None:
    mine = trained_api.project
    trained_api.project = trained_api.new_project(name="Other")
    foreign = trained_api.upload({"a.csv": csv_file()})["outcomes"][0]["recording_ids"][0]
    answer = trained_api.client.post(
        trained_api.url(f"/models/{trained.model_id}/predict", mine), json={"recording_id": foreign}
    )
    refusal(answer, 404, "NotFoundError")
