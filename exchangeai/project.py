"""A project of a platform: ECGs in, labels, trainings, models, predictions and evaluations out."""

import json
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from exchangeai.annotations import Annotations
from exchangeai.comparisons import Comparisons
from exchangeai.connection import Connection, JsonBody
from exchangeai.ecgs import Paths
from exchangeai.exchange import Exchange
from exchangeai.jobs import Job
from exchangeai.shapes import (
    DatasetInfo,
    DriftCheckInfo,
    EvaluationInfo,
    ExplanationAnswer,
    ExplanationInfo,
    FileAnswer,
    JobInfo,
    MistakesInfo,
    ModelInfo,
    OddRecordingInfo,
    OverviewInfo,
    PredictionInfo,
    PredictionRow,
    ProjectInfo,
    RecordingAnswer,
    RunInfo,
    SideBySideInfo,
    SourceScores,
    SourcesInfo,
    StatisticsInfo,
    StressTestInfo,
    TransferInfo,
)
from exchangeai.uploads import Form, batches, declared, local_files


class Project(Comparisons):
    """A project, by its id. Lists are asked for page by page while they are gone through."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        super().__init__(connection, project_id)
        self.annotations = Annotations(connection, f"/projects/{project_id}/annotations")  # labels given one by one

    def info(self) -> ProjectInfo:
        """Return its name, description and what it holds."""
        shown: ProjectInfo = self._get("")
        return shown

    def overview(self) -> OverviewInfo:
        """Return what it holds, what is newest and unfinished in it, and what is best done next."""
        shown: OverviewInfo = self._get("/overview")
        return shown

    def delete(self) -> None:
        """Delete it with all that is in it. Raises ConflictError while a job of it runs."""
        self._connection.json("DELETE", self._path(""))

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

    def statistics(self, dataset_id: str) -> StatisticsInfo:
        """Return what the recordings of a table are like: labels, age, sex, rate, device, quality."""
        shown: StatisticsInfo = self._get(f"/datasets/{dataset_id}/statistics")
        return shown

    def sources(self, dataset_id: str) -> SourcesInfo:
        """Return by which sources of its recordings (device, folder …) a training can be tested: `split.folds_by`."""
        shown: SourcesInfo = self._get(f"/datasets/{dataset_id}/sources")
        return shown

    # Models

    def train(self, dataset_id: str, **settings: Any) -> tuple[RunInfo, Job]:
        """Queue a training: `base_model_id`, `architecture`, `labels`, `training` and the like as in docs/api.md.

        The job's result names the `model_id`. Raises RefusedError for what cannot be trained, with the reason.
        """
        made: RunInfo = self._post("/runs", {"dataset_id": dataset_id} | settings)
        return made, self.job(made["job"]["id"])

    def source_scores(self, run_id: str) -> SourceScores:
        """Return how good a training is on each source, where its folds are sources (`split.folds_by`)."""
        shown: SourceScores = self._get(f"/runs/{run_id}/sources")
        return shown

    def mistakes(self, run_id: str) -> MistakesInfo:
        """Return what a cross-validated training told wrongly.

        The recordings of a kind: `recordings(run_id=…, evaluated_label=…, cell=…)`, or `predicted_label` for `cell`.
        """
        shown: MistakesInfo = self._get(f"/runs/{run_id}/mistakes")
        return shown

    def side_by_side(self, *run_ids: str) -> SideBySideInfo:
        """Set two to five trainings beside each other: settings that differ, curves, figures and what `text` allows."""
        shown: SideBySideInfo = self._connection.json("GET", self._path("/runs/side-by-side"), run=list(run_ids))
        return shown

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

    def explain(
        self, model_id: str, recording_id: str, *, label: str | None = None, ways: Sequence[str] | None = None
    ) -> ExplanationInfo:
        """Ask what a model looked at in a stored recording; `explanation` waits for the maps.

        `ways` are of "occlusion", "gradients", "weights" and "nearest", all by default (docs/explanations.md).
        """
        asked: dict[str, Any] = {"model_id": model_id, "recording_id": recording_id, "label": label}
        asked |= {} if ways is None else {"ways": list(ways)}
        made: ExplanationInfo = self._post("/explanations", asked)
        return made

    def explanation(self, explanation_id: str, *, wait: bool = True) -> ExplanationAnswer:
        """Return an explanation, once it is made unless `wait` is False.

        A map whose `control` says that it is no evidence shows nothing about the ECG. Raises JobFailedError.
        """
        shown: ExplanationAnswer = self._get(f"/explanations/{explanation_id}")
        if wait and shown["result"] is None:
            self.job(shown["job"]["id"]).wait()
            shown = self._get(f"/explanations/{explanation_id}")
        return shown

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

    def stress(self, evaluation_id: str) -> tuple[StressTestInfo, Job]:
        """Queue a stress test of an evaluation: noise, leads off, gain, rate, in steps (docs/evaluation.md)."""
        made: StressTestInfo = self._post(f"/evaluations/{evaluation_id}/stress-test", {})
        return made, self.job(made["job"]["id"])

    def stress_test(self, evaluation_id: str) -> StressTestInfo:
        """Return the stress test of an evaluation with its `result` (curves), None until the job is done."""
        shown: StressTestInfo = self._get(f"/evaluations/{evaluation_id}/stress-test")
        return shown

    def check_drift(self, model_id: str, dataset_id: str) -> tuple[DriftCheckInfo, Job]:
        """Queue a check whether the ECGs of a dataset are like those that a model learned from.

        Labels are not needed. Raises ConflictError where nothing is known of the ECGs of its training.
        """
        made: DriftCheckInfo = self._post("/drift-checks", {"model_id": model_id, "dataset_id": dataset_id})
        return made, self.job(made["job"]["id"])

    def drift_check(self, check_id: str) -> DriftCheckInfo:
        """Return a drift check with its `result` (verdict, findings …), None until the job is done."""
        shown: DriftCheckInfo = self._get(f"/drift-checks/{check_id}")
        return shown

    def drift_checks(self, model_id: str | None = None) -> Iterator[DriftCheckInfo]:
        """Yield its drift checks, or those of a model, the newest first."""
        return self._items("/drift-checks", model_id=model_id)

    def odd_recordings(self, check_id: str) -> Iterator[OddRecordingInfo]:
        """Yield the recordings that stick out in a drift check, the oddest first."""
        return self._items(f"/drift-checks/{check_id}/recordings")

    def jobs(self) -> Iterator[JobInfo]:
        """Yield its jobs, the newest first."""
        return self._items("/jobs")

    def __repr__(self) -> str:
        return f"<Project {self.id}>"
