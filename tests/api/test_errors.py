"""Every error has one form, the right status and says what to do."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from backend.services import projects
from tests.api_calls import Api, refusal


def test_an_unknown_route_below_the_api_is_a_404_in_the_wire_form(api: Api) -> None:
    for path in ("/api/v1/nothing", "/api/v2/projects", "/api/"):
        assert path in refusal(api.client.get(path), 404, "NotFoundError")


def test_a_wrong_method_is_a_405_in_the_wire_form(api: Api) -> None:
    refusal(api.client.put("/api/v1/projects"), 405, "MethodNotAllowedError")


def test_a_missing_field_is_a_422_that_names_it(api: Api) -> None:
    assert "name" in refusal(api.client.post("/api/v1/projects", json={}), 422, "InvalidInputError")


def test_an_unknown_field_is_a_422_that_names_it(api: Api) -> None:
    answer = api.client.post("/api/v1/projects", json={"name": "A", "colour": "red"})
    assert "colour" in refusal(answer, 422, "InvalidInputError")


def test_broken_json_is_a_422(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    refusal(api.client.post("/api/v1/projects", content=b"{", headers=headers), 422, "InvalidInputError")


def test_a_refused_value_is_not_repeated_in_the_answer(api: Api) -> None:
    secret = "Erika Mustermann"
    answer = api.client.post("/api/v1/projects/demo", json={"n_recordings": secret})
    assert secret not in refusal(answer, 422, "InvalidInputError")


@pytest.mark.parametrize("path", ["runs", "models", "datasets", "recordings", "predictions", "jobs"])
def test_an_unknown_id_is_a_404_in_the_wire_form(api: Api, path: str) -> None:
    assert "nobody" in refusal(api.client.get(api.url(f"/{path}/nobody")), 404, "NotFoundError")


def test_an_unforeseen_error_is_a_500_that_leaks_nothing_and_leaves_a_trace_in_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_session: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(projects, "list_projects", broken)
    with caplog.at_level(logging.ERROR):
        detail = refusal(api.client.get("/api/v1/projects"), 500, "InternalError")
    assert "hunter2" not in detail
    reference = detail.rstrip(".").split()[-1]
    assert f"Unforeseen error {reference} at GET /api/v1/projects" in caplog.text


def test_a_database_that_does_not_answer_is_a_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("no route to 10.0.0.7"))

    monkeypatch.setattr(projects, "list_projects", broken)
    assert "10.0.0.7" not in refusal(api.client.get("/api/v1/projects"), 503, "UnavailableError")


def test_odd_paths_of_the_page_are_no_server_errors(api: Api) -> None:
    for path in ("/%00", "/" + "a" * 5000, "/../../etc/passwd", "//etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%ff"):
        answer = api.client.get(path)
        assert answer.status_code in (200, 404), path
        assert "root:" not in answer.text


def test_the_errors_a_route_can_give_are_declared_in_openapi(api: Api) -> None:
    described = api.client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if "{project_id}" in path:
                assert "404" in operation["responses"], (method, path)
            for status, answer in operation["responses"].items():
                if status >= "400":
                    shared = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                    assert shared["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
