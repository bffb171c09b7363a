"""The process that tries one model of a stranger, and ends: what the model does to it costs that upload alone.

Started as `python -m backend.isolation.model_child DEED`. It sets its own limits before it sees the model.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.ecg.errors import UserError
from backend.isolation import wire
from backend.isolation.limits import address_space, close_doors, limit_work, streams

Answer = tuple[wire.Json, Sequence[bytes]]
Deed = Callable[[wire.Json, Sequence[bytes]], Answer]
_TORCH_FILES = 256  # torch opens its own modules while it works


def main(deed: str) -> None:
    """Answer on the standard output the one question that comes on the standard input."""
    do = _DEEDS[deed]
    questions, answers = streams()
    _import_libraries(deed)
    writes = deed == "weights"
    close_doors(wire.MOST_BYTES if writes else 0, _TORCH_FILES)
    base = address_space()
    wire.send(answers, {"ready": True})
    message, blocks = wire.receive(questions, wire.MOST_BYTES)
    limit_work(message["seconds"], base and base + message["memory"])
    given = [bytes(block) for block in blocks]
    del blocks
    try:
        answer, results = do(message, given)
    except UserError as error:
        answer, results = {"error": type(error).__name__, "text": str(error)}, []
    except MemoryError:
        answer, results = {"error": "MemoryError", "text": ""}, []
    wire.send(answers, answer, results)


def _import_libraries(deed: str) -> None:
    """Load what the deed needs before the limits hold, so that these leave room for the model alone."""
    import backend.ml.predict

    if deed not in ("look", "run"):
        import torch

        import backend.ml.state_dict  # noqa: F401

        torch.set_num_threads(1)


def _look(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.try_out import graph_of

    return graph_of(blocks[0]).to_dict(), []


def _run(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.try_out import try_out

    return try_out(blocks[0]).to_dict(), []


def _native(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.state_dict import check_native

    return {"parity": check_native(blocks[0], blocks[1])}, []


def _weights(message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.spec import ModelSpec
    from backend.ml.state_dict import convert

    made = convert(blocks[0], ModelSpec.from_json(message["spec"]), Path(message["folder"]))
    facts = {
        "parity": made.parity, "parameters": made.parameters, "notes": made.notes, "spec": made.spec.to_json(),
        "has_head": made.has_head,
    }  # fmt: skip
    return facts, [made.onnx, made.weights]


def _foreign(_message: wire.Json, blocks: Sequence[bytes]) -> Answer:
    from backend.ml.foreign import describe

    facts = describe(blocks[0])
    return {"converter": facts.converter, "reasons": dict(facts.reasons)}, []


_DEEDS: dict[str, Deed] = {
    "look": _look, "run": _run, "native": _native, "weights": _weights, "foreign": _foreign,
}  # fmt: skip

if __name__ == "__main__":
    main(sys.argv[1])
