"""Memory of a training by its number of ECGs: what the process itself holds, and what the system keeps of its file.

    python -m bench.memory [2000 20000] [--in-memory BYTES]

Each number is a training of one epoch in a process of its own, from stored recordings (of noise) to the
model. `own` is the peak of memory that only this process holds (RssAnon), `mapped` that of files it has mapped, which
the system takes back when it wants room.
"""

import argparse
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import insert

from backend.db.migrate import upgrade
from backend.db.session import read_session, write_session
from backend.db.tables import DatasetEntry, Recording
from backend.ecg import recording as ecg
from backend.ecg.signal_file import encode_signal
from backend.services import runs
from backend.storage import storage_of
from bench.million_rows import begin, rows
from tests.installation import installation
from tests.trained import TINY

LABELS = ["NORM", "MI", "STTC", "CD", "HYP"]


def train(n: int, in_memory: int | None) -> None:
    """Train on n recordings and print the peaks in MB."""
    from workers import prepare
    from workers.lifecycle import run
    from workers.runs import train as task

    if in_memory is not None:
        prepare.IN_MEMORY = in_memory
    with TemporaryDirectory() as folder, installation(Path(folder)) as settings:
        url = settings.resolved_database_url
        upgrade(url)
        storage, draw = storage_of(settings), np.random.default_rng(0)
        with write_session(url) as session:
            made = begin(session, n, "")
            for one in rows(made, n, ""):
                signal = draw.normal(0, 0.3, (12, 1000)).astype(np.float32)
                key = storage.put(encode_signal(ecg.Recording(signal, 100.0, "ecg", "csv")))
                session.execute(
                    insert(Recording),
                    [one[Recording] | {"rate": 100.0, "n_samples": 1000, "signal_key": key, "fingerprint": None}],
                )
                session.execute(insert(DatasetEntry), [one[DatasetEntry]])
        with write_session(url) as session:
            wanted = {"max_epochs": 1, "batch_size": 64, "threads": 1, "learning_rate": 0.001}
            asked = runs.Request(
                made.dataset, "Memory", labels=LABELS, architecture="inception_time", architecture_config=TINY,
                training=wanted, split={"method": "holdout"},
            )  # fmt: skip
            job = runs.create(session, made.project, asked).job_id
        peaks = {"RssAnon": 0, "RssFile": 0}
        ended = threading.Event()
        threading.Thread(target=_watch, args=(peaks, ended), daemon=True).start()
        begun = time.monotonic()
        run(job, task)
        took = time.monotonic() - begun
        ended.set()
        with read_session(url) as session:
            from backend.services import jobs

            status = jobs.get(session, made.project, job).status
        own, mapped = (kb / 1024 for kb in peaks.values())
        print(f"{n:>8,} ECGs: own {own:6,.0f} MB, mapped {mapped:6,.0f} MB, {took:5.0f} s, {status}", flush=True)


def _watch(peaks: dict[str, int], ended: threading.Event) -> None:
    while not ended.wait(0.02):
        said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        for name in peaks:
            peaks[name] = max(peaks[name], int(said[name].split()[0]))


def main() -> None:
    """Run each number in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=[2000, 20000])
    parser.add_argument("--in-memory", type=int, default=None, help="Bytes up to which arrays are kept in memory.")
    parser.add_argument("--here", action="store_true", help="In this process.")
    asked = parser.parse_args()
    more = [] if asked.in_memory is None else ["--in-memory", str(asked.in_memory)]
    for n in asked.numbers:
        if asked.here:
            train(n, asked.in_memory)
        else:
            subprocess.run([sys.executable, "-m", "bench.memory", str(n), "--here", *more], check=True)


if __name__ == "__main__":
    main()
