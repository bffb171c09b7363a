"""How long a training will take, told before it is started: from what earlier ones took on this machine."""

from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import JobEvent, Run
from backend.ml.architectures import ARCHITECTURES
from backend.services.run_plan import Plan, from_run

EARLIER_RUNS = 20
UNKNOWN_MS = 10.0  # of a network that is known by its graph only
REFERENCE_SAMPLES = 250  # what `Architecture.epoch_ms` is measured on: 2.5 s at 100 Hz
STARTING_S = 5.0  # loading torch, building the network
FINDING_STEPS, FINDING_BATCH = 50, 32  # of the search for the learning rate
PREPARING_MS = 4.0  # a recording: reading, preprocessing
FORWARD = 0.4  # of a training step's time is the forward pass alone
PATIENT_EPOCHS = 10  # after which the best epoch of a training that stops early mostly comes


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds, as `backend.api.schemas.runs.Estimate` says."""

    seconds: float
    most_seconds: float
    n_train: int
    method: str
    measured: bool
    notes: list[str]


def estimate(session: Session, chosen: Plan, n_train: int, n_all: int) -> Estimate:
    """Return how long a training of `n_train` recordings, of `n_all` to prepare, will take."""
    config = chosen.config
    factors = _machine(session)
    own = [factor for name, factor in factors if name == chosen.architecture]
    factor = median(own or [factor for _, factor in factors] or [1.0])
    record_s = factor * _record_ms(chosen.architecture, chosen) / 1000
    fixed = STARTING_S + n_all * PREPARING_MS / 1000
    whole = chosen.preprocessing.window_s / _crop(chosen)  # validation and embeddings look at the whole recording
    once = n_all * whole * FORWARD * record_s
    notes = []
    if not factors:
        notes.append("No training has been done here yet: the estimate is for a machine with two processor cores.")
    elif not own:
        notes.append("This network has not been trained here yet: the estimate goes by the speed of others.")
    entry = ARCHITECTURES.get(chosen.architecture)
    if config.method == "head" or (entry is not None and entry.convex):
        total = fixed + once + 5
        return Estimate(total, 2 * total, n_train, config.method, bool(factors), notes)
    if config.learning_rate is None:
        fixed += FINDING_STEPS * FINDING_BATCH * record_s
    if config.method == "head_then_all":
        fixed += once + 5
    epoch = n_train * record_s + (n_all - n_train) / 2 * whole * FORWARD * record_s
    likely = config.max_epochs if config.schedule != "exponential" else PATIENT_EPOCHS + config.patience
    return Estimate(
        fixed + min(likely, config.max_epochs) * epoch, fixed + config.max_epochs * epoch, n_train, config.method,
        bool(factors), notes,
    )  # fmt: skip


def _crop(chosen: Plan) -> float:
    """Return the seconds that a training step sees of a recording."""
    crop = chosen.config.augmentation.crop_seconds
    return min(crop or chosen.preprocessing.window_s, chosen.preprocessing.window_s)


def _record_ms(architecture: str, chosen: Plan) -> float:
    """Return what a training step takes for one recording on the reference machine."""
    entry = ARCHITECTURES.get(architecture)
    samples = _crop(chosen) * chosen.preprocessing.rate
    return (entry.epoch_ms if entry else UNKNOWN_MS) * samples / REFERENCE_SAMPLES


def _machine(session: Session) -> list[tuple[str, float]]:
    """Return, of each of the last runs, its architecture and how much longer its epochs took than the reference.

    Runs of all projects count: nothing but the time of the machine is taken from them.
    """
    runs = session.scalars(select(Run).order_by(Run.created_at.desc()).limit(EARLIER_RUNS)).all()
    found = []
    for run in runs:
        events = session.scalars(
            select(JobEvent).where(JobEvent.job_id == run.job_id, JobEvent.kind == "epoch").limit(50)
        ).all()
        preprocessing, config, window_s = from_run(run.settings)
        n_train = run.facts["counts"]["train"]["n"]
        if not events or config.method == "head" or not n_train:
            continue
        earlier = Plan("", run.architecture, {}, preprocessing, config, window_s)
        expected = n_train * _record_ms(run.architecture, earlier) / 1000
        found.append((run.architecture, median(event.payload["seconds"] for event in events) / expected))
    return found
