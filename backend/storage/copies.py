"""Copies on this machine of blobs that are elsewhere, for those who need a path: bounded, and never for long."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.errors import NotFoundError
from backend.storage.local import LocalStorage

IN_USE_S = 3600.0
"""A copy that was asked for within this time may be read just now, and stays."""
KEPT_S = 86400.0
"""A copy that nobody has asked for in this time goes, so that none outlives its blob for long on any machine."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies in a folder, of so many bytes together; those used longest ago make room."""

    folder: Path
    max_bytes: int

    def path(self, key: str, fetch: Callable[[], bytes]) -> Path:
        """Return the path of a copy that holds what it should; `fetch` is called where there is none."""
        files = LocalStorage(self.folder)
        try:
            path = files.checked_path(key)
        except NotFoundError:  # damaged ones too
            files.put(fetch(), key)
            path = files.path(key)
        with suppress(FileNotFoundError):
            os.utime(path)
        self._make_room()
        return path

    def drop(self, key: str) -> None:
        """Delete a copy, if there is one."""
        LocalStorage(self.folder).delete(key)

    def _make_room(self) -> None:
        now = time.time()
        found = []
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        used = sum(size for _, size, _ in found)
        for asked, size, path in sorted(found):
            too_old, too_much = now - asked > KEPT_S, used > self.max_bytes and now - asked > IN_USE_S
            if too_old or too_much:
                path.unlink(missing_ok=True)
                used -= size
