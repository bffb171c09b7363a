"""Pre-training: the recordings of a project become a network whose embedding trainings start from."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.db.tables import Json
from backend.ecg.preprocess import preset
from backend.errors import UserError
from backend.ml.architectures import architecture
from backend.ml.pretraining.config import PretrainingConfig
from backend.ml.pretraining.data import PretrainingData
from backend.ml.versions import library_versions
from backend.services import pretrainings
from workers.lifecycle import JobCancelledError, RunningJob
from workers.prepare import Prepared, prepare

# Shares of the progress bar: preparing the recordings, aligning beats, learning.
PREPARED, ALIGNED, LEARNT = 0.05, 0.08, 0.97


def pretrain(job: RunningJob) -> Json:
    """Pre-train on all recordings of the project, from the checkpoint if there is one, and keep the model."""
    config = PretrainingConfig.from_dict(job.payload["config"])
    with job.read() as session:
        found = pretrainings.examples(session, job.project_id)
    folder = job.settings.data_dir
    checkpoint, array = folder / "checkpoints" / f"{job.id}.pt", folder / "prepared" / f"{job.id}.npy"
    try:
        preprocessing = preset("clinical")
        prepared = prepare(job, found, preprocessing, array, PREPARED)
        if job.attempt == 1:
            for note in prepared.notes:
                job.say("note", text=note)
        passes = _learn(job, PretrainingData(prepared.x, preprocessing.rate), config, checkpoint)
        model_id = _finish(job, checkpoint, [one.recording_id for one in found], passes, prepared)
    except (JobCancelledError, UserError, MemoryError):
        checkpoint.unlink(missing_ok=True)
        raise
    finally:
        array.unlink(missing_ok=True)
    checkpoint.unlink(missing_ok=True)
    return {"model_id": model_id}


def _learn(job: RunningJob, data: PretrainingData, config: PretrainingConfig, checkpoint: Path) -> int:
    """Pre-train and tell how it goes; return how many ECGs were passed."""
    from backend.ml.pretraining import events  # all of these load torch
    from backend.ml.pretraining.pretrain import pretrain as learn

    network = architecture(job.payload["architecture"]).build(
        12, data.x.shape[2], 2, job.payload["architecture_config"], seed=config.seed
    )
    passes = 0
    for event in learn(network, data, config, checkpoint, should_stop=job.cancelled):
        match event:
            case events.Aligning():
                job.progress(PREPARED + (ALIGNED - PREPARED) * event.fraction, "Aligning beats")
            case events.Begun():
                resumed = f"; resumed after {event.passes:,} passes" if event.passes else ""
                job.log(f"{event.parameters:,} parameters on {event.device}; {event.n_learn:,} ECGs{resumed}.")
            case events.Step():
                passes = event.passes
                job.progress(ALIGNED + (LEARNT - ALIGNED) * event.fraction, f"{passes:,} ECGs passed")
            case events.Measured():
                passes = event.passes
                job.say("pretraining", **asdict(event))
            case events.Ended(reason="cancelled"):
                job.check()
    return passes


def _finish(job: RunningJob, checkpoint: Path, recordings: list[str], passes: int, prepared: Prepared) -> str:
    """Export the network and keep it; return the id of the model."""
    from backend.ml.pretraining.conclude import conclude  # loads torch

    job.progress(LEARNT, "Exporting as ONNX", always=True)
    with TemporaryDirectory() as folder:
        made = conclude(checkpoint, job.payload["architecture"], job.payload["architecture_config"], Path(folder))
    told = (
        f"Pre-trained on {len(prepared.x):,} ECGs of this project, {passes:,} passes, without labels. Those on which "
        "trainings test by default were left out."
    )
    with job.session() as session:
        return pretrainings.keep(
            session, job.storage, job.project_id, job.payload["name"], made.spec.to_dict(), made.onnx, made.weights,
            parity=made.parity, parameters=made.parameters, versions=library_versions(), notes=[told, *prepared.notes],
            recording_ids=recordings,
        ).id  # fmt: skip
