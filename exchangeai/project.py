"""A project of a platform: ECGs in, labels, trainings, models, predictions and evaluations out."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exchangeai.annotations import Annotations
from exchangeai.connection import Connection, JsonBody
from exchangeai.errors import JobFailedError
from exchangeai.exchange import Exchange
from exchangeai.jobs import FINISHED, Job
from exchangeai.paging import pages
from exchangeai.payload import unpacked
from exchangeai.shapes import (
    ComparisonAnswer,
    ComparisonInfo,
    DatasetInfo,
    EmbeddingInfo,
    EvaluationInfo,
    FileAnswer,
    ImportInfo,
    JobInfo,
    ModelInfo,
    PredictionInfo,
    PredictionRow,
    ProjectInfo,
    RecordingAnswer,
    RecordingInfo,
    RunInfo,
    TransferInfo,
    UploadReport,
)
from exchangeai.uploads import Form, Progress, Told, batches, declared, local_files

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


class Project:
    """A project, by its id. Lists are asked for page by page while they are gone through."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self.id = project_id
        self.annotations = Annotations(connection, f"/projects/{project_id}/annotations")  # labels given one by one

    def info(self) -> ProjectInfo:
        """Return its name, description and what it holds."""
        shown: ProjectInfo = self._get("")
        return shown

    def delete(self) -> None:
        """Delete it with all that is in it. Raises ConflictError while a job of it runs."""
        self._connection.json("DELETE", self._path(""))

    # ECGs

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

    def recordings(self, search: str = "", label: str = "", findings_only: bool = False) -> Iterator[RecordingInfo]:
        """Yield its recordings by file name."""
        return self._items("/recordings", search=search, label=label, findings_only=findings_only)

    def recording(self, recording_id: str) -> RecordingInfo:
        """Return one recording."""
        shown: RecordingInfo = self._get(f"/recordings/{recording_id}")
        return shown

    def signal(self, recording_id: str, preprocessing: str | None = None) -> tuple[NDArray[np.float32], float]:
        """Return the samples of a recording, (12, n) in its unit, NaN where missing, and their rate in Hz."""
        path = self._path(f"/recordings/{recording_id}/signal")
        with closing(self._connection.open("GET", path, preprocessing=preprocessing)) as answer:
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

    # Labels

    def attach_labels(
        self, table: str | PathLike[str], *, name: str = "", choice: dict[str, Any] | None = None
    ) -> DatasetInfo:
        """Attach a table of labels. Where it is in doubt which columns they are, RefusedError asks for a choice."""
        fields = {"name": name, "choice": "" if choice is None else json.dumps(choice)}
        made: DatasetInfo = self._connection.json(
            "POST", self._path("/datasets"), Form(local_files(table), "file", fields)
        )
        return made

    def datasets(self) -> Iterator[DatasetInfo]:
        """Yield its tables of labels, the newest first."""
        return self._items("/datasets")

    # Models

    def train(self, dataset_id: str, **settings: Any) -> tuple[RunInfo, Job]:
        """Queue a training: `base_model_id`, `architecture`, `labels`, `training` and the like as in docs/api.md.

        The job's result names the `model_id`. Raises RefusedError for what cannot be trained, with the reason.
        """
        made: RunInfo = self._post("/runs", {"dataset_id": dataset_id} | settings)
        return made, self.job(made["job"]["id"])

    def compare(
        self, dataset_id: str, candidates: Sequence[dict[str, Any]] | None = None, **settings: Any
    ) -> ComparisonInfo:
        """Queue the trainings that tell which model suits a dataset; `comparison` waits for what they find.

        Each candidate is a mapping such as {"architecture": "xresnet1d18"} or {"base_model_id": "cardx", "training":
        {"method": "head"}}; None are usual ones that fit into `minutes` (5). `labels`, `folds`, `repeats` and the like
        as in docs/api.md. Raises RefusedError for what cannot be compared.
        """
        asked: dict[str, Any] = {"dataset_id": dataset_id} | settings
        if candidates is not None:
            asked["candidates"] = list(candidates)
        made: ComparisonInfo = self._post("/comparisons", asked)
        return made

    def comparison(self, comparison_id: str, *, wait: bool = True) -> ComparisonAnswer:
        """Return a comparison, once all its trainings have ended unless `wait` is False; its `result` names a model.

        A training that failed or was cancelled is told beside its candidate.
        """
        while True:
            shown: ComparisonAnswer = self._get(f"/comparisons/{comparison_id}")
            jobs = [one["job"] for one in shown["candidates"] if one["job"] is not None]
            going = [job["id"] for job in jobs if job["status"] not in FINISHED]
            if not wait or not going:
                return shown
            with suppress(JobFailedError):
                self.job(going[0]).wait()

    def runs(self) -> Iterator[RunInfo]:
        """Yield its trainings, the newest first."""
        return self._items("/runs")

    def models(self, purpose: Literal["prediction", "training"] | None = None) -> Iterator[ModelInfo]:
        """Yield its models, the newest first; with a purpose, those that are offered for it."""
        return self._items("/models", **{"for": purpose})

    def import_model(self, path: str | PathLike[str], *, name: str = "", **open_facts: Any) -> ModelInfo:
        """Take in a package, an ONNX file or weights; `open_facts` say what the file leaves open (docs/api.md)."""
        form = Form(local_files(path), "file", {"name": name} | open_facts)
        made: ModelInfo = self._connection.json("POST", self._path("/models"), form)
        return made

    def download_model(
        self, model_id: str, into: str | PathLike[str], kind: Literal["package", "onnx", "weights", "card"] = "package"
    ) -> Path:
        """Write a model to the path `into`; `exchangeai.load_model` reads packages and ONNX files."""
        return self._save(f"/models/{model_id}/{kind}", into)

    # Models of others

    def fetch(
        self, exchange: Exchange, place: str, *, trust: str = "", unverified: bool = False, name: str = ""
    ) -> tuple[TransferInfo, Job]:
        """Queue the fetching of a model from an exchange; the job's result names the `model_id`.

        `place` is its place there, such as afib-detector/2, or the name of a bare ONNX file; nobody has signed that, so
        it wants `unverified`. Raises ConflictError for a key that is new: its text names the fingerprint;
        give that as `trust` once you have compared it.
        """
        asked = {"exchange_id": exchange.id, "item": place, "trust": trust, "unverified": unverified, "name": name}
        made: TransferInfo = self._post("/transfers/pull", asked)
        return made, self.job(made["job"]["id"])

    def publish(self, model_id: str, exchange: Exchange, **said: Any) -> tuple[TransferInfo, Job]:
        """Queue the publishing of a model; the job's result says where it lies (`item`) and by which key it is signed.

        `said` are `publisher`, `notes`, `slug`, `also_onnx`, `with_seen` (docs/api.md). Raises RefusedError where it
        says no licence or intended use yet: see `describe_model`.
        """
        made: TransferInfo = self._post("/transfers/push", {"exchange_id": exchange.id, "model_id": model_id} | said)
        return made, self.job(made["job"]["id"])

    def describe_model(self, model_id: str, **said: Any) -> ModelInfo:
        """Say of a model what others must know: `name`, `licence`, `intended_use`."""
        shown: ModelInfo = self._connection.json("PATCH", self._path(f"/models/{model_id}"), JsonBody(said))
        return shown

    # Predictions and evaluations

    def predict_recording(self, model_id: str, recording_id: str) -> RecordingAnswer:
        """Predict one stored recording at once."""
        shown: RecordingAnswer = self._post(f"/models/{model_id}/predict", {"recording_id": recording_id}, again=True)
        return shown

    def predict_files(self, model_id: str, paths: Paths, **open_facts: Any) -> list[FileAnswer]:
        """Predict files at once, with what they leave open (`rate` …) as in `upload`; nothing is stored."""
        path, fields = self._path(f"/models/{model_id}/predict-files"), declared(**open_facts)
        answers: list[FileAnswer] = []
        for batch in batches(local_files(paths)):
            answers += self._connection.json("POST", path, Form(batch, "files", fields), again=True)
        return answers

    def predict(self, model_id: str, dataset_id: str | None = None) -> tuple[PredictionInfo, Job]:
        """Queue the prediction of a dataset, or of all recordings."""
        made: PredictionInfo = self._post("/predictions", {"model_id": model_id, "dataset_id": dataset_id})
        return made, self.job(made["job"]["id"])

    def predictions(self) -> Iterator[PredictionInfo]:
        """Yield its predictions, the newest first."""
        return self._items("/predictions")

    def results(self, prediction_id: str, partial: bool = False) -> Iterator[PredictionRow]:
        """Yield the results of a prediction by file name. Raises ConflictError before it is done, but for `partial`."""
        return self._items(f"/predictions/{prediction_id}/results", partial=partial)

    def evaluate(self, model_id: str, dataset_id: str, **settings: Any) -> tuple[EvaluationInfo, Job]:
        """Queue the evaluation of a model on a dataset, of another project with `dataset_project_id` (docs/api.md)."""
        made: EvaluationInfo = self._post("/evaluations", {"model_id": model_id, "dataset_id": dataset_id} | settings)
        return made, self.job(made["job"]["id"])

    def evaluation(self, evaluation_id: str) -> dict[str, Any]:
        """Return one evaluation with its `result`, None until the job is done."""
        shown: dict[str, Any] = self._get(f"/evaluations/{evaluation_id}")
        return shown

    def evaluations(self, model_id: str | None = None) -> Iterator[EvaluationInfo]:
        """Yield its evaluations, or those of a model, the newest first."""
        return self._items("/evaluations", model_id=model_id)

    def jobs(self) -> Iterator[JobInfo]:
        """Yield its jobs, the newest first."""
        return self._items("/jobs")

    def job(self, job_id: str) -> Job:
        """Return a job, to be followed or waited for."""
        return Job(self._connection, self.id, job_id)

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

    def __repr__(self) -> str:
        return f"<Project {self.id}>"
