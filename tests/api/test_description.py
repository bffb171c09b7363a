"""The description of the API: errors, headers, files and examples of every operation."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from backend.api.description import examples, operations
from tests.api_calls import Api, refusal
from tests.described import faults

Json = dict[str, Any]


@pytest.fixture(scope="module")
def described(application: FastAPI) -> Json:
    return application.openapi()


def _bodies(described: Json) -> Iterator[tuple[str, str, str, Json]]:
    """Yield operation, what it is of, its media type and content."""
    for _, _, operation in operations(described):
        name = operation["operationId"]
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield name, "request", kind, content
        for status, answer in operation["responses"].items():
            if status < "3":
                for kind, content in answer.get("content", {}).items():
                    yield name, "response", kind, content


def test_every_error_of_every_operation_has_the_one_form(described: Json) -> None:
    for path, method, operation in operations(described):
        refused = {status: answer for status, answer in operation["responses"].items() if status >= "4"}
        expected = {"403", "500", "503", "507"} | ({"404"} if "{" in path else set())
        expected |= {"400", "413", "422"} if "requestBody" in operation else set()
        expected |= {"409"} if method != "get" and "{" in path else set()
        assert expected <= set(refused), (operation["operationId"], expected - set(refused))
        for status, answer in refused.items():
            assert answer == {"$ref": f"#/components/responses/Error{status}"}, (operation["operationId"], status)
    for name, answer in described["components"]["responses"].items():
        assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
        assert ("Retry-After" in answer.get("headers", {})) == (name in ("Error503", "Error507"))
    assert not {"HTTPValidationError", "ValidationError"} & set(described["components"]["schemas"])


def test_what_was_made_or_queued_is_told_where_it_is(described: Json) -> None:
    made = [
        answer
        for _, _, operation in operations(described)
        for status, answer in operation["responses"].items()
        if status in ("201", "202")
    ]
    assert len(made) >= 9
    assert all("Location" in answer["headers"] for answer in made)


def test_all_lists_page_in_one_form(described: Json) -> None:
    lists = [
        one for _, method, one in operations(described) if method == "get" and one["operationId"].startswith("list_")
    ]
    assert len(lists) >= 12
    for operation in lists:
        if operation["operationId"] == "list_labels_in_files":  # a few vocabularies at most
            continue
        limits = {one["name"]: one["schema"] for one in operation["parameters"]}
        assert limits["size"]["maximum"] == 500, operation["operationId"]
        assert "page" in limits
        assert {"X-Total-Count", "Link"} <= set(operation["responses"]["200"]["headers"])


def test_every_file_that_is_sent_is_typed_as_one(described: Json) -> None:
    found = 0
    for name, kind, media_type, content in _bodies(described):
        if (kind, media_type) == ("request", "multipart/form-data"):
            named = content["schema"].get("$ref", "").rpartition("/")[2]
            form = described["components"]["schemas"][named] if named else content["schema"]
            parts = [part.get("items", part) for key, part in form["properties"].items() if key in ("file", "files")]
            assert parts, name
            assert all(part["type"] == "string" and part["format"] == "binary" for part in parts), name
            found += 1
    assert found >= 6


def test_every_operation_has_examples(described: Json) -> None:
    """Add a line to tests/api_examples.py for a new route, then `make examples` and `make openapi`."""
    lacking = {
        f"{name}: {kind}"
        for name, kind, media_type, content in _bodies(described)
        if media_type in ("application/json", "multipart/form-data") and "example" not in content
    }
    assert not lacking
    assert set(examples()) <= {operation["operationId"] for _, _, operation in operations(described)}


def test_every_example_fits_its_schema(described: Json) -> None:
    resource = Resource(contents=described, specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    checked = 0
    for name, kind, media_type, content in _bodies(described):
        if "example" not in content or not content["schema"]:
            continue
        schema = _absolute(content["schema"])
        wrong = [
            error.message[:200]
            for error in Draft202012Validator(schema, registry=registry).iter_errors(content["example"])
        ]
        assert not wrong, (name, kind, media_type, wrong)
        checked += 1
    assert checked >= 60


def _absolute(schema: Any) -> Any:
    """Return a schema whose references are those of the whole description."""
    if isinstance(schema, dict):
        return {key: f"urn:api{one}" if key == "$ref" else _absolute(one) for key, one in schema.items()}
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def test_no_example_holds_what_is_of_this_machine() -> None:
    text = str(examples())
    assert "/tmp" not in text
    assert "/home" not in text
    assert "/root" not in text


def test_an_answer_that_is_not_described_is_noticed(api: Api, application: FastAPI) -> None:
    """The check that all tests of the API make of all answers finds something where there is something."""
    answer = api.client.get("/api/v1/projects")
    assert list(faults(application, answer)) == []
    answer.status_code = 418
    assert "list_projects 418 is not among" in next(faults(application, answer))
    answer.status_code = 404
    answer.headers["content-type"] = "text/plain"
    assert list(faults(application, answer))


def test_a_range_that_does_not_exist_is_refused_in_the_one_form(trained_api: Api) -> None:
    onnx = trained_api.url(f"/models/{trained_api.get('/models')[0]['id']}/onnx")
    part = trained_api.client.get(onnx, headers={"Range": "bytes=4-9"})
    assert (part.status_code, len(part.content)) == (206, 6)
    assert part.content == trained_api.client.get(onnx).content[4:10]
    for asked, status in (("bytes=999999999-", 416), ("bytes=x-y", 400)):
        refusal(trained_api.client.get(onnx, headers={"Range": asked}), status, "RangeError")


def test_a_broken_form_is_refused_in_the_one_form(api: Api) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    refusal(api.client.post(api.url("/recordings"), content=b"--y\r\nnonsense", headers=headers), 400, "HttpError")
