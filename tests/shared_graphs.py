"""Graphs that were traced, shared by the processes of one run of the tests: a kind of network is traced once a run."""

from hashlib import sha256
from pathlib import Path

import pytest


class SharedGraphs(dict[str, bytes]):
    """What `backend.ml.tracing` keeps, in a folder. A graph is away while one process looks at it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, kind: str) -> Path:
        return self._folder / sha256(kind.encode()).hexdigest()

    def pop(self, kind: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
        try:
            content = self._path(kind).read_bytes()
            self._path(kind).unlink(missing_ok=True)
        except FileNotFoundError:
            return default
        return content

    def __setitem__(self, kind: str, content: bytes) -> None:
        fresh = self._path(kind).with_suffix(f".{id(self)}")
        fresh.write_bytes(content)
        fresh.replace(self._path(kind))


def folder_of_the_run(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this run of pytest know, and no other run."""
    base = factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "graphs"
