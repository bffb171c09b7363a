"""Training: a job becomes a network, its results on the test part, and an ONNX file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from backend.db.tables import Json, Run, utc_now
from backend.errors import ConflictError, UserError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.split import PARTS, Split
from backend.ml.data.training_data import TrainingData
from backend.ml.patient import FEATURES, encode
from backend.ml.spec import ModelSpec, TrainingFacts
from backend.ml.training.config import TrainingConfig
from backend.ml.versions import library_versions
from backend.services import checkpoints, jobs, model_library, runs
from backend.services.examples import Example
from backend.services.known_truth import truth
from backend.services.run_plan import from_run
from workers.cross_validation import cross_validate, keep_model
from workers.lifecycle import JobCancelledError, RunningJob
from workers.prepare import Prepared, prepare

if TYPE_CHECKING:
    from backend.ml.training.events import Stopped
    from backend.ml.training.start import Base

# Shares of the progress bar: preparing the recordings, finding the learning rate, all epochs, results and export.
PREPARED, FOUND, TRAINED = 0.05, 0.08, 0.95


def train(job: RunningJob) -> Json:
    """Train a run, from its checkpoint if there is one, and keep its model."""
    with job.read() as session:
        checkpoints.forget_old(session, job.settings.data_dir)
        row = runs.get(session, job.project_id, job.payload["run_id"])
        labelled, split, folds = runs.to_train(session, row)
        facts = {"columns": row.facts["labels"]} | row.facts
    told = _notes_told(job)
    _say_notes(job, facts["notes"], told)
    base = _base(job, row)
    preprocessing, config, window_s = from_run(row.settings)
    folder = job.settings.data_dir
    checkpoint, array = checkpoints.place(folder, row.id), folder / "prepared" / f"{row.id}.npy"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    try:
        prepared = prepare(job, labelled, preprocessing, array, PREPARED)
        _say_notes(job, prepared.notes, told)
        data = data_of(labelled, facts, prepared, split, row.architecture)
        spec = ModelSpec(
            architecture=row.architecture,
            config=row.settings["architecture_config"],
            labels=tuple(facts["labels"]),
            codes={label: code for label, code in facts["codes"].items() if label in facts["labels"]},
            task=facts["task"],
            preprocessing=preprocessing,
            window_s=window_s,
            takes_patient=data.patient is not None,
            training=_training_facts(config, facts, base),
        )
        if folds is None:
            _run_epochs(job, data, spec, config, checkpoint, base)
            model_id = _finish(job, row, data, spec, config, checkpoint, base)
        else:
            ids = [labelled[number].recording_id for number in prepared.kept.tolist()]
            some = folds.some(prepared.kept)
            model_id = cross_validate(job, row, data, some, ids, spec, config, checkpoint, base)
    except JobCancelledError:
        if folds is not None:  # what a cross-validation goes on from are the folds that it has told
            checkpoints.forget(checkpoint)
        raise
    except (UserError, MemoryError):
        checkpoints.forget(checkpoint)  # who goes on from here would meet the same again
        raise
    finally:
        array.unlink(missing_ok=True)
    checkpoints.forget(checkpoint)
    return {"model_id": model_id, "run_id": row.id}


def _base(job: RunningJob, run: Run) -> "Base | None":
    """Return the model that the run starts from, None for a training from scratch."""
    if run.facts.get("base") is None:
        return None
    from backend.ml.training.start import Base  # loads torch

    if run.base_model_id is None:
        raise ConflictError(f"The base model “{run.facts['base']['name']}” has been deleted. Start a new training.")
    with job.read() as session:
        model = model_library.usable(session, job.project_id, run.base_model_id)
    weights = job.storage.get(model.weights_key) if model.weights_key else None
    return Base(model.name, ModelSpec.from_json(model.spec), job.storage.get(model.onnx_key), weights)


def data_of(
    labelled: Sequence[Example], facts: Json, prepared: Prepared, split: Split, architecture: str
) -> TrainingData:
    """Return what the network learns from: the recordings that could be prepared."""
    kept = [labelled[row] for row in prepared.kept]
    patient = np.array([encode(example.age, example.sex) for example in kept], np.float32).reshape(-1, FEATURES)
    takes = architecture in ARCHITECTURES and ARCHITECTURES[architecture].takes_patient
    return TrainingData(
        x=prepared.x,
        y=truth(kept, facts["labels"], facts["columns"], facts["task"]).astype(np.float32),
        split=prepared.part(split, len(labelled)),
        patients=tuple(example.patient_id for example in kept),
        patient=patient if takes and patient.any() else None,
    )


def _training_facts(config: TrainingConfig, facts: Json, base: "Base | None") -> TrainingFacts:
    return TrainingFacts(
        seed=config.seed,
        data_hash=facts["data_hash"],
        created=utc_now().isoformat(timespec="seconds"),
        versions=library_versions(),
        config=config.to_dict(),
        base=None
        if base is None
        else {"name": base.name, "architecture": base.spec.architecture, "sha256": base.sha256},
    )


def _run_epochs(
    job: RunningJob,
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    base: "Base | None",
) -> None:
    from backend.ml.training import events  # all of these load torch
    from backend.ml.training.head_fit import strengths
    from backend.ml.training.learner import only_the_head
    from backend.ml.training.train import train as train_network

    only_head = only_the_head(spec, config)
    steps = len(strengths(config)) if only_head else config.max_epochs
    noun = "Strength of regularisation" if only_head else "Epoch"
    learning = only_head  # before its first epoch, a training may fit the head and look for a learning rate
    seconds: list[float] = []
    told = _epochs_told(job)
    for event in train_network(data, spec, config, checkpoint, base=base, should_stop=job.stopping):
        match event:
            case events.Started():
                counts = ", ".join(f"{len(getattr(data.split, name))} {name}" for name in PARTS)
                job.log(f"{event.parameters:,} parameters on {event.device}; recordings: {counts}.")
            case events.BatchSizeChosen():
                job.log(f"Batch size {event.batch_size}{' (automatic)' if event.automatic else ''}.")
            case events.LrFound():
                learning = True
                job.say("learning_rate", learning_rate=event.learning_rate, curve=[list(p) for p in event.curve])
            case events.Resumed():
                learning = True
                job.log(f"Resumed from the checkpoint after {noun.lower()} {len(event.epochs)}.")
                seconds = [epoch.seconds for epoch in event.epochs]
                for epoch in event.epochs:
                    if epoch.epoch not in told:
                        _tell(job, epoch, steps, seconds)
            case events.EpochDone():
                seconds.append(event.seconds)
                _tell(job, event, steps, seconds)
            case events.BatchProgress() if event.phase == "learning_rate":
                job.progress(PREPARED + (FOUND - PREPARED) * event.fraction, "Finding the learning rate")
            case events.BatchProgress() if event.phase == "embed":
                job.progress(PREPARED, f"Computing what the head is fitted to: {event.fraction:.0%}")
            case events.BatchProgress() if not learning:
                job.progress(PREPARED, "Fitting the head")
            case events.BatchProgress():
                done = (event.epoch - 1 + event.fraction * (0.9 if event.phase == "train" else 1)) / steps
                most = "" if only_head else "at most "
                job.progress(FOUND + (TRAINED - FOUND) * done, f"{noun} {event.epoch} of {most}{steps}")
            case events.Stopped(reason="cancelled"):
                job.check()
                if not event.best_epoch:
                    job.log(f"Stopped before the first {noun.lower()} was done: there is no model to keep.")
                    raise JobCancelledError
                job.say("note", text=f"Stopped early by a person: {_kept(event, noun, steps)}.")
            case events.Stopped():
                job.log(_ended(event, config, only_head))


def _epochs_told(job: RunningJob) -> set[int]:
    with job.read() as session:
        return {event.payload["epoch"] for event in jobs.events(session, job.id) if event.kind == "epoch"}


def _notes_told(job: RunningJob) -> set[str]:
    with job.read() as session:
        return {event.payload["text"] for event in jobs.events(session, job.id) if event.kind == "note"}


def _say_notes(job: RunningJob, notes: Sequence[str], told: set[str]) -> None:
    for note in notes:
        if note not in told:  # by an earlier attempt
            job.say("note", text=note)


def _ended(event: "Stopped", config: TrainingConfig, only_head: bool) -> str:
    """Say why a training is over, and which of its epochs the model is of."""
    if only_head and event.reason == "all_epochs":
        return f"Strength {event.best_epoch} of {event.epochs} fits the validation recordings best and is kept."
    words = {
        "all_epochs": "All epochs are done",
        "no_improvement": f"No improvement for {config.patience} epochs",
        "diverged": "The loss diverged; what came before is kept",
    }
    if only_head:
        best = f"Best strength: {event.best_epoch}"
    elif config.monitor == "last_epoch":
        best = f"The last epoch is kept: {event.best_epoch}"
    else:
        best = f"Best epoch: {event.best_epoch}"
    of_head = not only_head and config.method == "head_then_all" and event.best_epoch == 1
    return f"{words[event.reason]}. {best}{', of the head alone' if of_head else ''}."


def _kept(event: "Stopped", noun: str, steps: int) -> str:
    return f"{noun.lower()} {event.best_epoch}, the best of {event.epochs} out of {steps}, is kept"


def _tell(job: RunningJob, epoch: object, steps: int, seconds: Sequence[float]) -> None:
    payload = asdict(epoch)  # type: ignore[call-overload]
    left = steps - payload["epoch"]
    recent = seconds[-5:]
    job.say("epoch", **payload, max_epochs=steps, seconds_left=left * sum(recent) / len(recent))


def _finish(
    job: RunningJob,
    row: Run,
    data: TrainingData,
    spec: ModelSpec,
    config: TrainingConfig,
    checkpoint: Path,
    base: "Base | None",
) -> str:
    """Export and evaluate the best epoch, keep the model; return its id."""
    from backend.ml.conclude import conclude  # loads torch

    job.progress(TRAINED, "Exporting as ONNX and evaluating on the test part", always=True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        result = conclude(data, spec, config, checkpoint, path, base=base)
        onnx = path.read_bytes()
    job.log(
        f"Exported {len(onnx) / 1e6:.1f} MB; ONNX and torch differ by {result.export.parity:.1e} at most. "
        f"Evaluated on {result.evaluation.n} test recordings."
    )
    return keep_model(job, row, onnx, result)
