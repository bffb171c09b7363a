"""What the sender of a model says of it, for what its file leaves open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.ecg.leads import LEADS
from backend.ecg.preprocess import PRESETS, Preprocessing, preset
from backend.errors import InvalidInputError
from backend.ml.architectures import architecture
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.predictor import MAX_SAMPLES, time_first
from backend.ml.inference.trial import Graph
from backend.ml.spec import EXTERNAL, ModelSpec
from backend.services.run_plan import preprocessing_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the sender of a model says of it; None is left to the file."""

    labels: tuple[str, ...] | None = None
    task: str | None = None
    preset: str | None = None
    rate: float | None = None
    units_per_mv: float | None = None
    architecture: str | None = None
    architecture_config: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""

    @property
    def describes(self) -> bool:
        """Whether anything but the licence was declared."""
        said = (self.labels, self.task, self.preset, self.rate, self.units_per_mv, self.architecture)
        return any(one is not None for one in said) or bool(self.architecture_config)

    @classmethod
    def parse(
        cls,
        *,
        labels: str | None = None,
        architecture_config: str | None = None,
        licence: str | None = None,
        **given: Any,
    ) -> "Declared":
        """Read the fields of a form or of a command line.

        Labels are separated by commas, or a JSON list where a label holds one; settings are a JSON object. Raises
        InvalidInputError.
        """
        config = _json(architecture_config or "{}")
        if not isinstance(config, dict):
            raise InvalidInputError('The settings of the architecture should be a JSON object such as {"depth": 6}.')
        names = _labels(labels) if labels and labels.strip() else None
        stated = {name: value or None for name, value in given.items()}  # an empty field of a form says nothing
        return cls(labels=names, architecture_config=config, licence=(licence or "").strip(), **stated)


def spec_of_graph(graph: Graph, declared: Declared) -> ModelSpec:
    """Return the description of an ONNX file that has none, as its sender declares it.

    Raises InvalidInputError that lists what is missing, ModelInvalidError for a graph that takes no 12-lead ECGs.
    """
    _demand(declared, "The ONNX file does not say what it tells and what it wants.", "labels", "task", "preset", "rate")
    chosen = _preset(declared)
    shape = graph.inputs[0].shape if graph.inputs else ()
    if len(shape) != 3:
        raise ModelInvalidError("The model should have an input of (batch, 12 leads, samples) or (batch, samples, 12).")
    n_samples = shape[1 if time_first(shape, chosen.n_samples) else 2]
    if isinstance(n_samples, int):
        if not 1 <= n_samples <= MAX_SAMPLES:
            raise ModelInvalidError(
                f"The model takes {n_samples:,} samples a lead; 1 to {MAX_SAMPLES:,} can be. Choose another model."
            )
        chosen = _preset(declared, window_s=n_samples / chosen.rate)
    return _spec(EXTERNAL, {}, declared, chosen)


def spec_of_weights(declared: Declared) -> ModelSpec:
    """Return the description of a network of a known architecture. Raises InvalidInputError or SettingError."""
    _demand(declared, "Weights do not say which network they are of.", "architecture", "labels", "task", "preset")
    network = architecture(str(declared.architecture))
    changes = {"rate": declared.rate, "units_per_mv": declared.units_per_mv}
    wanted = {name: value for name, value in changes.items() if value is not None} | {"preset": declared.preset}
    config = network.complete(declared.architecture_config)
    return _spec(network.name, config, declared, preprocessing_for(network, wanted))


def _spec(name: str, config: Mapping[str, Any], declared: Declared, chosen: Preprocessing) -> ModelSpec:
    labels = declared.labels or ()
    return ModelSpec(
        architecture=name,
        config=config,
        labels=labels,
        task=declared.task,  # type: ignore[arg-type]  # it was demanded, and `_demand` knows its words
        preprocessing=chosen,
        leads=LEADS,
    )


def _preset(declared: Declared, **changes: Any) -> Preprocessing:
    name = str(declared.preset)
    if name not in PRESETS:
        raise InvalidInputError(f"There is no preprocessing “{name:.40}”; there are {', '.join(PRESETS)}.")
    stated = {"rate": declared.rate, "units_per_mv": declared.units_per_mv}
    changes |= {name: value for name, value in stated.items() if value is not None}
    chosen = preset(name, **changes)
    if chosen.standardise == "none" and declared.units_per_mv is None:
        raise InvalidInputError(
            "Say in which unit the model wants the signal: units_per_mv is 1 for mV and 1000 for µV. It matters, as "
            f"the preprocessing “{name}” leaves amplitudes as they are."
        )
    return chosen


def _demand(declared: Declared, why: str, *names: str) -> None:
    missing = [name for name in names if not getattr(declared, name)]
    if missing:
        raise InvalidInputError(f"{why} Say it when you import it; missing: {', '.join(missing)}.")
    if declared.task not in ("single_label", "multi_label", "regression"):
        raise InvalidInputError("The task of a model is single_label, multi_label or regression.")


def _labels(text: str) -> tuple[str, ...]:
    given = _json(text) if text.lstrip().startswith("[") else text.split(",")
    if not isinstance(given, list) or not all(isinstance(label, str) for label in given) or len(given) > 2000:
        raise InvalidInputError("Give the labels separated by commas, or as a JSON list of texts.")
    names = tuple(label.strip() for label in given)
    if any(len(label) > 200 for label in names):
        raise InvalidInputError("A label is longer than 200 characters. Shorten it.")
    return names


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
