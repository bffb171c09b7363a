"""A foreign classifier as a network that can be fine-tuned: its body with its weights, and a new head."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import onnxruntime as ort
import torch
from torch import Tensor, nn

from backend.ml.architectures.network import Network
from backend.ml.foreign.convert import Converted, convert
from backend.ml.foreign.trunk import Trunk, find_trunk, merge
from backend.ml.spec import INPUT_NAME, OUTPUT_NAME
from backend.ml.tracing import quiet


@dataclass(frozen=True)
class ForeignFacts:
    """What a foreign network can be used for, as the report of an import says it.

    Without a `converter` only its head can be trained. `reasons` say why each converter before it failed.
    """

    converter: str | None
    width: int  # numbers of the embedding that the head takes
    reasons: Mapping[str, str]


class ForeignNetwork(Network):
    """A foreign body in torch, all of which can be trained, and a new head."""

    def __init__(self, trunk: Trunk, converted: Converted, n_labels: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.converter = converted.converter
        self.sources = converted.sources
        self.body = converted.body
        self.head = nn.Linear(trunk.width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, 12, n_samples) to embeddings (b, width); raises SettingError for another length."""
        self.trunk.check_length(x)
        with quiet("onnx2torch"):
            out = self.body(x.transpose(1, 2).contiguous() if self.trunk.time_first else x)
        return self.trunk.pool(out, len(x))

    def own_graph(self) -> bytes:
        """Return the graph with the present weights and the head."""
        converted = Converted(self.body, self.converter, self.sources)
        return bytes(merge(self.trunk, self.head, converted.weights(), INPUT_NAME, OUTPUT_NAME).SerializeToString())


class FrozenTrunk(Network):
    """A foreign body as it is, run by onnxruntime, and a new head, which is all that can be trained."""

    frozen = True

    def __init__(self, trunk: Trunk, n_labels: int) -> None:
        super().__init__()
        self.trunk = trunk
        self._session: ort.InferenceSession | None = None
        self.head = nn.Linear(trunk.width, n_labels)

    def features(self, x: Tensor, patient: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map records (b, 12, n_samples) to embeddings (b, width), without a gradient. Raises SettingError."""
        self.trunk.check_length(x)
        if self._session is None:
            self._session = self.trunk.session(torch.get_num_threads())
        out = self.trunk.run(self._session, x.detach().float().cpu().numpy())
        return self.trunk.pool(torch.from_numpy(out), len(x)).to(x.device)

    def own_graph(self) -> bytes:
        """Return the graph with the head."""
        return bytes(merge(self.trunk, self.head, {}, INPUT_NAME, OUTPUT_NAME).SerializeToString())

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}  # a loaded graph cannot be copied


def load(content: bytes, n_labels: int, *, seed: int) -> Network:
    """Return the network of a foreign ONNX classifier with a new head of `n_labels`, drawn from `seed`.

    It takes whole records (b, 12, n) of the length its graph does. Where a converter succeeds, body and head can be
    trained; else it is a `FrozenTrunk`, whose head alone can be.
    Raises ModelInvalidError for bytes that are no model, and where there is no head to be replaced.
    """
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers are left as they were
        trunk, converted, _ = _taken_apart(content)
        torch.manual_seed(seed)
        return FrozenTrunk(trunk, n_labels) if converted is None else ForeignNetwork(trunk, converted, n_labels)


def facts_of(content: bytes) -> ForeignFacts:
    """Say how a foreign ONNX classifier can be fine-tuned; raises ModelInvalidError where it cannot."""
    trunk, converted, reasons = _taken_apart(content)
    return ForeignFacts(None if converted is None else converted.converter, trunk.width, reasons)


def _taken_apart(content: bytes) -> tuple[Trunk, Converted | None, dict[str, str]]:
    """Return the trunk, what a converter made of it, and why each converter before it failed."""
    trunk = find_trunk(content)
    converted, reasons = convert(trunk)
    return trunk, converted, reasons
