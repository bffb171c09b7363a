"""What is sent to the engine when an image is built holds all that the build asks for. No engine is needed."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILES = ("Dockerfile.cpu", "Dockerfile.gpu", "Dockerfile.exchange")
IMPORT = re.compile(r"""(?:from|import|import\() ?["'](\.{1,2}/[^"'?]+|@/[^"'?]+)""")
ENDINGS = ("", ".ts", ".d.ts", ".tsx", ".css", "/index.ts", "/index.tsx")


def sent() -> set[str]:
    """Return the tracked files that .dockerignore lets through: the last rule that fits a file or its folder."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = set()
    for name in tracked.splitlines():
        places = [name, *(str(folder) for folder in PurePosixPath(name).parents)]
        fitting = [rule for rule in rules if any(fits(rule.removeprefix("!"), place) for place in places)]
        if not fitting or fitting[-1].startswith("!"):
            files.add(name)
    return files


def fits(rule: str, place: str) -> bool:
    """Tell whether a rule of .dockerignore means a place; "*" stays within a folder, "**/" goes through all."""
    pattern = re.escape(rule).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, place) is not None


@pytest.fixture(scope="module")
def files() -> set[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("which files are tracked is asked of git, and this is no clone")
    return sent()


def test_every_file_that_the_page_imports_is_sent_to_the_engine(files: set[str]) -> None:
    sources = [name for name in files if name.startswith("frontend/") and name.endswith((".ts", ".tsx"))]
    assert len(sources) > 300
    missing = {
        f"{name}: {wanted}"
        for name in sources
        for wanted in IMPORT.findall((ROOT / name).read_text())
        if not any(resolved(name, wanted) + ending in files for ending in ENDINGS)
    }
    assert missing == set()


def resolved(name: str, wanted: str) -> str:
    """Return what a module means by an import, as a path from the root of the project."""
    if wanted.startswith("@/"):
        return f"frontend/src/{wanted[2:]}"
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / wanted).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_every_file_that_an_image_copies_is_sent_to_the_engine(dockerfile: str, files: set[str]) -> None:
    copies = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / dockerfile).read_text(), re.MULTILINE)
    assert copies or dockerfile == "Dockerfile.exchange"
    for copied in copies:
        for source in copied.split()[:-1]:
            name = source.removesuffix("/")
            assert name == "." or name in files or any(one.startswith(f"{name}/") for one in files), source
