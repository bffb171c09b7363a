"""Import of torchvision, which both converters want, beside a torch without GPU support.

The compiled part of the published wheel is for GPUs and does not load there; the package then stops at its first own
operator, which it takes for granted. The operators are never called (a classifier of ECGs has no boxes to suppress),
so it is enough that their signatures are known.
"""

import importlib
import sys
import threading

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_lock = threading.Lock()
_libraries: list[torch.library.Library] = []  # what is declared lives as long as its library


def import_torchvision() -> None:
    """Import torchvision, declaring its operators first only where the import fails without; by any thread."""
    with _lock:
        try:
            importlib.import_module("torchvision")
        except RuntimeError as problem:
            if _libraries or "torchvision::" not in str(problem):
                raise
            library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            for schema in _SCHEMAS:
                library.define(schema)  # type: ignore[no-untyped-call]
            _libraries.append(library)
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]  # the half of it that came before the failure
            importlib.import_module("torchvision")
