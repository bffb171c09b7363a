"""The ECGs of a project on a platform: sent, listed, looked at, fetched."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exchangeai.connection import Connection, JsonBody
from exchangeai.paging import pages
from exchangeai.payload import unpacked
from exchangeai.shapes import EmbeddingInfo, ImportInfo, RecordingInfo, UploadReport
from exchangeai.uploads import Form, Progress, Told, batches, declared, local_files

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


class Ecgs:
    """What a project does with ECGs; `exchangeai.project.Project` does the rest."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self.id = project_id

    def upload(
        self,
        paths: Paths,
        *,
        rate: float | None = None,
        units_per_mv: float | None = None,
        unit: Literal["mV", "arbitrary"] = "mV",
        leads: Sequence[str] | None = None,
        partial: bool = False,
        raw: bool = False,
        progress: Progress | None = None,
    ) -> UploadReport:
        """Send ECG files, folders and archives; each file gets its own outcome, whatever becomes of the others.

        What is declared holds for files that do not say it themselves, as in `exchangeai.read`. Files of one record go
        in one request. `progress` is called with the bytes sent and those there are. A request that breaks is sent
        again: what the platform has already is answered as a duplicate. Look at `refused` and `outcomes` of the report.
        """
        files = local_files(paths)
        fields = declared(rate, units_per_mv, unit, leads, partial, raw)
        tell = Told(sum(one.size for one in files), progress)
        whole: UploadReport = {
            "import_id": "", "outcomes": [], "imported": 0, "duplicate": 0, "updated": 0, "refused": 0,
        }  # fmt: skip
        for batch in batches(files):
            form = Form(batch, "files", fields | {"import_id": whole["import_id"] or None}, tell.sent, tell.begin)
            report: UploadReport = self._connection.json("POST", self._path("/recordings"), form, again=True)
            tell.done(sum(one.size for one in batch))
            whole["import_id"] = report["import_id"] or whole["import_id"]
            whole["outcomes"] += report["outcomes"]
            for status in ("imported", "duplicate", "updated", "refused"):
                whole[status] += report[status]
        return whole

    def recordings(
        self, search: str = "", label: str = "", findings_only: bool = False, **more: Any
    ) -> Iterator[RecordingInfo]:
        """Yield its recordings by file name, or by `sort` and `order`.

        `more` are the other filters of docs/api.md: `device`, `sex`, `age_min`, `prediction_id`, `disagreement` …
        """
        return self._items("/recordings", search=search, label=label, findings_only=findings_only, **more)

    def recording(self, recording_id: str) -> RecordingInfo:
        """Return one recording."""
        shown: RecordingInfo = self._get(f"/recordings/{recording_id}")
        return shown

    def signal(
        self,
        recording_id: str,
        preprocessing: str | None = None,
        filter: str | None = None,  # noqa: A002
        notch: int | None = None,
        *,
        from_s: float | None = None,
        seconds: float | None = None,
        points: int | None = None,
    ) -> tuple[NDArray[np.float32], float]:
        """Return the samples of a recording, (12, n) in its unit, NaN where missing, and their rate in Hz.

        `preprocessing` is a preset of models; `filter` ("0.05-150", "0.5-40") and `notch` (50, 60), Hz, are clinical.
        `from_s` and `seconds` ask for a part; `points` for so many samples a lead at most, the lowest and highest of
        equal stretches.
        """
        path = self._path(f"/recordings/{recording_id}/signal")
        how = self._connection.open(
            "GET", path, preprocessing=preprocessing, filter=filter, notch=notch, from_s=from_s, seconds=seconds,
            points=points,
        )  # fmt: skip
        with closing(how) as answer:
            return unpacked(answer.read())

    def measurements(self, recording_id: str) -> dict[str, Any]:
        """Return what is measured in a recording: rate, intervals, axes, waves (docs/api.md)."""
        shown: dict[str, Any] = self._get(f"/recordings/{recording_id}/measurements")
        return shown

    def download(self, recording_id: str, into: str | PathLike[str], format: str = "wfdb") -> Path:  # noqa: A002
        """Write a recording in another format (a zip where that takes several files) to the path `into`."""
        return self._save(f"/recordings/{recording_id}/download", into, format=format)

    def embeddings(self, recording_ids: Sequence[str], model: str = "cardx") -> list[EmbeddingInfo]:
        """Return the embedding of each recording, or why there is none."""
        shown: list[EmbeddingInfo] = self._post("/embeddings", {"recording_ids": list(recording_ids), "model": model})
        return shown

    def imports(self) -> Iterator[ImportInfo]:
        """Yield the batches that were sent, the newest first."""
        return self._items("/imports")

    def _path(self, path: str) -> str:
        return f"/projects/{self.id}{path}"

    def _get(self, path: str) -> Any:
        return self._connection.json("GET", self._path(path))

    def _post(self, path: str, body: Any, again: bool | None = None) -> Any:
        return self._connection.json("POST", self._path(path), JsonBody(body), again=again)

    def _items(self, path: str, **query: Any) -> Iterator[Any]:
        return pages(self._connection, self._path(path), **query)

    def _save(self, path: str, into: str | PathLike[str], **query: Any) -> Path:
        return self._connection.save(self._path(path), Path(into), **query)
