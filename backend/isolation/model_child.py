"""The process that tries one model of a stranger, and ends: what the model does to it costs that upload alone.

Started as `python -m backend.isolation.model_child REQUEST`. It sets its own limits before it sees the model.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.ecg.errors import UserError
from backend.isolation import wire
from backend.isolation.limits import address_space, close_doors, limit_work, streams

Answer = tuple[wire.Json, Sequence[bytes]]
Handler = Callable[[wire.Json, Sequence[bytes]], Answer]
_TORCH_FILES = 256  # torch opens its own modules while it works


def main(request: str) -> None:
    """Answer on the standard output the one question that comes on the standard input."""
    handle = _HANDLERS[request]
    questions, answers = streams()
    _import_libraries(request)
    writes = request == "weights"
    close_doors(wire.MOST_BYTES if writes else 0, _TORCH_FILES)
    base = address_space()
    wire.send(answers, {"ready": True})
    message, blocks = wire.receive(questions, wire.MOST_BYTES)
    limit_work(message["seconds"], base and base + message["memory"])
    given = [bytes(block) for block in blocks]
    del blocks
    try:
        answer, results = handle(message, given)
    except UserError as error:
        answer, results = {"error": type(error).__name__, "text": str(error)}, []
    except MemoryError:
        answer, results = {"error": "MemoryError", "text": ""}, []
    wire.send(answers, answer, results)


def _import_libraries(request: str) -> None:
    """Load what the answer needs before the limits hold, so that these leave room for the model alone."""
    import backend.ml.inference.predictor

    if request not in ("graph", "trial"):
        import torch

        import backend.ml.foreign.weights  # noqa: F401

        torch.set_num_threads(1)


def _graph(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.inference.trial import graph_of

    return graph_of(blocks[0]).to_dict(), []


def _trial(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.inference.trial import run_trial

    return run_trial(blocks[0]).to_dict(), []


def _native(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.foreign.weights import check_native

    return {"parity": check_native(blocks[0], blocks[1])}, []


def _weights(message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.foreign.weights import convert
    from backend.ml.spec import ModelSpec

    made = convert(blocks[0], ModelSpec.from_json(message["spec"]), Path(message["folder"]))
    facts = {
        "parity": made.parity, "parameters": made.parameters, "notes": made.notes, "spec": made.spec.to_json(),
        "has_head": made.has_head,
    }  # fmt: skip
    return facts, [made.onnx, made.weights]


def _foreign(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.foreign.network import facts_of

    facts = facts_of(blocks[0])
    return {"converter": facts.converter, "reasons": dict(facts.reasons)}, []


_HANDLERS: dict[str, Handler] = {
    "graph": _graph, "trial": _trial, "native": _native, "weights": _weights, "foreign": _foreign,
}  # fmt: skip

if __name__ == "__main__":
    main(sys.argv[1])
