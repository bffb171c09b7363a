"""Training: a job becomes a network, its results on the test part, and an ONNX file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from backend.db.tables import Json, Run, utc_now
from backend.ecg.preprocess import Preprocessing
from backend.ecg.signal_file import decode_signal
from backend.errors import UserError
from backend.ml.config import TrainingConfig
from backend.ml.data import TrainingData
from backend.ml.spec import ModelSpec, TrainingFacts
from backend.ml.split import PARTS
from backend.ml.versions import library_versions
from backend.services import jobs, models, runs
from workers.lifecycle import JobCancelledError, RunningJob

# Shares of the progress bar: preparing the recordings, finding the learning rate, all epochs, results and export.
PREPARED, FOUND, TRAINED = 0.05, 0.08, 0.95


def train(job: RunningJob) -> Json:
    """Train a run, from its checkpoint if there is one, and keep its model."""
    with job.read() as session:
        row = runs.get(session, job.project_id, job.payload["run_id"])
        examples, split = runs.split_examples(session, row)
        labels, facts, settings = row.facts["labels"], row.facts, row.settings
    for note in facts["notes"]:
        if job.attempt == 1:
            job.say("note", text=note)
    preprocessing = Preprocessing(**settings["preprocessing"])
    config = TrainingConfig.from_json(settings["training"])
    data = TrainingData(
        x=_prepare(job, examples, preprocessing),
        y=runs.one_hot(examples, labels),
        split=split,
        patients=tuple(example.patient_id for example in examples),
    )
    spec = ModelSpec(
        architecture=row.architecture,
        config=settings["architecture_config"],
        labels=tuple(labels),
        task=facts["task"],
        preprocessing=preprocessing,
        training=TrainingFacts(
            seed=config.seed,
            data_hash=facts["data_hash"],
            created=utc_now().isoformat(timespec="seconds"),
            versions=library_versions(),
            config=config.to_dict(),
        ),
    )
    checkpoint = job.settings.data_dir / "checkpoints" / f"{row.id}.pt"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    try:
        _run_epochs(job, data, spec, config, checkpoint)
        model_id = _finish(job, row, data, spec, config, checkpoint)
    except (JobCancelledError, UserError, MemoryError):
        checkpoint.unlink(missing_ok=True)  # nobody goes on from here; only a killed worker's checkpoint is needed
        raise
    checkpoint.unlink(missing_ok=True)
    return {"model_id": model_id, "run_id": row.id}


def _prepare(job: RunningJob, examples: Sequence[runs.Example], preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return the preprocessed recordings, (N, 12, T)."""
    x = np.empty((len(examples), 12, preprocessing.n_samples), np.float32)
    for index, example in enumerate(examples):
        signal, rate = decode_signal(job.storage.get(example.signal_key))
        x[index] = preprocessing(signal, rate)
        job.progress(PREPARED * index / len(examples), f"Preparing recording {index + 1} of {len(examples)}")
    return x


def _run_epochs(job: RunningJob, data: TrainingData, spec: ModelSpec, config: TrainingConfig, checkpoint: Path) -> None:
    from backend.ml import events
    from backend.ml.train import train as train_network  # loads torch

    seconds: list[float] = []
    told = _epochs_told(job)
    for event in train_network(data, spec, config, checkpoint, should_stop=job.cancelled):
        match event:
            case events.Started():
                counts = ", ".join(f"{len(getattr(data.split, name))} {name}" for name in PARTS)
                job.log(f"{event.parameters:,} parameters on {event.device}; recordings: {counts}.")
            case events.BatchSizeChosen():
                job.log(f"Batch size {event.batch_size}{' (automatic)' if event.automatic else ''}.")
            case events.LrFound():
                job.say("learning_rate", learning_rate=event.learning_rate, curve=[list(p) for p in event.curve])
            case events.Resumed():
                job.log(f"Resumed from the checkpoint after epoch {len(event.epochs)}.")
                seconds = [epoch.seconds for epoch in event.epochs]
                for epoch in event.epochs:
                    if epoch.epoch not in told:
                        _tell(job, epoch, config, seconds)
            case events.EpochDone():
                seconds.append(event.seconds)
                _tell(job, event, config, seconds)
            case events.BatchProgress() if event.phase == "learning_rate":
                job.progress(PREPARED + (FOUND - PREPARED) * event.fraction, "Finding the learning rate")
            case events.BatchProgress():
                done = (event.epoch - 1 + event.fraction * (0.9 if event.phase == "train" else 1)) / config.max_epochs
                job.progress(FOUND + (TRAINED - FOUND) * done, f"Epoch {event.epoch} of at most {config.max_epochs}")
            case events.Stopped(reason="cancelled"):
                job.check()
            case events.Stopped():
                words = {
                    "all_epochs": "All epochs are done",
                    "no_improvement": f"No improvement for {config.patience} epochs",
                    "diverged": "The loss diverged; the best epoch before is kept",
                }
                job.log(f"{words[event.reason]}. Best epoch: {event.best_epoch}.")


def _epochs_told(job: RunningJob) -> set[int]:
    with job.read() as session:
        return {event.payload["epoch"] for event in jobs.events(session, job.id) if event.kind == "epoch"}


def _tell(job: RunningJob, epoch: object, config: TrainingConfig, seconds: Sequence[float]) -> None:
    payload = asdict(epoch)  # type: ignore[call-overload]
    left = config.max_epochs - payload["epoch"]
    recent = seconds[-5:]
    job.say("epoch", **payload, max_epochs=config.max_epochs, seconds_left=left * sum(recent) / len(recent))


def _finish(
    job: RunningJob, row: Run, data: TrainingData, spec: ModelSpec, config: TrainingConfig, checkpoint: Path
) -> str:
    """Export and evaluate the best epoch, keep the model; return its id."""
    from backend.ml.results import conclude  # loads torch

    job.progress(TRAINED, "Exporting as ONNX and evaluating on the test part", always=True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        result = conclude(data, spec, checkpoint, path, seed=config.seed)
        onnx = path.read_bytes()
    job.log(
        f"Exported {len(onnx) / 1e6:.1f} MB; ONNX and torch differ by {result.export.parity:.1e} at most. "
        f"Evaluated on {result.evaluation.n} test recordings."
    )
    with job.session() as session:
        run_row = runs.get(session, job.project_id, row.id)
        model = models.create(
            session, job.storage, run_row, onnx, result.spec.to_dict(), result.evaluation.to_dict(),
            result.export.parity, result.parameters,
        )  # fmt: skip
        return model.id
