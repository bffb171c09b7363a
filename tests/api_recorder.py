"""Asks a platform and keeps what was sent and answered, shortened, as an example of each operation."""

from typing import Any

import httpx2 as httpx
from starlette.testclient import TestClient

from tests.api_calls import Api
from tests.described import operation_of

MOST_ITEMS, MOST_TEXT = 2, 240  # of an array; of a text


class Recorder:
    """Keeps the first successful answer of each operation, and what was sent for it."""

    def __init__(self, client: TestClient, app: Any) -> None:
        self.api = Api(client)
        self.found: dict[str, dict[str, Any]] = {}
        self._app = app

    def ask(self, method: str, path: str = "", body: Any = None, **query: Any) -> Any:
        """Send JSON, or nothing."""
        answer = self.api.client.request(method, self._url(path), json=body, params=query)
        return self._keep(answer, body)

    def send(self, path: str, files: list[tuple[str, bytes]], field: str = "files", **form: Any) -> Any:
        """Send files with what is declared of them."""
        parts = [(field, (name, data, "application/octet-stream")) for name, data in files]
        answer = self.api.client.post(self._url(path), files=parts, data=form)
        names = [name for name, _ in files]
        return self._keep(answer, form | {field: names if field == "files" else names[0]})

    def send_raw(self, path: str, body: bytes, media_type: str, **query: Any) -> Any:
        """Send a body that is a file itself. Its example is what a form with that file would hold."""
        sent = {"Content-Type": media_type}
        answer = self.api.client.post(self._url(path), content=body, headers=sent, params=query)
        return self._keep(answer, {"files": ["ecg.dcm"]})

    def _url(self, path: str) -> str:
        return f"/api/v1{path[1:]}" if path.startswith("~") else self.api.url(path)

    def _keep(self, answer: httpx.Response, sent: Any) -> Any:
        assert answer.is_success, f"{answer.request.url.path}: {answer.text}"
        operation = operation_of(self._app, answer.request.method, answer.request.url.path)
        assert operation is not None, answer.request.url.path
        is_json = answer.headers.get("content-type") == "application/json" and answer.content
        given = answer.json() if is_json else None
        kept = ({} if sent is None else {"request": sent}) | ({"response": shortened(given)} if is_json else {})
        self.found.setdefault(operation["operationId"], kept)
        return given


def shortened(value: Any) -> Any:
    """Return an answer in the same form with less in it: short arrays, texts cut off."""
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shortened(one) for one in value[: len(value) if _is_small(value) else MOST_ITEMS]]
    return f"{value[:MOST_TEXT]} …" if isinstance(value, str) and len(value) > MOST_TEXT else value


def _is_small(value: list[Any]) -> bool:
    return len(value) <= 12 and all(isinstance(one, str | int | float) for one in value)
