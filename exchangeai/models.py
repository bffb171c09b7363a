"""A model from a file: what it is, and what it says of an ECG. onnxruntime alone, no PyTorch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, overload

from backend.ecg.errors import UserError
from backend.ecg.preprocess import Preprocessing
from backend.ecg.recording import Recording
from backend.ml.errors import ModelInvalidError
from backend.ml.explanations.explained import explain
from backend.ml.inference.answers import answer
from backend.ml.inference.decisions import hedged
from backend.ml.inference.onnx_guard import MAX_BYTES
from backend.ml.inference.predictor import Predictor
from backend.ml.packaging.manifest import Manifest
from backend.ml.packaging.model_card import model_card
from backend.ml.packaging.package import MODEL, read_package
from backend.ml.patient import encode
from backend.ml.spec import ModelSpec, Task
from backend.pseudonym import kept_age
from exchangeai.computing import SHIPPED, shipped
from exchangeai.explanations import Explanation, from_explained
from exchangeai.reading import Source, read


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one recording.

    `outputs` are the calibrated probabilities (of a regression the values) of its labels, `intervals` the 95 %
    intervals of the calibration where it has one, `predicted` the labels that it tells, `undecided` those that it
    leaves open. `notes` say what is to be known beside it, such as missing samples; they belong to the answer.
    """

    name: str
    task: Task
    outputs: Mapping[str, float]
    predicted: Sequence[str]
    undecided: Sequence[str] = ()
    intervals: Mapping[str, tuple[float, float]] | None = None
    notes: Sequence[str] = ()


class Model:
    """A loaded model; several threads may use it at once."""

    def __init__(self, predictor: Predictor, manifest: Manifest | None = None, onnx: Path | bytes = b"") -> None:
        self._predictor = predictor
        self._onnx = onnx  # the file, or its bytes, of which networks with random weights are made
        self.manifest = manifest
        """What a package says of it: name, licence, results, lineage, data; None of a bare ONNX file."""

    @property
    def spec(self) -> ModelSpec:
        """All that is needed to use it: labels, preprocessing, thresholds, calibration."""
        return self._predictor.spec

    @property
    def labels(self) -> tuple[str, ...]:
        """Its labels in the order of its outputs."""
        return tuple(self.spec.labels)

    @property
    def task(self) -> Task:
        """What it does: "single_label", "multi_label" or "regression"."""
        return self.spec.task

    @property
    def preprocessing(self) -> Preprocessing:
        """What it does to a recording before it looks at it."""
        return self.spec.preprocessing

    @property
    def card(self) -> str:
        """Its model card as Markdown, empty for a bare ONNX file."""
        said = self.manifest
        return "" if said is None else model_card(said, said.files[MODEL].sha256)

    @overload
    def predict(self, ecg: Recording) -> Prediction: ...
    @overload
    def predict(self, ecg: Source | Sequence[Recording], **declared: Any) -> list[Prediction]: ...
    def predict(self, ecg: Recording | Source | Sequence[Recording], **declared: Any) -> Prediction | list[Prediction]:
        """Predict a recording, several, or whatever `read` takes, with what is `declared` of it (rate, units_per_mv …).

        Raises the EcgError of a file that cannot be read, MissingLeadsError for a recording that lacks leads, and
        ModelInvalidError where the model does not answer with numbers.
        """
        if isinstance(ecg, Recording):
            return self._predict(ecg)
        if isinstance(ecg, str | PathLike | bytes):
            return [self._predict(one) for one in read(ecg, **declared)]
        return [self._predict(one) for one in ecg]

    def _predict(self, one: Recording) -> Prediction:
        # The age is that of a recording as the platform keeps it, so that both give the same answer.
        patient = encode(kept_age(one.patient.age), one.patient.sex)
        try:
            found = answer(self._predictor, one.signal, one.rate, one.unit, one.missing, patient)
        except UserError as error:
            raise type(error)(f"{one.name}: {error}") from error
        labels, spec = self.labels, self.spec
        known = dict(zip(labels, hedged(spec, found.outputs), strict=True))
        return Prediction(
            name=one.name,
            task=spec.task,
            outputs=dict(zip(labels, found.outputs.tolist(), strict=True)),
            predicted=tuple(found.predicted),
            undecided=tuple(found.undecided),
            intervals=None
            if spec.calibration is None
            else {name: one for name, one in known.items() if one is not None},
            notes=(*found.notes, *one.notes),
        )

    def explain(self, one: Recording, *, label: str | None = None) -> Explanation:
        """Say what the model looks at in a recording: by taking out leads and waves, or by its weights if it is linear.

        Each map is held against those of the same network with random weights, which takes seconds to minutes; one
        that fails that control (`evidence` is False) shows nothing about the ECG. Integrated gradients need PyTorch:
        the shell and a platform make them. Raises as `predict`, and SettingError for an unknown label.
        """
        onnx = self._onnx if isinstance(self._onnx, bytes) else self._onnx.read_bytes()
        patient = encode(kept_age(one.patient.age), one.patient.sex)
        found = explain(
            self._predictor, onnx, one.signal, one.rate, label=label, ways=("occlusion", "weights"), patient=patient,
            missing=one.missing,
        )  # fmt: skip
        return from_explained(found, one.name)

    def __repr__(self) -> str:
        return f"<Model {self.spec.architecture}: {self.task} of {', '.join(self.labels[:5])}>"


def load_model(path: str | PathLike[str], *, threads: int = 1) -> Model:
    """Load a model: a package (.zip), an ONNX file of this platform or of the original one, or "cardx".

    Sizes, hashes and the graph are checked as on the platform before anything runs. `threads` is the most that one
    prediction uses. Raises ModelInvalidError, saying why, for what is no such file.

    >>> load_model("cardx").task, len(load_model("cardx").labels)
    ('regression', 512)
    """
    if str(path) in {one.parent.name for one in SHIPPED.glob("*/model.onnx")} and not Path(path).exists():
        folder = SHIPPED / str(path)
        said = Manifest.from_json((folder / "manifest.json").read_bytes())
        return Model(shipped(str(path)), said, folder / "model.onnx")
    file = Path(path)
    if file.suffix.lower() in (".safetensors", ".pt", ".pth", ".ckpt"):
        raise ModelInvalidError(
            f"{file.name} holds weights without a graph. Import it on a platform with PyTorch, and take the package or "
            "ONNX file from there."
        )
    try:
        if file.suffix.lower() != ".zip":
            return Model(Predictor.from_path(file, threads=threads), onnx=file)
        with file.open("rb") as opened:
            package = read_package(opened, MAX_BYTES)
    except OSError as error:
        raise ModelInvalidError(f"{file} cannot be read: {error.strerror}. Check the path.") from error
    return Model(Predictor.from_bytes(package.onnx, threads=threads), package.manifest, package.onnx)
