"""Prediction with an exported model: numpy and onnxruntime only, so that a web process can do it."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import ArrayLike, NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from backend.ml.errors import ModelInvalidError
from backend.ml.onnx_guard import MAX_BYTES, check_onnx
from backend.ml.spec import ModelSpec, Task, from_metadata

BATCH = 64  # records that go through the network at once; larger batches only cost memory
MAX_SAMPLES = 200_000  # a lead; a model must not make the machine run out of memory by what it asks for
_ORT_ERRORS: tuple[type[Exception], ...] = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    UnicodeDecodeError,  # of names inside a damaged file
)


class Predictor:
    """A loaded model. It may be used by several threads at once."""

    def __init__(self, session: ort.InferenceSession, spec: ModelSpec) -> None:
        self.session = session
        self.spec = spec
        self._input = session.get_inputs()[0].name
        self._outputs = [session.get_outputs()[0].name]

    @classmethod
    def from_bytes(cls, data: bytes, *, threads: int = 1) -> "Predictor":
        """Load an ONNX model; `threads` is the most that one prediction uses.

        Raises ModelInvalidError, saying why, for bytes that are no model for 12-lead ECGs or that refer to other files.
        """
        check_onnx(data)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is raised; nothing is printed
        try:
            session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"], enable_fallback=0)
            return cls(session, _spec_of(session))
        except _ORT_ERRORS as problem:
            raise ModelInvalidError(f"The model cannot be loaded: {str(problem)[:300]}") from problem

    @classmethod
    def from_path(cls, path: Path, *, threads: int = 1) -> "Predictor":
        """Load an ONNX file, as `from_bytes`."""
        if path.stat().st_size > MAX_BYTES:
            raise ModelInvalidError(f"The model is larger than {MAX_BYTES >> 20} MiB. Export a smaller one.")
        return cls.from_bytes(path.read_bytes(), threads=threads)

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the (b, L) logits of preprocessed records x (b, 12, `spec.n_samples`) float32.

        Raises ModelInvalidError where the network cannot be run or gives another shape.
        """
        if len(x) <= BATCH:
            return self._run(x)
        return np.concatenate([self._run(x[start : start + BATCH]) for start in range(0, len(x), BATCH)])

    def probabilities(self, signal: ArrayLike, rate: float) -> NDArray[np.float32]:
        """Return (b, L) probabilities for recordings (b, 12, n) in mV at `rate` Hz, preprocessed as in training.

        Raises PreprocessingError for a recording that cannot be preprocessed, ModelInvalidError as `logits`.
        """
        return to_probabilities(self.logits(self.spec.preprocessing(signal, rate)), self.spec.task)

    def _run(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            logits = self.session.run(self._outputs, {self._input: x})[0]
        except _ORT_ERRORS as problem:
            raise ModelInvalidError(f"The model cannot be run: {str(problem)[:300]}") from problem
        if not isinstance(logits, np.ndarray) or logits.shape != (len(x), len(self.spec.labels)):
            raise ModelInvalidError(
                f"The model gave the shape {np.shape(logits)} for {len(x)} records and {len(self.spec.labels)} labels."
            )
        return logits.astype(np.float32, copy=False)


def to_probabilities(logits: NDArray[np.float32], task: Task) -> NDArray[np.float32]:
    """Return the softmax over labels ("single_label") or the sigmoid of each ("multi_label") of (b, L) logits."""
    if task == "multi_label":
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), dtype=np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def _spec_of(session: ort.InferenceSession) -> ModelSpec:
    """Read the description of a loaded network and check that the graph fits it."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 3:
        raise ModelInvalidError("The model should have a single input of float32, (batch, 12 leads, samples).")
    if not outputs or outputs[0].type != "tensor(float)" or len(outputs[0].shape) != 2:
        raise ModelInvalidError("The model should give float32 logits, (batch, labels), as its first output.")
    width = outputs[0].shape[1]
    fixed = width if isinstance(width, int) else None
    spec = from_metadata(session.get_modelmeta().custom_metadata_map, n_labels=fixed)
    if spec.n_samples > MAX_SAMPLES:
        raise ModelInvalidError(f"The model takes {spec.n_samples:,} samples a lead; at most {MAX_SAMPLES:,} are used.")
    for name, found, wanted in (
        ("batch size", inputs[0].shape[0], None),
        ("number of leads", inputs[0].shape[1], len(spec.leads)),
        ("number of samples", inputs[0].shape[2], spec.n_samples),
        ("number of labels", width, len(spec.labels)),
    ):
        if isinstance(found, int) and found != wanted:
            raise ModelInvalidError(
                f"The {name} of the network is {found}, but "
                + ("it should be left open." if wanted is None else f"its description says {wanted}.")
            )
    return spec
