"""Faults put into the code on purpose: does a test fail? `python bench/mutants.py [WORD ...]` tries bench/mutants.toml.

Each mutant is tried in a copy of the repository, in a child of this process, by the tests named with it. A WORD chooses
the groups whose file has it in its path. Prints a line a mutant; with --table the Markdown of docs/decisions/0016;
results are kept in bench/results/mutants.json: with --again only those that survived there are tried, with --new only
those that are not there.
"""

import argparse
import compileall
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "mutants.json"
PARTS = ("backend", "workers", "migrations", "tests", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "bench")
# Loaded once, before a child is made for each mutant: the libraries take longer than most of the tests.
LIBRARIES = ("numpy", "scipy.signal", "scipy.ndimage", "torch", "sqlalchemy.orm", "fastapi", "pydicom", "h5py", "wfdb",
             "sklearn.metrics", "onnxruntime", "onnx", "hypothesis", "pytest", "celery", "httpx2")  # fmt: skip
TIMEOUT_S = 400


@dataclass(frozen=True)
class Mutant:
    """One fault: in `file`, `new` stands for `old`."""

    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...]


def mutants(words: list[str]) -> list[Mutant]:
    groups = tomllib.loads((ROOT / "bench" / "mutants.toml").read_text())["group"]
    return [
        Mutant(group["file"], what, old, new, tuple(group["tests"]))
        for group in groups
        if not words or any(word in group["file"] for word in words)
        for what, old, new in group["mutants"]
    ]


def stale(mutant: Mutant) -> str:
    """Say why a mutant cannot be tried: its code is gone, or stands there twice."""
    path = ROOT / mutant.file
    if not path.exists():
        return "no such file"
    times = path.read_text().count(mutant.old)
    absent = [test for test in mutant.tests if not (ROOT / test).exists()]
    return "" if times == 1 and not absent else f"the code stands there {times} times; no tests {absent}"


def copy(folder: Path) -> Path:
    """Copy what tests need; the shared data beside the repository are linked."""
    tree = folder / "tree"
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "static", "e2e"))
        else:
            shutil.copy2(source, tree / name)
    if (ROOT.parent / "shared").exists():
        (folder / "shared").symlink_to((ROOT.parent / "shared").resolve())
    for name in ("backend", "workers", "migrations"):
        compileall.compile_dir(tree / name, quiet=1)
    return tree


def tried(mutant: Mutant, tree: Path) -> tuple[str, float]:
    """Return the first test that fails with the mutant in place, or "", and the seconds that took."""
    path, start = tree / mutant.file, time.monotonic()
    whole, times = path.read_text(), (path.stat().st_atime, path.stat().st_mtime)
    path.write_text(whole.replace(mutant.old, mutant.new))
    try:
        return _in_child(mutant, tree), time.monotonic() - start
    finally:
        path.write_text(whole)
        os.utime(path, times)  # so that what was compiled of it counts again


def _in_child(mutant: Mutant, tree: Path) -> str:
    with tempfile.NamedTemporaryFile("r") as report:
        child = os.fork()
        if child == 0:
            try:
                Path(report.name).write_text(_outcome(mutant, tree))
            finally:
                os._exit(0)
        deadline = time.monotonic() + TIMEOUT_S
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.killpg(child, 9)
                os.waitpid(child, 0)
                return f"(no end within {TIMEOUT_S} s)"
            time.sleep(0.05)
        return report.read() or "(the tests could not be run)"


def _outcome(mutant: Mutant, tree: Path) -> str:
    """Run the tests in this process, a child that ends with them; return the first that fails."""
    os.setpgid(0, 0)
    os.chdir(tree)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.dont_write_bytecode = bool(mutant.old)
    os.environ |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    sys.path[:] = [
        str(tree),
        *(place for place in sys.path if Path(place or ".").resolve() not in (ROOT, ROOT / "bench")),
    ]
    import pytest
    from hypothesis import Phase, settings

    # One example that fails is enough: no search for the smallest.
    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None, deadline=None)
    settings.load_profile("mutants")
    failed: list[str] = []

    class Listener:
        @staticmethod
        def pytest_runtest_logreport(report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report.nodeid)

        @staticmethod
        def pytest_collectreport(report: pytest.CollectReport) -> None:
            if report.failed:
                failed.append(f"{report.nodeid} (cannot be collected)")

    known = "-Wignore::pytest.PytestAssertRewriteWarning"  # the libraries are loaded already
    options = ["-x", "-q", "-p", "no:cacheprovider", known]
    # Not tests/conftest.py where it is not needed: it loads the whole platform.
    rooms = [room for room in ("tests/ecg", "tests/ml") if all(test.startswith(f"{room}/") for test in mutant.tests)]
    options += [f"--confcutdir={room}" for room in rooms]
    code = pytest.main([*options, *mutant.tests], plugins=[Listener()])
    return failed[0] if failed else "survived" if code == 0 else ""


def sound(results: dict[str, dict], tree: Path) -> None:
    """Say which of the tests that caught something fail without any mutant, and so have caught nothing."""
    caught = sorted({one["killed_by"] for one in results.values() if one["killed_by"].startswith("tests/")})
    for tests in ([test for test in caught if test.startswith("tests/ecg/") is part] for part in (True, False)):
        found = _in_child(Mutant("", "", "", "", tuple(tests)), tree) if tests else "survived"
        print("All of them pass without mutants." if found == "survived" else f"FAILS WITHOUT A MUTANT: {found}")


def table(results: dict[str, dict]) -> str:
    """Return the Markdown table of what caught each mutant."""
    lines, file = ["| fault | caught by |", "|---|---|"], ""
    for one in results.values():
        if one["file"] != file:
            file = one["file"]
            lines.append(f"| **`{file}`** | |")
        test = one["killed_by"].rpartition("/")[2].partition("[")[0].replace("::", ": ")
        lines.append(f"| {one['what']} | {test} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    kept: dict[str, dict] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    chosen = mutants(asked.words)
    if asked.table:
        known = {key: kept[key] for one in chosen if (key := f"{one.file}: {one.what}") in kept}
        print(table(known))
        return
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        tree = copy(Path(folder))
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        _in_child(Mutant("", "", "", "", ("--collect-only", *tests)), tree)  # compiled once, not for each mutant
        for mutant in chosen:
            key = f"{mutant.file}: {mutant.what}"
            before = kept.get(key, {}).get("killed_by", "")
            if (asked.again and before != "survived") or (asked.new and before and not before.startswith("stale")):
                continue
            reason = stale(mutant)
            found, seconds = (f"stale: {reason}", 0.0) if reason else tried(mutant, tree)
            kept[key] = asdict(mutant) | {"killed_by": found, "seconds": round(seconds, 1)}
            verdict = "SURVIVED" if found == "survived" else "STALE" if reason else "killed"
            print(f"{verdict:9}{seconds:5.0f} s  {key}  <- {found}", flush=True)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1))
        sound(kept, tree)
    survived = [key for key, one in kept.items() if one["killed_by"] == "survived"]
    print(f"{len(kept)} tried, {len(survived)} survived")


if __name__ == "__main__":
    main()
