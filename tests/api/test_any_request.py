"""Whatever a client sends to any operation that is described, the platform never answers with a fault of its own.

Requests are made up by schemathesis from the description, with ids of a project that has rows, so that they meet more
than a 404. It takes minutes: `make test-any-request` runs it, `make test` does not.
"""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from backend.services import jobs
from tests.accounts import House
from tests.api.test_walls import one_of_each
from tests.trained import Trained

EXAMPLES = int(os.environ.get("ANY_REQUEST", "0"))
BESIDE = (
    "stream_job",
    "stream_exchange_job",
    "delete_project",
    "sign_out",
    "change_password",
    "change_user",
    "provider_sign_out",
)
"""What would end the session, or the project, in which all others are tried; the stream has no end."""

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="make test-any-request tries them")


@schemathesis.serializer("multipart/related")
def _related(_: Any, value: Any) -> bytes:
    """Whatever is made up goes as it is: schemathesis knows no such bodies."""
    return value if isinstance(value, bytes) else str(value).encode()


def _sendable(part: Any) -> Any:
    """A part of a form as the client of the tests takes it, which knows no numbers."""
    if isinstance(part, tuple):
        return tuple(_sendable(one) for one in part)
    return part if part is None or isinstance(part, str | bytes) or hasattr(part, "read") else str(part)


def test_no_request_is_a_fault(trained_house: House, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "enqueue", lambda *_: None, raising=False)
    headers = trained_house.by_session(trained_house.user("root", is_admin=True))
    description = schemathesis.openapi.from_dict(trained_house.app.openapi())
    faults: list[str] = []
    tried = 0
    with trained_house.client(headers) as api:
        api.client.event_hooks = {"request": [], "response": []}
        api.project = trained.project_id
        ids = one_of_each(api, trained) | {"project_id": trained.project_id}
        operations = [found.ok() for found in description.get_all_operations()]
        for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):  # these take rows away
            if operation.definition.raw["operationId"] in BESIDE:
                continue
            tried += 1

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def ask(case: Any) -> None:
                for name in case.path_parameters or {}:
                    case.path_parameters[name] = ids.get(name, case.path_parameters[name])
                sent = case.as_transport_kwargs(base_url=str(api.client.base_url))
                sent.pop("cookies", None)
                if isinstance(files := sent.get("files"), list):
                    sent["files"] = [(name, _sendable(part)) for name, part in files]
                elif isinstance(files, dict):
                    sent["files"] = {name: _sendable(part) for name, part in files.items()}
                if isinstance(sent.get("data"), bytes):
                    sent["content"] = sent.pop("data")
                told = {**{k: v for k, v in (sent.pop("headers", None) or {}).items() if v.isascii()}, **headers}
                answer = api.client.request(headers=told, **sent)
                if answer.status_code == 500:
                    faults.append(f"{case.method} {case.formatted_path}: {answer.text}")

            ask()
    assert tried > 100
    assert not faults, faults[:10]
