"""Labels given one by one: label sets, what readers say by them, and what comes of it."""

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any
from uuid import uuid4

from exchangeai.connection import Connection, JsonBody
from exchangeai.paging import pages
from exchangeai.shapes import DatasetInfo, LabelSetInfo, ReadingInfo


class Annotations:
    """The label sets of a project, as `project.annotations`."""

    def __init__(self, connection: Connection, path: str) -> None:
        self._connection, self._path = connection, path

    def label_sets(self) -> Iterator[LabelSetInfo]:
        """Yield the label sets, the newest first."""
        return pages(self._connection, self._path)

    def create(self, name: str, labels: Sequence[str | dict[str, str]], **values: Any) -> LabelSetInfo:
        """Make a label set of names, or of mappings with `name`, `key`, `code`, `system`.

        `values`: `task`, `blind`, `n_readers`, `region_classes` (docs/labels.md).
        """
        named = [{"name": one} if isinstance(one, str) else one for one in labels]
        body = JsonBody({"name": name, "labels": named} | values)
        made: LabelSetInfo = self._connection.json("POST", self._path, body)
        return made

    def say(
        self, label_set_id: str, recording_id: str, labels: Sequence[str], *, reader: str, **values: Any
    ) -> ReadingInfo:
        """Keep what a reader says of a recording, after what the same reader said before.

        `values`: `note`, `regions`, `done`. Raises ConflictError where the reader says something else at the same time.
        """
        seen = f"{self._path}/{label_set_id}/recordings/{recording_id}"
        before = self._connection.json("GET", seen, reader=reader)["mine"]
        body = {
            "recording_id": recording_id, "labels": list(labels), "replaces": before["id"] if before else None,
        } | values  # fmt: skip
        # The id makes it safe to send the same again.
        path = f"{self._path}/{label_set_id}/readings/{uuid4().hex}"
        kept: ReadingInfo = self._connection.json("PUT", path, JsonBody(body), again=True, reader=reader)
        return kept

    def agreement(self, label_set_id: str) -> dict[str, Any]:
        """Return how far each pair of readers agrees: Cohen's kappa with its interval."""
        shown: dict[str, Any] = self._connection.json("GET", f"{self._path}/{label_set_id}/agreement")
        return shown

    def export(self, label_set_id: str, into: str | PathLike[str], *, each: bool = False) -> Path:
        """Write the labels that stand, or `each` reading, as CSV to the path `into`."""
        return self._connection.save(f"{self._path}/{label_set_id}/csv", Path(into), each=each)

    def freeze(self, label_set_id: str, *, name: str = "", fewest_readers: int | None = None) -> DatasetInfo:
        """Make a dataset of the labels that stand: the next version of the label set, to train on.

        Recordings that fewer than `fewest_readers` have read (None: as many as the set asks for) and nobody has
        adjudicated are left out.
        """
        body = JsonBody({"name": name, "fewest_readers": fewest_readers})
        made: DatasetInfo = self._connection.json("POST", f"{self._path}/{label_set_id}/datasets", body)
        return made
