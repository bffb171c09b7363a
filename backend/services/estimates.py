"""How long a training will take, told before it is started: from what earlier ones took on this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import JobEvent, Run
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.folds import PARTS_OF_HEAD
from backend.services.cautions import Caution
from backend.services.division import LeftOut
from backend.services.run_plan import Plan, from_run
from backend.services.spellings import Question

if TYPE_CHECKING:
    from backend.services.how_tested import HowTested

Network: TypeAlias = tuple[str, str]  # architecture, its configuration as JSON

EARLIER_RUNS = 20
UNKNOWN_MS = 10.0  # of a network that is known by its graph only
REFERENCE_SAMPLES = 250  # what `Architecture.epoch_ms` is measured on: 2.5 s at 100 Hz
STARTING_S = 5.0  # loading torch, building the network
FINDING_STEPS, FINDING_BATCH = 50, 32  # of the search for the learning rate
PREPARING_MS = 4.0  # a recording: reading, preprocessing
FORWARD = 0.4  # of a training step's time is the forward pass alone
FIT_S = 0.25  # of a head, all strengths, on a hundred records
PATIENT_EPOCHS = 10  # after which the best epoch of a training that stops early mostly comes


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds, and what is to be known before, as `backend.api.schemas.runs.TrainingEstimate` says."""

    seconds: float
    most_seconds: float
    n_train: int
    method: str
    measured: bool
    notes: list[str]
    how_tested: "HowTested | None" = None
    parts: dict[str, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)


def estimate(session: Session, chosen: Plan, n_train: int, n_validation: int, n_all: int) -> Estimate:
    """Return how long a training of `n_train` recordings, of `n_all` to prepare, will take."""
    config = chosen.config
    asked = _network(chosen.architecture, chosen.architecture_config)
    factors = _machine(session)
    own = [factor for network, factor in factors if network == asked]
    known = own or [factor for network, factor in factors if _usual(*network)]
    factor = median(known or [1.0])
    fixed = STARTING_S + n_all * PREPARING_MS / 1000
    once = factor * _pass_s(chosen, 0, n_all)
    notes = []
    if not known:
        notes.append("No training has been done here yet: the estimate is for a machine with two processor cores.")
    elif not own:
        notes.append("This network has not been trained here yet: the estimate goes by the speed of others.")
    entry = ARCHITECTURES.get(chosen.architecture)
    if config.method == "head" or (entry is not None and entry.convex):
        total = fixed + once + 5
        return Estimate(total, 2 * total, n_train, config.method, bool(known), notes)
    if config.learning_rate is None:
        fixed += factor * _pass_s(chosen, FINDING_STEPS * FINDING_BATCH, 0)
    if config.method == "head_then_all":
        fixed += once + 5
    epoch = factor * _pass_s(chosen, n_train, n_validation)
    likely = config.max_epochs if config.schedule != "exponential" else PATIENT_EPOCHS + config.patience
    return Estimate(
        fixed + min(likely, config.max_epochs) * epoch, fixed + config.max_epochs * epoch, n_train, config.method,
        bool(known), notes,
    )  # fmt: skip


def of_folds(
    session: Session, chosen: Plan, n: int, folds: int, repeats: int, only_head: bool, share: float = 1.0
) -> Estimate:
    """Return how long a cross-validation on `n` recordings will take, with the training of the model that is kept.

    Each training learns from a `share` of what it might.
    """
    learn = round((n - n // folds) * share)
    once = estimate(session, chosen, learn - learn // 8, learn // 8, n)
    trainings = folds * repeats
    if only_head:
        fits = (trainings + 1) * (PARTS_OF_HEAD + 1) * FIT_S * (0.5 + learn / 200)
        return replace(once, seconds=once.seconds + fits, most_seconds=once.most_seconds + 2 * fits)
    fixed = STARTING_S + n * PREPARING_MS / 1000
    return replace(
        once,
        seconds=fixed + (trainings + 1) * max(0.0, once.seconds - fixed),
        most_seconds=fixed + (trainings + 1) * max(0.0, once.most_seconds - fixed),
    )


def _crop(chosen: Plan) -> float:
    """Return the seconds that a training step sees of a recording."""
    crop = chosen.config.augmentation.crop_seconds
    return min(crop or chosen.preprocessing.window_s, chosen.preprocessing.window_s)


def _pass_s(chosen: Plan, n_learnt: int, n_looked_at: int) -> float:
    """Return the seconds on the reference machine of learning from so many recordings, and looking at so many whole."""
    entry = ARCHITECTURES.get(chosen.architecture)
    crop = _crop(chosen)
    step_ms = (entry.epoch_ms if entry else UNKNOWN_MS) * crop * chosen.preprocessing.rate / REFERENCE_SAMPLES
    whole = chosen.preprocessing.window_s / crop
    return (n_learnt + n_looked_at * whole * FORWARD) * step_ms / 1000


def _network(architecture: str, config: Mapping[str, object]) -> Network:
    """Return what two runs must share to take as long: a network of other settings is another one."""
    return architecture, json.dumps(config, sort_keys=True)


def _usual(architecture: str, config: str) -> bool:
    """Say whether a network is built as the register does by default, so that `Architecture.epoch_ms` is about it."""
    entry = ARCHITECTURES.get(architecture)
    return entry is None or json.loads(config) == entry.defaults


def _machine(session: Session) -> list[tuple[Network, float]]:
    """Return, of each of the last runs, its network and how much longer its epochs took than the reference.

    Runs of all projects count: nothing but the time of the machine is taken from them.
    """
    runs = session.scalars(select(Run).order_by(Run.created_at.desc()).limit(EARLIER_RUNS)).all()
    networks = []
    for run in runs:
        events = session.scalars(
            select(JobEvent).where(JobEvent.job_id == run.job_id, JobEvent.kind.in_(("epoch", "fold"))).limit(50)
        ).all()
        preprocessing, config, window_s = from_run(run.settings)
        entry = ARCHITECTURES.get(run.architecture)
        if not events or config.method == "head" or (entry is not None and entry.convex):
            continue
        earlier = Plan("", run.architecture, {}, preprocessing, config, window_s)
        counts = run.facts["counts"]
        factors = []
        for told in (event.payload for event in events):
            learnt = told if "n_train" in told else {f"n_{part}": counts[part]["n"] for part in ("train", "validation")}
            expected = _pass_s(earlier, learnt["n_train"], learnt["n_validation"]) * told.get("epochs", 1)
            factors.append(told["seconds"] / expected if expected else 1.0)
        networks.append((_network(run.architecture, run.settings["architecture_config"]), median(factors)))
    return networks
