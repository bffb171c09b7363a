"""An experiment, run after run; each that is done is a line of JSON, so that it goes on where it was ended."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from backend.ml.errors import SettingError, TrainingImpossibleError
from backend.ml.experiments.answers import CHECKPOINT, Run
from backend.ml.experiments.material import Material, Settings
from backend.ml.experiments.register import experiment

RUNS = "runs.jsonl"


@dataclass(frozen=True)
class Step:
    """One run is done, or was before: the `number`-th of `total`."""

    number: int
    total: int
    line: dict[str, Any]
    was_done: bool


def conduct(name: str, material: Material, settings: Settings, folder: Path) -> Iterator[Step]:
    """Do what is left of an experiment, yielding each run; results are kept in `folder`.

    A run counts as done where a line there has the same data, base, epochs, passes and network. Raises SettingError for
    an unknown experiment, TrainingImpossibleError where there is nothing to do or the data cannot do it.
    """
    module = import_module(experiment(name).module)
    folder.mkdir(parents=True, exist_ok=True)
    stored = {_key(line): line for line in lines(folder)}
    of = mark(material, settings)
    every: list[Run] = module.runs(material, settings)
    arms = list(dict.fromkeys(run.arm for run in every))
    if unknown := [arm for arm in settings.arms if arm not in arms]:
        raise SettingError(f"The experiment has no arm “{unknown[0]:.80}”; it has {', '.join(arms)}.")
    keeps = getattr(module, "ONE_FOR_ALL_SIZES", False)  # a pre-training does for every number of labelled ECGs
    wanted = [run for run in every if not settings.arms or run.arm in settings.arms]
    if not wanted:
        raise TrainingImpossibleError(
            f"There is nothing to do: {len(material.split.train)} labelled ECGs can be learned from. Choose smaller "
            "sizes, or add some."
        )
    for number, run in enumerate(wanted, 1):
        key = (name, of, run.arm, run.n, run.seed)
        if key in stored:
            yield Step(number, len(wanted), stored[key], True)
            continue
        start = time.perf_counter()
        place = folder / sha256(repr((*key[:3], run.seed, keeps or run.n)).encode()).hexdigest()[:16]
        place.mkdir(exist_ok=True)
        found = module.do(run, material, settings, place)
        seconds = round(time.perf_counter() - start, 1)
        line = {"experiment": name, "of": of} | asdict(run) | {"seconds": seconds, **found}
        _add(line, folder / RUNS)
        if not (keeps and any((one.arm, one.seed) == (run.arm, run.seed) for one in wanted[number:])):
            (place / CHECKPOINT).unlink(missing_ok=True)
            place.rmdir()
        yield Step(number, len(wanted), line, False)


def mark(material: Material, settings: Settings) -> str:
    """Return what results must have in common to stand in one table: data, base, epochs, passes, network."""
    same = replace(settings, seeds=1, sizes=(), threads=1, arms=())
    return sha256((material.fingerprint + json.dumps(asdict(same), sort_keys=True)).encode()).hexdigest()[:16]


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the runs that a folder holds; a line that was cut off when the machine went down is left out."""
    path = folder / RUNS
    found = []
    for text in path.read_text().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found


def done(name: str, material: Material, settings: Settings, folder: Path) -> list[dict[str, Any]]:
    """Return all runs of an experiment that a folder holds of these data and settings, as they came."""
    of = mark(material, settings)
    return [line for line in lines(folder) if (line["experiment"], line["of"]) == (name, of)]


def _add(line: dict[str, Any], path: Path) -> None:
    """Append a line, on one of its own also where the last one was cut off."""
    cut = path.exists() and not path.read_text().endswith("\n") and path.stat().st_size
    with path.open("a") as file:
        file.write(("\n" if cut else "") + json.dumps(line) + "\n")


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("experiment", "of", "arm", "n", "seed"))
