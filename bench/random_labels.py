"""Labels drawn by lot, learned through every path: whatever is reached above chance is leakage.

    python -m bench.random_labels --seeds 10 [--paths scratch,head] [--recordings 150]

Simulated ECGs whose labels mean nothing, and tiny networks trained long enough to remember them. Each path prints the
mean AUROC over the seeds on the test part; it should be within 0.45 and 0.55, or the training should be refused.
"""

import argparse
import csv
import io
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from backend.db.migrate import upgrade
from backend.db.session import engine_for, read_session, write_session
from backend.db.tables import Job, Model
from backend.ecg.readers import FileSet, ReadOptions, SourceFile
from backend.ecg.recording import Patient, Recording
from backend.ecg.signal_file import encode_signal
from backend.ecg.synthesize import simulate_set
from backend.errors import UserError
from backend.queue import celery_app
from backend.services import datasets, ingest, model_import, models, projects, runs, seen
from backend.services.model_declared import Declared
from backend.settings import get_settings
from backend.storage import Storage, storage_of
from workers.lifecycle import run
from workers.runs import train

NETWORK = {"architecture": "inception_time", "architecture_config": {"filters": 8, "depth": 2, "kernel": 19}}
LONG = {
    "max_epochs": 25,
    "patience": 25,
    "learning_rate": 0.005,
    "batch_size": 16,
    "threads": 1,
    "monitor": "last_epoch",
}
LABELS = "abc"
FOLDS = {"method": "cross_validation"}
Ecgs = Sequence[tuple[str, Recording]]


class Bench:
    """One seed: a project of ECGs, a table of lots, and a base that has learned it by heart."""

    def __init__(self, seed: int, ecgs: Ecgs) -> None:
        self.seed, self.ecgs = seed, ecgs
        self.project = self.new_project(ecgs)
        self.table = self.lots(self.project, seed)
        self._base = ""

    @property
    def base(self) -> str:
        if not self._base:
            self._base = self.train(self.project, self.table).id
        return self._base

    def new_project(self, ecgs: Ecgs) -> str:
        with write_session(url()) as session:
            project = projects.create(session, "Lots")
            read = [
                ingest.ReadSet(FileSet((SourceFile(name, name.encode() + encode_signal(one)),)), (one,))
                for name, one in ecgs
            ]
            ingest.store(session, storage(), project, read, ReadOptions())
            return project.id

    def lots(self, project: str, seed: int, same: Callable[[str], str] = str) -> str:
        """Attach a table of lots; names for which `same` gives one text have one label."""
        lot = np.random.default_rng(seed)
        drawn: dict[str, str] = {}
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["file_name", "label"])
        for name, _ in self.ecgs:
            rows.writerow([name, drawn.setdefault(same(name), LABELS[lot.integers(len(LABELS))])])
        with write_session(url()) as session:
            return datasets.create(session, project, text.getvalue().encode(), "lots.csv").id

    def train(self, project: str, table: str, base: str | None = None, **asked: Any) -> Model:
        settings = LONG | {"seed": self.seed} | asked.pop("training", {})
        network = {} if base else NETWORK | asked.pop("network", {})
        asked["split"] = {"method": "holdout"} | asked.get("split", {})
        request = runs.Request(table, base_model_id=base, training=settings, **network, **asked)
        with write_session(url()) as session:
            job_id = runs.create(session, project, request).job_id
        run(job_id, train)
        with read_session(url()) as session:
            job = session.get_one(Job, job_id)
            if job.status != "done":
                raise UserError(job.error or job.status)
            return next(one for one in models.list_models(session, project) if one.run_id == job.payload["run_id"])


def url() -> str:
    return get_settings().resolved_database_url


def storage() -> Storage:
    return storage_of(get_settings())


def tuned(method: str, **asked: Any) -> Callable[[Bench], Model]:
    def path(bench: Bench) -> Model:
        wanted = dict(asked)
        table = bench.lots(bench.project, bench.seed) if wanted.pop("other_table", False) else bench.table
        training = {"method": method} | wanted.pop("training", {})
        return bench.train(bench.project, table, bench.base, training=training, **wanted)

    return path


def from_package(bench: Bench) -> Model:
    """The base goes as a package to another project, which holds the same ECGs without their patients."""
    with read_session(url()) as session:
        base = session.get_one(Model, bench.base)
        data = b"".join(models.package(storage(), base, seen.for_package(session, base)))
    project = bench.new_project([(name, replace(one, patient=Patient())) for name, one in bench.ecgs])
    checked = model_import.check(io.BytesIO(data), "base.zip", Declared(), get_settings())
    with write_session(url()) as session:
        base_id = model_import.keep(session, storage(), project, "", checked).id
    table = bench.lots(project, bench.seed)
    return bench.train(project, table, base_id, split={"split_seed": 9}, training={"method": "head_then_all"})


