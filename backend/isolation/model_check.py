"""Trying a stranger's model in a process of its own, with limits of time, memory and what it may touch.

The models are tried one after the other, so that several uploads at once take no more memory than one.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from backend.ecg import errors as ecg_errors
from backend.ecg.errors import UserError
from backend.isolation import wire
from backend.isolation.process import ChildProcess, NotStartedError, StoppedError, TimeUpError
from backend.ml import errors as ml_errors
from backend.ml.errors import ModelInvalidError
from backend.ml.inference.trial import Graph, ImportedWeights, Trial
from backend.ml.spec import ModelSpec

log = logging.getLogger(__name__)
T = TypeVar("T")

MODULE = "backend.isolation.model_child"
_IN_TURN = threading.Lock()


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model may take: seconds, and bytes of memory beyond `times` its size."""

    seconds: float
    memory: int
    times: int


# Large enough for a network of 100 million parameters on one slow core; a usual one is through in a second.
RUN = Budget(seconds=60, memory=1 << 30, times=6)
BUILD = Budget(seconds=300, memory=3 << 30, times=10)


def graph_of(onnx: bytes) -> Graph:
    """Return inputs and outputs of a graph. Raises ModelInvalidError."""
    answer, _ = _ask("graph", RUN, {}, [onnx])
    return _made(Graph.from_dict, answer)


def run_trial(onnx: bytes) -> Trial:
    """Load a model that describes itself and run it on a batch of one and of two. Raises ModelInvalidError."""
    answer, _ = _ask("trial", RUN, {}, [onnx])
    return _made(Trial.from_dict, answer)


def check_native(onnx: bytes, weights: bytes) -> float:
    """Load named weights into their architecture; return how far its answers are from those of the ONNX file.

    Raises ModelInvalidError where the weights do not fit, or are those of another network.
    """
    answer, _ = _ask("native", BUILD, {}, [onnx, weights])
    return _made(float, answer.get("parity"))


def convert(weights: bytes, spec: ModelSpec) -> ImportedWeights:
    """Return the ONNX file and the named weights of a network whose weights came as safetensors or torch file.

    Raises ModelInvalidError or SettingError, saying why they do not fit the architecture, labels and settings.
    """
    with TemporaryDirectory() as folder:
        message = {"spec": spec.to_json(), "folder": folder}
        answer, made = _ask("weights", BUILD, message, [weights])
    if len(made) != 2:
        raise _stopped("it answers what it was not asked")
    return ImportedWeights(
        spec=_made(ModelSpec.from_json, answer.get("spec")),
        has_head=bool(answer.get("has_head")),
        onnx=bytes(made[0]),
        weights=bytes(made[1]),
        parity=_made(float, answer.get("parity")),
        parameters=_made(int, answer.get("parameters")),
        notes=[str(note) for note in answer.get("notes", [])],
    )


def methods_of(onnx: bytes) -> tuple[list[str], list[str]]:
    """Return the methods by which a graph without named weights can be fine-tuned, and notes for people."""
    try:
        answer, _ = _ask("foreign", BUILD, {}, [onnx])
    except UserError as problem:
        return [], [f"It can predict but not be fine-tuned: {problem}"]
    if answer.get("converter"):
        return ["head", "all", "head_then_all"], [f"ImportedWeights for fine-tuning by {answer['converter']}."]
    return ["head"], ["No converter takes this graph apart: only its head can be trained anew."]


def _ask(request: str, budget: Budget, message: wire.Json, blocks: list[bytes]) -> tuple[wire.Json, list[bytearray]]:
    size = sum(map(len, blocks))
    question = message | {"seconds": budget.seconds, "memory": budget.memory + budget.times * size}
    with _IN_TURN:
        try:
            child = ChildProcess(MODULE, request)
        except NotStartedError as error:
            log.error("The process that tries models cannot be started: %s", error.__cause__)
            raise ModelInvalidError(
                "The model was not tried: the program that does so could not be started. The log of the platform has "
                "the details; try again after that."
            ) from None
        try:
            answer, results = child.exchange(question, blocks, budget.seconds, wire.MOST_BYTES)
        except TimeUpError:
            log.warning("A model was not tried within %g s", budget.seconds)
            raise ModelInvalidError(
                f"The model took longer than {budget.seconds:g} s to be tried. Use a smaller one."
            ) from None
        except (StoppedError, KeyError, TypeError, ValueError) as error:
            raise _stopped(error) from None
        finally:
            child.end()
    if answer.get("error") == "MemoryError":
        raise ModelInvalidError("The model needs more memory than a model of its size may take. Use a smaller one.")
    if "error" in answer:
        raise _error(answer)
    return answer, results


def _stopped(reason: object) -> ModelInvalidError:
    log.warning("A model stopped the process that tried it: %s", reason)
    return ModelInvalidError(
        "The model made the program that tried it stop, as damaged and hostile files do. Export it again."
    )


def _error(answer: wire.Json) -> UserError:
    kind = getattr(ml_errors, str(answer["error"]), None) or getattr(ecg_errors, str(answer["error"]), None)
    if not isinstance(kind, type) or not issubclass(kind, UserError):
        return _stopped("it names an error that there is not")
    return kind(str(answer.get("text", ""))[:2000])


def _made(kind: Callable[[Any], T], answer: object) -> T:
    try:
        return kind(answer)
    except (KeyError, TypeError, ValueError) as error:
        raise _stopped(error) from None
