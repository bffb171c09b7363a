"""Seconds from `exchangeai up` until the page answers, and the memory of the idle platform.

    python bench/startup.py [--starts 3] [--settle 10]

The first start makes the database and is left out; each later one is timed. Memory is the PSS (shared pages divided
among those who share them) summed over all processes of the platform, some seconds after the last start. The reference
is the time a Python process takes to import FastAPI and SQLAlchemy, without which no such page can answer.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from backend.settings import get_settings
from bench.server import use_folder, wait_for

TO_REACH = "to reach: 3 s, 400 MB; the released platform: 5.2 s, 7 processes, 1,097 MB"


@contextmanager
def up(page: str) -> Iterator[tuple[psutil.Popen, float]]:
    """Run `exchangeai up`; yield its process and the seconds until `page` answered. End it as Ctrl-C does."""
    settings = get_settings()
    command = [str(Path(sys.executable).with_name("exchangeai")), "up"]
    start = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(settings.host, settings.port, process, page)
        yield process, time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def plain_import_s() -> float:
    """Seconds of a Python process that imports what every page of this kind needs."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi, sqlalchemy.orm, uvicorn"], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--settle", type=float, default=10.0, help="seconds before memory is measured")
    chosen = parser.parse_args()
    seconds = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        use_folder(Path(folder) / "data")
        with up("/") as (_, first):
            time.sleep(3)  # let the workers finish their start too
        for number in range(chosen.starts):
            with up("/") as (process, took):
                seconds.append(took)
                time.sleep(chosen.settle if number == chosen.starts - 1 else 3)
                family = [process, *process.children(recursive=True)]
                pss = {p.pid: p.memory_full_info().pss / 1e6 for p in family}
                names = [" ".join(p.cmdline()[2:8]) or p.name() for p in family]
    plain = min(plain_import_s() for _ in range(3))
    print(f"first start {first:.2f} s; then {', '.join(f'{s:.2f}' for s in seconds)} s until the page answers")
    print(f"quickest {min(seconds):.2f} s: {min(seconds) / plain:.1f} times the import of FastAPI and SQLAlchemy alone")
    for name, size in zip(names, pss.values(), strict=True):
        print(f"  {size:6.1f} MB  {name[:90]}")
    print(f"idle: {len(pss)} processes, {sum(pss.values()):.0f} MB PSS   ({TO_REACH})")


if __name__ == "__main__":
    main()
