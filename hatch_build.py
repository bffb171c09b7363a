"""Puts the built page into what is released: `python -m build` and `pip install .` make it, or fail with words.

A wheel without the page would install well and show nothing. What a build finds decides:

- sources of the page and a built page at least as new: it is taken;
- sources and no such page: it is built with Node.js 20 or later and npm, whose packages are installed where need be;
- no sources, as in a wheel's own tree: a built page must be there;
- EXCHANGEAI_WITHOUT_PAGE=1: the package, the shell and the API without a page, for machines without Node.js.

An editable installation takes nothing: `make run` and `make build` build the page where it is served from.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "EXCHANGEAI_WITHOUT_PAGE"
NODE = 20
SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts")


class PageHook(BuildHookInterface[Any]):
    """Makes sure of the page before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's own signature
        """Build the page where it is not built."""
        if version == "editable" or os.environ.get(SKIP, "") not in ("", "0"):
            return
        ensure_page(Path(self.root))


def ensure_page(root: Path) -> None:
    """Have the page of a source tree built. Raises RuntimeError, saying what to do, where it cannot be."""
    built, frontend = root / "backend" / "static" / "index.html", root / "frontend"
    if is_current(built, frontend):
        return
    if not (frontend / "package.json").is_file():
        raise RuntimeError("Neither the page nor its sources are here. Build from a checkout or a source distribution.")
    npm = shutil.which("npm")
    if npm is None or _node() < NODE:
        raise RuntimeError(
            f"The page is not built, and Node.js {NODE} or later with npm, which builds it, is not here. Install it, "
            f"or install without the page (Python, shell and API alone): {SKIP}=1 pip install ."
        )
    if not (frontend / "node_modules").is_dir():
        _run(npm, "install", "--no-save", "--no-audit", "--no-fund", cwd=frontend)
    _run(npm, "run", "--silent", "build", cwd=frontend)
    if not is_current(built, frontend):
        raise RuntimeError(f"npm has built no page at {built}. Look at what it printed.")


def is_current(built: Path, frontend: Path) -> bool:
    """Say whether the built page is there and no source of it is newer."""
    if not built.is_file():
        return False
    places = [frontend / name for name in SOURCES]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*")) if file.is_file()]
    return all(file.stat().st_mtime <= built.stat().st_mtime for file in files)


def _node() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return int(said.removeprefix("v").partition(".")[0] or 0)


def _run(*command: str, cwd: Path) -> None:
    if subprocess.run(command, cwd=cwd, check=False).returncode:  # noqa: S603
        raise RuntimeError(f"{' '.join(command)} failed in {cwd}. What it printed says why.")
