"""Label sets and readings in tests: short words for what nearly every test of them does."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx2 as httpx

from tests.api_calls import Api
from tests.samples import csv_file

ANNA, BERT = "Dr. Änna", "Dr. Bert"


class Readers:
    """A label set in a project of `n` recordings, and what readers say by it."""

    def __init__(self, api: Api, n: int = 0, **values: Any) -> None:
        self.api = api
        if n:
            api.upload({f"{number:03}.csv": csv_file(number, 100) for number in range(n)}, rate="100")
        labels = values.pop("labels", ["NORM", "AFIB", "MI"])
        body = {"name": "Rhythm", "labels": [one if isinstance(one, dict) else {"name": one} for one in labels]}
        answer = api.client.post(api.url("/annotations"), json=body | values, params={"reader": ANNA})
        assert answer.status_code == 201, answer.text
        self.set: dict[str, Any] = answer.json()
        self.ids = [one["id"] for one in api.recordings(size=500)]
        self._last: dict[tuple[str, str, str], str] = {}

    def url(self, path: str = "") -> str:
        return self.api.url(f"/annotations/{self.set['id']}{path}")

    def get(self, path: str = "", **query: Any) -> Any:
        return self.api.get(f"/annotations/{self.set['id']}{path}", **query)

    def send(self, reader: str, recording_id: str, labels: Sequence[str], **values: Any) -> httpx.Response:
        """Send a reading as it comes; it replaces nothing unless said."""
        reading_id = values.pop("id", uuid4().hex)
        body = {"recording_id": recording_id, "labels": list(labels)} | values
        return self.api.client.put(self.url(f"/readings/{reading_id}"), json=body, params={"reader": reader})

    def say(self, reader: str, number: int, *labels: str, **values: Any) -> dict[str, Any]:
        """Keep a reading of recording `number`, which replaces the last one said here."""
        recording_id = self.ids[number]
        slot = (values.get("role", "reader"), "" if values.get("role") == "adjudicator" else reader, recording_id)
        answer = self.send(reader, recording_id, labels, **{"replaces": self._last.get(slot)} | values)
        assert answer.status_code == 200, answer.text
        kept: dict[str, Any] = answer.json()
        self._last[slot] = kept["id"]
        return kept

    def seen_by(self, reader: str, number: int) -> Any:
        return self.get(f"/recordings/{self.ids[number]}", reader=reader)

    def queue(self, reader: str, **query: Any) -> list[int]:
        """Return the numbers of the recordings that wait for a reader."""
        return [self.ids.index(one["recording_id"]) for one in self.get("/queue", reader=reader, **query)]

    def freeze(self, **values: Any) -> dict[str, Any]:
        answer = self.api.client.post(self.url("/datasets"), json=values)
        assert answer.status_code == 201, answer.text
        dataset: dict[str, Any] = self.api.client.get(answer.headers["Location"]).json()
        assert dataset == answer.json()
        return dataset