def with_copies(ids: bool) -> Callable[[Bench], Model]:
    """Every second ECG is there twice, the copy scaled, rounded and with noise, with the same label by lot."""

    def path(bench: Bench) -> Model:
        noise = np.random.default_rng(bench.seed)
        twice = [
            (
                f"copy-{name}",
                replace(one, signal=copied(one.signal, noise), step=None, patient=one.patient if ids else Patient()),
            )
            for name, one in bench.ecgs[::2]
        ]
        first = [(name, replace(one, patient=one.patient if ids else Patient())) for name, one in bench.ecgs]
        other = Bench.__new__(Bench)
        other.seed, other.ecgs = bench.seed, [*first, *twice]
        project = other.new_project(other.ecgs)
        return other.train(project, other.lots(project, bench.seed, lambda name: name.removeprefix("copy-")))

    return path


def copied(signal: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    changed = signal * noise.uniform(0.99, 1.01) + noise.normal(0, 0.005, signal.shape)
    return (np.round(changed / 0.005) * 0.005).astype(np.float32)


def windows(bench: Bench) -> Model:
    """Four windows of 5 s of each of a quarter as many patients; the label is drawn for the patient."""
    cut = []
    for number, (_, one) in enumerate(bench.ecgs):
        half = one.signal.shape[1] // 2
        for place in range(2):
            piece = one.signal[:, place * half : (place + 1) * half]
            known = replace(
                one, signal=piece, patient=Patient(id=f"P{number // 2:03d}" if place else f"p-{number // 2:03d} ")
            )
            cut.append((f"{number // 2:03d}-{number % 2}{place}", known))
    other = Bench.__new__(Bench)
    other.seed, other.ecgs = bench.seed, cut
    project = other.new_project(cut)
    return other.train(project, other.lots(project, bench.seed, lambda name: name[:3]))


PATHS: Mapping[str, Callable[[Bench], Model]] = {
    "scratch": lambda bench: bench.train(bench.project, bench.table),
    **{method: tuned(method) for method in ("head", "all", "head_then_all")},
    "other_seed": tuned("all", training={"seed": 77}),
    "other_split_seed": tuned("all", split={"split_seed": 77}),
    "label_left_out": tuned("all", labels=["a", "b"], split={"split_seed": 5}),
    "other_table": tuned("head_then_all", other_table=True, split={"split_seed": 6}),
    "package": from_package,
    "copies_with_ids": with_copies(True),
    "copies_without_ids": with_copies(False),
    "windows": windows,
    "folds": lambda bench: bench.train(bench.project, bench.table, split=FOLDS),
    "folds_of_head": tuned("head", split=FOLDS | {"repeats": 3}),
    "folds_of_rlign": lambda bench: bench.train(
        bench.project,
        bench.table,
        network={"architecture": "rlign_logistic", "architecture_config": {}},
        training={"monitor": "val_loss"},
        split=FOLDS | {"repeats": 3},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--recordings", type=int, default=150)
    parser.add_argument("--paths", default=",".join(PATHS))
    options = parser.parse_args()
    reached: dict[str, list[float]] = {}
    refused: dict[str, str] = {}
    for seed in range(1, options.seeds + 1):
        with TemporaryDirectory() as folder:
            os.environ |= {"EXCHANGEAI_DATA_DIR": str(Path(folder) / "data"), "EXCHANGEAI_LOG_LEVEL": "ERROR"}
            for cached in (get_settings, engine_for, celery_app, models._load):
                cached.cache_clear()
            upgrade(url())
            ecgs = [
                (f"{number:03d}.ecg", replace(one.recording, patient=Patient(id=one.patient_id)))
                for number, one in enumerate(simulate_set(options.recordings, seed=seed))
            ]
            bench = Bench(seed, ecgs)
            for name in options.paths.split(","):
                try:
                    told = PATHS[name](bench).evaluation["macro_auroc"]
                    value = told["value"]
                except UserError as error:
                    refused[name] = str(error)
                    print(f"seed {seed:2} {name:20} refused: {error}", flush=True)
                else:
                    if value is not None:
                        reached.setdefault(name, []).append(value)
                    said = f"{value:.3f}" if value is not None else f"withheld: {told['withheld']}"
                    print(f"seed {seed:2} {name:20} {said}", flush=True)
    print(f"\n{'path':20} {'mean AUROC':>10} {'SD':>6} {'seeds':>6}")
    for name in options.paths.split(","):
        values = reached.get(name, [])
        if values:
            sd = statistics.stdev(values) if len(values) > 1 else float("nan")
            print(f"{name:20} {statistics.mean(values):10.3f} {sd:6.3f} {len(values):6}")
        else:
            print(f"{name:20} refused or withheld: {refused.get(name, '')}")


if __name__ == "__main__":
    main()
