"""Prediction with an exported model: numpy and onnxruntime only, so that a web process can do it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import ArrayLike, NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from backend.ecg.leads import LEADS
from backend.ml.architectures import ARCHITECTURES
from backend.ml.calibration import Calibration
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.onnx_guard import MAX_BYTES, check_onnx
from backend.ml.metadata import from_metadata
from backend.ml.patient import FEATURES
from backend.ml.spec import PATIENT_NAME, ROUTES_NAME, ModelSpec, Task

BATCH = 8  # records that go through the network at once; 64 take five times the memory and are slower
LARGEST_FIXED = 64  # batch size that a graph may insist on
MAX_SAMPLES = 200_000  # a lead; a model must not make the machine run out of memory by what it asks for
ORT_ERRORS: tuple[type[Exception], ...] = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    UnicodeDecodeError,  # of names inside a damaged file
)


Routed: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32] | None]
"""Logits, or what they mean, and in which share each expert counts."""


class Predictor:
    """A loaded model. It may be used by several threads at once."""

    def __init__(self, session: ort.InferenceSession, spec: ModelSpec) -> None:
        self.session = session
        self.spec = spec
        first, *others = session.get_inputs()
        self._input, self._patient = first.name, others[0].name if others else None
        self._experts = _experts_told(session, spec)
        self._outputs = [session.get_outputs()[0].name, *([ROUTES_NAME] if self._experts else [])]
        self._transposed = time_first(first.shape, spec.n_samples)
        self._fixed = first.shape[0] if isinstance(first.shape[0], int) else None

    @classmethod
    def from_bytes(cls, data: bytes, *, threads: int = 1) -> "Predictor":
        """Load an ONNX model; `threads` is the most that one prediction uses.

        Raises ModelInvalidError, saying why, for bytes that are no model for 12-lead ECGs or that refer to other files.
        """
        check_onnx(data)
        try:
            session = session_of(data, threads)
            return cls(session, _spec_of(session))
        except ORT_ERRORS as problem:
            raise refusal("loaded", problem) from problem

    @classmethod
    def from_path(cls, path: Path, *, threads: int = 1) -> "Predictor":
        """Load an ONNX file, as `from_bytes`."""
        if path.stat().st_size > MAX_BYTES:
            raise ModelInvalidError(f"The model is larger than {MAX_BYTES >> 20} MiB. Export a smaller one.")
        return cls.from_bytes(path.read_bytes(), threads=threads)

    def logits(self, x: NDArray[np.float32], patient: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return the (b, L) logits of preprocessed records x (b, 12, `spec.n_samples`) float32.

        `patient` (b, 4), see `backend.ml.patient`, goes to a network that takes it, and is nothing to others; without
        it age and sex count as not known. Raises ModelInvalidError where the network cannot be run or gives another
        shape.
        """
        return self.routed(x, patient)[0]

    def routed(self, x: NDArray[np.float32], patient: NDArray[np.float32] | None = None) -> Routed:
        """Return what `logits` does, and the share (b, e) of each expert; None for a file that does not tell it."""
        if self._transposed:
            x = np.ascontiguousarray(x.transpose(0, 2, 1))
        size = self._fixed or BATCH
        if len(x) == size or (len(x) < size and self._fixed is None):
            return self._run(x, patient)
        parts = []
        for start in range(0, len(x), size):
            stop = start + size
            parts.append(self._padded(x[start:stop], None if patient is None else patient[start:stop]))
        logits = [part for part, _ in parts] or [np.empty((0, len(self.spec.labels)), np.float32)]
        routes = [part for _, part in parts if part is not None]
        return np.concatenate(logits), np.concatenate(routes) if routes else None

    def probabilities(
        self, signal: ArrayLike, rate: float, patient: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return what `to_outputs` makes of recordings (b, 12, n) in mV at `rate` Hz, preprocessed as in training.

        Raises PreprocessingError for a recording that cannot be preprocessed, ModelInvalidError as `outputs`.
        """
        return self.answers(signal, rate, patient)[0]

    def answers(self, signal: ArrayLike, rate: float, patient: NDArray[np.float32] | None = None) -> Routed:
        """Return what `probabilities` does, and the share (b, e) of each expert where the file tells it."""
        return self.outputs(self.spec.preprocessing(signal, rate), patient)

    def outputs(self, x: NDArray[np.float32], patient: NDArray[np.float32] | None = None) -> Routed:
        """Return what `to_outputs` makes of preprocessed records, as `routed` takes them, and the shares.

        Raises ModelInvalidError as `logits`, and for answers that are NaN or infinite: no label could be told from
        them, though the largest of them would be one.
        """
        logits, routes = self.routed(x, patient)
        if not np.isfinite(logits).all():
            raise ModelInvalidError(
                "The model answers this recording with values that are no numbers (NaN or infinite). Look whether its "
                "amplitudes are sound, or use another model."
            )
        return to_outputs(logits, self.spec.task, self.spec.calibration), routes

    def _padded(self, x: NDArray[np.float32], patient: NDArray[np.float32] | None) -> Routed:
        """Run up to a batch; one that is too short for a graph of fixed batch size is filled with zeros."""
        n, missing = len(x), (self._fixed or 0) - len(x)
        if missing > 0:
            x = np.pad(x, ((0, missing), (0, 0), (0, 0)))
            patient = None if patient is None else np.pad(patient, ((0, missing), (0, 0)))
        logits, routes = self._run(x, patient)
        return logits[:n], None if routes is None else routes[:n]

    def _run(self, x: NDArray[np.float32], patient: NDArray[np.float32] | None) -> Routed:
        feed = {self._input: x}
        if self._patient is not None:
            feed[self._patient] = np.zeros((len(x), FEATURES), np.float32) if patient is None else patient
        try:
            logits, *others = self.session.run(self._outputs, feed)
        except ORT_ERRORS as problem:
            raise refusal("run", problem) from problem
        if not isinstance(logits, np.ndarray) or logits.shape != (len(x), len(self.spec.labels)):
            raise ModelInvalidError(
                f"The model gave the shape {np.shape(logits)} for {len(x)} records and {len(self.spec.labels)} labels. "
                "Export it so that it gives (batch, labels)."
            )
        return logits.astype(np.float32, copy=False), self._told(others[0], len(x)) if others else None

    def _told(self, routes: Any, n: int) -> NDArray[np.float32]:
        """Return routes as they were answered; raises ModelInvalidError for what are none."""
        if not isinstance(routes, np.ndarray) or routes.shape != (n, self._experts):
            raise ModelInvalidError(
                f"The model tells routes of the shape {np.shape(routes)} for {n} records and {self._experts} experts. "
                "Export it again."
            )
        return routes.astype(np.float32, copy=False)


def _experts_told(session: ort.InferenceSession, spec: ModelSpec) -> int:
    """Return of how many experts the network tells the routes: none for most, and for files of earlier versions."""
    known = ARCHITECTURES.get(spec.architecture)
    told = any(item.name == ROUTES_NAME and item.type == "tensor(float)" for item in session.get_outputs()[1:])
    return len(known.experts) if known and told else 0


def refusal(step: str, problem: Exception) -> ModelInvalidError:
    """Return what a person is told of a model that cannot be "loaded" or "run", for an error of onnxruntime."""
    text = " ".join(str(problem).split())
    if "Failed to allocate memory" in text or "bad_alloc" in text:
        return ModelInvalidError(f"The model needs more memory to be {step} than it may take. Use a smaller one.")
    reason = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)[:300].rstrip(". ")
    return ModelInvalidError(
        f"The model cannot be {step}: {reason}. Export it again, in float32 and with standard operators."
    )


def session_of(data: bytes, threads: int, *, optimised: bool = True) -> ort.InferenceSession:
    """Load a graph on the CPU, as it is or optimised; raises one of `ORT_ERRORS`."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take the processor from whatever prepares the next recording.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # what is wrong is raised; nothing is printed
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"], enable_fallback=0)


def time_first(shape: Sequence[object], n_samples: int) -> bool:
    """Say whether an input of this shape wants (batch, samples, 12 leads) instead of (batch, 12 leads, samples)."""
    return shape[1] != len(LEADS) and (shape[2] == len(LEADS) or shape[1] == n_samples)


def to_outputs(logits: NDArray[np.float32], task: Task, calibration: Calibration | None = None) -> NDArray[np.float32]:
    """Return what (b, L) logits mean: probabilities, calibrated as the model is, or for "regression" the values."""
    if task == "regression":
        return logits
    return to_probabilities(logits if calibration is None else calibration.line(logits), task)


def to_probabilities(logits: NDArray[np.float32], task: Task) -> NDArray[np.float32]:
    """Return the softmax over labels ("single_label") or the sigmoid of each ("multi_label") of (b, L) logits."""
    if task == "multi_label":
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), dtype=np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _spec_of(session: ort.InferenceSession) -> ModelSpec:
    """Read the description of a loaded network and check that the graph fits it."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if not inputs or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 3:
        raise ModelInvalidError("The model should have a single input of float32, (batch, 12 leads, samples).")
    others = [(item.name, item.type, len(item.shape), item.shape[-1:]) for item in inputs[1:]]
    if others and others != [(PATIENT_NAME, "tensor(float)", 2, [FEATURES])]:
        raise ModelInvalidError(
            "The model should have a single input, the ECG. Only a second one named “patient” (batch, 4) is understood."
        )
    if not outputs or outputs[0].type != "tensor(float)" or len(outputs[0].shape) != 2:
        raise ModelInvalidError("The model should give float32 logits, (batch, labels), as its first output.")
    width = outputs[0].shape[1]
    fixed = width if isinstance(width, int) else None
    spec = from_metadata(session.get_modelmeta().custom_metadata_map, n_labels=fixed)
    if spec.n_samples > MAX_SAMPLES:
        raise ModelInvalidError(
            f"The model takes {spec.n_samples:,} samples a lead; at most {MAX_SAMPLES:,} can be. Choose another model."
        )
    leads, samples = (2, 1) if time_first(inputs[0].shape, spec.n_samples) else (1, 2)
    for name, found, wanted, remedy in (
        ("number of leads", inputs[0].shape[leads], len(spec.leads), "Only networks for all twelve leads can be used."),
        ("number of samples", inputs[0].shape[samples], spec.n_samples, "State the length and rate that it takes."),
        ("number of labels", width, len(spec.labels), "Name one label for each output, in their order."),
    ):
        if isinstance(found, int) and found != wanted:
            raise ModelInvalidError(
                f"The {name} of the network is {found}, but its description says {wanted}. {remedy}"
            )
    sizes = {item.shape[0] for item in inputs if isinstance(item.shape[0], int)}
    if len(sizes) > 1 or not all(0 < size <= LARGEST_FIXED for size in sizes):
        raise ModelInvalidError(f"The batch size of the network should be open, or a number from 1 to {LARGEST_FIXED}.")
    if spec.takes_patient != bool(others):
        raise ModelInvalidError(
            "The network and its description disagree on whether it takes age and sex. Export the model again."
        )
    return spec
