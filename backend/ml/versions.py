"""The versions of the libraries that decide the numbers, recorded with each run."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("exchangeai", "numpy", "scipy", "torch", "onnx", "onnxruntime")


def library_versions() -> dict[str, str]:
    """Return library -> version for those installed, and Python's own; imports none of them."""
    versions = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
