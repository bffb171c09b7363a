"""The description of the API at /openapi.json: what FastAPI writes, and what holds for all routes alike.

FastAPI knows neither the gate before the routes nor what may befall any request, writes files in a form that makers of
clients do not know yet, and knows no examples. That is added here, once, so that a new route need not think of it.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backend.api.access import NEEDS
from backend.api.errors import RETRY_AFTER_S
from backend.api.schemas.base import ErrorBody

Json = dict[str, Any]
EXAMPLES = Path(__file__).with_name("examples.json")
EXAMPLES_IN = ("application/json", "multipart/form-data")
ERROR = {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}
MEANINGS = {
    400: "The request cannot be taken apart, such as a form that breaks off.",
    401: "Nobody has signed in, and there is no valid API key (server mode).",
    403: "The request comes from a page of another site, names a host that is not served, or takes another role.",
    404: "There is no such thing in this project.",
    409: "The state of the thing does not allow it.",
    413: "It is larger than the limits allow.",
    416: "The file has no such range of bytes.",
    422: "A value, or a file, cannot be used; the text says why.",
    429: "A password was tried too often.",
    500: "A fault of the platform; its log has the details.",
    503: "More is asked than can be answered, or a part of the platform does not answer. Try again later.",
    507: "The disk is full.",
}
ANYWHERE = (401, 403, 500, 503, 507)
_TIMES = {"schema": {"type": "integer"}}
_LOCATION = {"schema": {"type": "string"}, "description": "Path of what was made or queued."}
_TOTAL = _TIMES | {"description": "Items on all pages."}
_LINK = {"schema": {"type": "string"}, "description": 'Other pages (RFC 8288): rel="first", "prev", "next", "last".'}
_RETRY = _TIMES | {"description": "Seconds after which to try again."}


def install(app: FastAPI) -> None:
    """Have the application described by this module."""

    def described() -> Json:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            app.openapi_schema = complete(made)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it


def operations(api: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and description of every operation."""
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def complete(api: Json) -> Json:
    """Add to a description what holds for all routes, and return it."""
    for path, method, operation in operations(api):
        _declare_errors(path, method, operation)
        _declare_headers(operation)
        _name_contents(operation)
        _add_examples(operation)
        _say_who_may(operation)
    for schema in api["components"]["schemas"].values():
        for member in schema.get("properties", {}).values():
            _name_files(member)
    schemas = api["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form, which is never sent
        schemas.pop(unused, None)
    api["components"]["responses"] = {f"Error{status}": _error(status) for status in MEANINGS}
    return api


def _declare_errors(path: str, method: str, operation: Json) -> None:
    """Every status that a request may end with. What only reads declares itself that a state may not allow it (409)."""
    answers = operation["responses"]
    possible = set(ANYWHERE)
    if "{" in path:
        possible |= {404} if method == "get" else {404, 409}
    if "parameters" in operation or "requestBody" in operation:
        possible.add(422)
    if "requestBody" in operation:
        possible |= {400, 413}
    possible |= {int(status) for status in answers if status >= "4"}
    answers |= {str(status): {"$ref": f"#/components/responses/Error{status}"} for status in possible}
    operation["responses"] = {status: answers[status] for status in sorted(answers)}


def _error(status: int) -> Json:
    said: Json = {"description": MEANINGS[status], "content": {"application/json": {"schema": ERROR}}}
    return said | ({"headers": {"Retry-After": _RETRY}} if status in RETRY_AFTER_S else {})


def _declare_headers(operation: Json) -> None:
    answers = operation["responses"]
    for status in ("201", "202"):
        if status in answers:
            answers[status].setdefault("headers", {})["Location"] = _LOCATION
    if {"page", "size"} <= {one["name"] for one in operation.get("parameters", [])}:
        answers["200"].setdefault("headers", {}).update({"X-Total-Count": _TOTAL, "Link": _LINK})


def _say_who_may(operation: Json) -> None:
    """What an operation takes in server mode, from the one table: the page offers nothing else."""
    need = NEEDS.get(operation["operationId"])
    if need is not None:
        role = {"role": need.role} if need.kind == "project" else {}
        operation["x-takes"] = {"of": need.kind} | role | ({"in_person": True} if need.in_person else {})


def _name_files(schema: Json) -> None:
    """Files as OpenAPI 3.0 wrote them: what makes clients from a description knows this form alone."""
    if schema.get("contentMediaType") == "application/octet-stream":
        schema["format"] = "binary"
    for part in (schema.get("items"), *schema.get("anyOf", [])):
        if part:
            _name_files(part)


def _name_contents(operation: Json) -> None:
    """Answers that are no JSON: bytes or a text."""
    for answer in operation["responses"].values():
        for kind, content in answer.get("content", {}).items():
            if not content.get("schema"):
                content["schema"] = {"type": "string"} | ({} if kind.startswith("text/") else {"format": "binary"})


def _add_examples(operation: Json) -> None:
    known = examples().get(operation["operationId"], {})
    bodies = [("request", operation.get("requestBody", {}).get("content", {}))]
    bodies += [("response", answer.get("content", {})) for code, answer in operation["responses"].items() if code < "3"]
    for name, contents in bodies:
        for kind, content in contents.items():
            if name in known and kind in EXAMPLES_IN:
                content["example"] = known[name]


@lru_cache(maxsize=1)
def examples() -> dict[str, Json]:
    """Return operation -> {"request": …, "response": …}, as they were sent to and answered by a real platform."""
    found: dict[str, Json] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found
