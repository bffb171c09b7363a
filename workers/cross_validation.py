"""The trainings of a cross-validation: each fold is kept as it is done, then all recordings train the model kept."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from backend.db.tables import Json, Run
from backend.errors import ConflictError
from backend.ml.data.folds import Folds
from backend.ml.data.training_data import TrainingData
from backend.ml.spec import ModelSpec
from backend.ml.training.config import TrainingConfig
from backend.services import jobs, models, out_of_fold, runs
from backend.services.division import SPLIT_SEED
from workers.lifecycle import RunningJob
from workers.measured import profile_of

if TYPE_CHECKING:
    from backend.ml.conclude import Result
    from backend.ml.training.cross_validation import CrossValidation
    from backend.ml.training.events import Event, FoldDone
    from backend.ml.training.start import Base

# Shares of the progress bar: preparing the recordings, and all trainings.
PREPARED, TRAINED = 0.05, 0.95


def cross_validate(
    job: RunningJob,
    row: Run,
    data: TrainingData,
    folds: Folds,
    ids: Sequence[str],
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    base: "Base | None",
) -> str:
    """Train and test fold after fold, but for those that an earlier attempt has done; return the id of the model.

    `ids` are those of the recordings of `data`.
    """
    from backend.ml.training.cross_validation import CrossValidation  # loads torch
    from backend.ml.training.events import FoldDone, FoldStarted

    seed = int(row.settings["split"].get("split_seed", SPLIT_SEED))
    trainings = CrossValidation(data, spec, config, folds, checkpoint, seed=seed, base=base, should_stop=job.cancelled)
    told = _folds_told(job)
    done = {(one["repeat"] - 1, one["fold"] - 1): one for one in told}
    if done:
        job.log(f"Resumed after {len(done)} of {folds.repeats * folds.k} folds.")
    progress = _Progress(job, folds, len(done))
    for event in trainings.run(done):
        if isinstance(event, FoldStarted):
            progress.begin(event.repeat, event.fold)
        elif isinstance(event, FoldDone):
            payload = _payload(event, folds, [*done.values()], len(done) + 1)
            with job.session() as session:  # both or none: a fold that is told is kept
                rows = [ids[number] for number in event.rows.tolist()]
                out_of_fold.add(session, row.id, event.repeat, event.fold, rows, event.logits)
                jobs.add_event(session, job.id, "fold", payload)
            done[event.repeat, event.fold] = payload
        else:
            progress.show(event)
    job.check()
    progress.begin_last()
    for event in trainings.keep(
        [one["best_epoch"] for one in done.values()], [one["strength"] for one in done.values()]
    ):
        progress.show(event)
    job.check()
    job.progress(TRAINED, "Exporting as ONNX and gathering the results of the folds", always=True)
    return _finish(job, row, data, folds, ids, spec, config, checkpoint, base, trainings)


def _folds_told(job: RunningJob) -> list[Json]:
    with job.read() as session:
        return [event.payload for event in jobs.events(session, job.id) if event.kind == "fold"]


def _payload(event: "FoldDone", folds: Folds, before: Sequence[Json], number: int) -> Json:
    recent = [one["seconds"] for one in before[-4:]] + [event.seconds]
    left = folds.repeats * folds.k - number
    return {
        "repeat": event.repeat + 1,
        "fold": event.fold + 1,
        "repeats": folds.repeats,
        "folds": folds.k,
        "n_train": event.n_train,
        "n_validation": event.n_validation,
        "n_test": len(event.rows),
        "best_epoch": event.best_epoch,
        "epochs": event.epochs,
        "strength": event.strength,
        "seconds": event.seconds,
        "seconds_left": left * sum(recent) / len(recent),
    }


class _Progress:
    """What the progress bar says: which fold of which repeat, and how far its training is."""

    def __init__(self, job: RunningJob, folds: Folds, done: int) -> None:
        self.job, self.folds, self.done = job, folds, done
        self.all = folds.repeats * folds.k + 1  # and the model that is kept
        self.what = ""

    def begin(self, repeat: int, fold: int) -> None:
        of_repeats = f", repeat {repeat + 1} of {self.folds.repeats}" if self.folds.repeats > 1 else ""
        self.what = f"Fold {fold + 1} of {self.folds.k}{of_repeats}"
        self.done = repeat * self.folds.k + fold
        self._say("")

    def begin_last(self) -> None:
        self.what, self.done = "Training the model that is kept on all recordings", self.all - 1
        self._say("")

    def show(self, event: "Event") -> None:
        from backend.ml.training.events import BatchProgress

        if isinstance(event, BatchProgress):
            if event.phase == "embed":
                self.job.progress(PREPARED, f"Computing what the head is fitted to: {event.fraction:.0%}")
            elif event.phase == "learning_rate":
                self._say(": finding the learning rate")
            else:
                self._say(f": epoch {event.epoch}" if event.epoch else "")

    def _say(self, more: str) -> None:
        share = self.done / self.all
        self.job.progress(PREPARED + (TRAINED - PREPARED) * share, f"{self.what}{more}")


def _finish(
    job: RunningJob,
    row: Run,
    data: TrainingData,
    folds: Folds,
    ids: Sequence[str],
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    base: "Base | None",
    trainings: "CrossValidation",
) -> str:
    """Export the model that learned from everybody, with the results of the folds; return its id."""
    from backend.ml.conclude import conclude_cross_validated  # loads torch

    with job.read() as session:
        found = out_of_fold.load(session, row.id, ids, folds.repeats)
    if not len(found.rows):
        raise ConflictError("The recordings that were tested have been deleted. Start a new training.")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        result = conclude_cross_validated(
            data, spec, config, checkpoint, path, found, trainings.about(checkpoint), base=base
        )
        onnx = path.read_bytes()
    job.log(
        f"Exported {len(onnx) / 1e6:.1f} MB; ONNX and torch differ by {result.export.parity:.1e} at most. "
        f"Each of {len(found.rows)} recordings was tested {_times(folds.repeats)} by a model that had not seen it."
    )
    return keep_model(job, row, onnx, result)


def keep_model(job: RunningJob, row: Run, onnx: bytes, result: "Result") -> str:
    """Keep the model of a run, however it was tested; return its id."""
    if result.routes and result.routes.alarm:
        job.say("note", text=result.routes.alarm)
    profile = profile_of(job, row)
    with job.session() as session:
        run_row = runs.get(session, job.project_id, row.id)
        return models.create(
            session, job.storage, run_row, onnx, result.spec.to_dict(), result.evaluation.to_dict(),
            result.export.parity, result.parameters, weights=result.weights,
            routes=result.routes.to_dict() if result.routes else None, profile=profile,
        ).id  # fmt: skip


def _times(repeats: int) -> str:
    return "once" if repeats == 1 else f"{repeats} times"
