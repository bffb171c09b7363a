"""Every answer that the tests get is held against the description of the API: its status, its form, its headers."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import httpx2 as httpx
from fastapi import FastAPI

METHODS = ("get", "post", "patch", "put", "delete")


@lru_cache(maxsize=4)
def _operations(app: FastAPI) -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    found = [
        (path, method.upper(), operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    found.sort(key=lambda one: one[0].count("{"))  # "/runs/estimate" before "/runs/{run_id}"
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), method, operation) for path, method, operation in found]


def operation_of(app: FastAPI, method: str, path: str) -> dict[str, Any] | None:
    """Return the described operation that a request goes to, None where there is none."""
    return next((one for pattern, of, one in _operations(app) if of == method and pattern.fullmatch(path)), None)


def faults(app: FastAPI, answer: httpx.Response) -> Iterator[str]:
    """Yield what of an answer its description does not say, or says otherwise."""
    operation = operation_of(app, answer.request.method, answer.request.url.path)
    if operation is None:
        return
    status = str(answer.status_code)
    said = operation["responses"].get(status)
    place = f"{operation['operationId']} {status}"
    if said is not None and "$ref" in said:
        said = app.openapi()["components"]["responses"][said["$ref"].rpartition("/")[2]]
    if said is None:
        yield f"{place} is not among {', '.join(operation['responses'])}"
        return
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code != 204 and kind not in said.get("content", {}):
        yield f"{place} is {kind}, described as {', '.join(said.get('content') or ['nothing'])}"
    if answer.status_code >= 400 and set(answer.json()) != {"error", "detail"}:
        yield f"{place} is not in the form of errors: {answer.text[:200]}"
    yield from (
        f"{place} lacks {name}" for name in said.get("headers", {}) if name not in answer.headers and name != "Link"
    )
    if "Link" in answer.headers and "Link" not in said.get("headers", {}):
        yield f"{place} links without saying so"


def checker(app: FastAPI) -> Callable[[httpx.Response], None]:
    """Return what a client calls with each answer; it fails the test in which the answer is not as described."""

    def check(answer: httpx.Response) -> None:
        answer.read() if "event-stream" not in answer.headers.get("content-type", "") else None
        found = list(faults(app, answer))
        assert not found, f"{answer.request.method} {answer.request.url.path}: {'; '.join(found)}"

    return check
