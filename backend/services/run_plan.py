"""What a person asks to train, and what is trained then: network or base model, preprocessing and settings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from backend.db.tables import Model
from backend.ecg.preprocess import Preprocessing, preset
from backend.errors import ConflictError, InvalidInputError
from backend.ml.architectures import RECOMMENDED, Architecture
from backend.ml.architectures import architecture as find_architecture
from backend.ml.spec import EXTERNAL, ModelSpec
from backend.ml.training.config import TrainingConfig, merged
from backend.ml.training.recipe import fine_tuning
from backend.services import models, shipped

DEFAULT_PRESET = "clinical"


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks to train; everything but the dataset has a default.

    `training` and `preprocessing` are changes to what suits the network, as is known of its architecture.
    """

    dataset_id: str
    name: str = ""
    labels: Sequence[str] | None = None
    base_model_id: str | None = None
    architecture: str | None = None
    architecture_config: Mapping[str, Any] | None = None
    preprocessing: Mapping[str, Any] | None = None
    split: Mapping[str, Any] | None = None
    training: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained. `window_s` is that of `backend.ml.spec.ModelSpec`; `base` is fine-tuned, None for scratch."""

    title: str
    architecture: str
    architecture_config: dict[str, Any]
    preprocessing: Preprocessing
    config: TrainingConfig
    window_s: float | None
    base: Model | None = None


def plan(session: Session, project_id: str, request: Request) -> Plan:
    """Complete what is asked for, and check that its parts fit.

    Raises NotFoundError, SettingError, PreprocessingError, ConflictError or InvalidInputError.
    """
    if request.base_model_id is not None:
        return _fine_tuning(shipped.base(session, project_id, request.base_model_id), request)
    network = find_architecture(request.architecture or RECOMMENDED)
    preprocessing = preprocessing_for(network, request.preprocessing)
    config = TrainingConfig.from_json(merged(network.recipe, request.training or {}))
    if config.method != "scratch":
        raise InvalidInputError(
            f"The method {config.method} fine-tunes a model. Choose the model to start from, or train from scratch."
        )
    return Plan(
        network.title, network.name, network.complete(request.architecture_config or {}), preprocessing, config,
        None if network.convex else _window(config, preprocessing),  # its embedding is the whole record
    )  # fmt: skip


def preprocessing_for(network: Architecture, wanted: Mapping[str, Any] | None = None) -> Preprocessing:
    """Return a preset with any of its values changed, and with what the network cannot do without.

    Raises PreprocessingError for an impossible value, InvalidInputError for one that the network cannot take.
    """
    wanted = dict(wanted or {})
    for key, value in network.demands.items():
        if key in wanted and _as_json(wanted[key]) != _as_json(value):
            raise InvalidInputError(f"{network.title} needs the preprocessing {key} = {value}. Leave this setting out.")
    changes = {key: value for key, value in wanted.items() if key not in ("preset", "version")} | dict(network.demands)
    name = str(wanted.get("preset", DEFAULT_PRESET))
    return preset("exchangeai" if name == "custom" else name, **changes)


def _as_json(value: Any) -> Any:
    """Return a setting as it travels: a pair that came as JSON is a list, and no other setting for that."""
    return json.loads(json.dumps(value))


def _fine_tuning(base: Model, request: Request) -> Plan:
    """Return the plan of a fine-tuning: network and preprocessing are those of the base model."""
    if not base.for_training:
        raise ConflictError(
            f"The model “{base.name}” is not offered for training. Offer it on its page, or choose another."
        )
    spec = ModelSpec.from_json(base.spec)
    if request.architecture not in (None, spec.architecture) or request.architecture_config:
        raise InvalidInputError(
            "A fine-tuned model has the architecture of its base model. Leave out the architecture."
        )
    if request.preprocessing is not None and _as_json(request.preprocessing) != _as_json(asdict(spec.preprocessing)):
        raise InvalidInputError(
            "A fine-tuned model is given ECGs as its base model is. Leave the preprocessing out, or train from scratch."
        )
    window_s = _base_window(base)
    allowed, usual = models.methods(base), usual_settings(base)
    if len(allowed) == 1:
        usual |= {"method": allowed[0]}
    config = TrainingConfig.from_json(merged(usual, request.training or {}))
    if config.method == "scratch":
        raise InvalidInputError("From scratch there is no base model. Choose head, all or head_then_all.")
    if config.method not in allowed:  # it would fail only once the job runs
        raise InvalidInputError(
            f"The model “{base.name}” cannot be fine-tuned by the method {config.method}: its body cannot be trained. "
            f"Choose {' or '.join(allowed) or 'another model'}."
        )
    title = f"{base.name}, fine-tuned"
    if base.weights_key is None:  # whatever its description says
        return Plan(title, EXTERNAL, {}, spec.preprocessing, config, window_s, base)
    return Plan(title, spec.architecture, dict(spec.config), spec.preprocessing, config, window_s, base)


def usual_settings(base: Model) -> dict[str, Any]:
    """Return the settings with which a model is fine-tuned where nobody says otherwise, apart from the defaults."""
    architecture = base.spec["architecture"] if base.weights_key else EXTERNAL
    return fine_tuning(architecture, _base_window(base))


def _base_window(base: Model) -> float | None:
    # A network that is known by its graph alone takes whole records: its windows, if it has any, are in the graph.
    return base.spec.get("window_s") if base.weights_key else None


def _window(config: TrainingConfig, preprocessing: Preprocessing) -> float | None:
    """Return the length of the windows over which the model averages, in seconds; None for the record as a whole."""
    crop = config.augmentation.crop_seconds
    if not config.windows or crop is None or crop * preprocessing.rate >= preprocessing.n_samples:
        return None
    return crop


def from_run(settings: Mapping[str, Any]) -> tuple[Preprocessing, TrainingConfig, float | None]:
    """Return what `to_run` has written; runs of the first version had no windows."""
    return (
        Preprocessing.from_json(json.dumps(settings["preprocessing"])),
        TrainingConfig.from_json(settings["training"]),
        settings.get("window_s"),
    )


def to_run(chosen: Plan, split: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the plan as the JSON that a run keeps."""
    return {
        "architecture_config": chosen.architecture_config,
        "preprocessing": json.loads(chosen.preprocessing.to_json()),
        "split": {name: value for name, value in (split or {"kind": "random"}).items() if value is not None},
        "training": chosen.config.to_dict(),
        "window_s": chosen.window_s,
    }
