"""A process that tries models as `backend.isolation.model_child` does, whose "models" do what hostile ones may."""

import ctypes
import os
import sys
from pathlib import Path

from backend.isolation import model_child
from backend.ml.errors import ModelInvalidError

MODULE = "tests.hostile_models"


def _write() -> None:
    try:
        with (Path.cwd() / "written-by-a-model").open("w") as file:
            file.write("x" * 10)
    except OSError as error:
        raise ModelInvalidError(f"refused: {error.strerror}") from None
    finally:
        (Path.cwd() / "written-by-a-model").unlink(missing_ok=True)


def _look_around() -> None:
    raise ModelInvalidError(str(sorted(name for name in os.environ if "SECRET" in name)))


def _answer_nonsense() -> None:
    for handle in range(3, 12):
        try:
            os.write(handle, b"\x02\0\0\0{}" * 10)
        except OSError:
            continue


DEEDS = {
    "segfault": lambda: ctypes.string_at(0), "exit": lambda: os._exit(3), "memory": lambda: bytearray(8 << 30),
    "nonsense": _answer_nonsense, "write": _write, "environment": _look_around,
}  # fmt: skip


def _run(_message, blocks):
    DEEDS[blocks[0].decode()]()
    return {"spec": "", "numbers": 0}, []


if __name__ == "__main__":
    model_child._HANDLERS["trial"] = _run
    model_child.main(sys.argv[1])
