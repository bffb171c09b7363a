"""What survives when something is killed: every acknowledged upload, and every job to its one end.

    python -m bench.faults [--rounds 20] [--on sqlite,postgres,servers] [--seed 1] [--pause 0.02]

Each round starts from what the last one left. Files are uploaded without a pause, a cart pushes ECGs by DICOM, a demo
project is filled, a small network is trained, and the first one predicts a dataset three times; meanwhile one thing
chosen by chance happens:

web, quick, train   kill -9 of the web process, or of the worker for short jobs or for trainings
readers             kill -9 of the processes that read files for the web process, three times
all                 kill -9 of all of them, and a new start
stop                a clean end (Ctrl-C), and a new start
database            kill -9 of Postgres, which is started again (SQLite is part of the processes above)
queue               kill -9 of Redis, which forgets everything and is started again; without Redis its folder is emptied
store               the line to the S3 store is cut in the middle of transfers, or silent for 12 s
receiver            kill -9 of the DICOM receiver, which is started again
full                the disk of the data folder is full for some seconds (needs the right to mount a tmpfs)

`sqlite` is an installation without servers; `postgres` has Postgres as database and Redis as queue; `servers` has an S3
store besides (moto, which holds all in memory: it stands for a store whose disks last, and its line is what fails). The
faults come equally often, in an order by chance. Then all jobs are waited for. A round is good when each file that was
acknowledged in it (after the last round: in any) is given back byte for byte, each ECG that was acknowledged by DICOM
with its samples, each job has ended exactly once and done, each prediction has each recording once, and the doctor
finds neither missing nor damaged bytes.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx

from bench.faults_people import Cart, Uploads
from bench.faults_servers import STALL_S, Line, Service, postgres, receiver, redis_server
from tests.platform_process import Platform, shell, until
from tests.stores import s3_server, settings_of

FAULTS = ("web", "readers", "quick", "train", "all", "stop", "queue", "receiver")
TRAINING = {"max_epochs": 12, "patience": 1000, "learning_rate": 0.005, "batch_size": 16, "threads": 1}
DISK_MB = 600
WORDS = {"web": "uvicorn", "quick": "ingest", "train": "train-cpu"}


class Rounds:
    """An installation in which one thing after the other is killed."""

    def __init__(
        self, folder: Path, services: dict[str, Service | Line], settings: dict[str, str], pause_s: float
    ) -> None:
        self.folder, self.services, self.settings = folder, services, settings
        self.platform = self._start()
        self.demo = self.platform.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
        self.jobs = [(self.demo["project"]["id"], self.demo["job"]["id"])]
        self.dataset = self._ended(*self.jobs[0])["dataset_id"]
        self.uploads = Uploads(self.platform, self.platform.api.new_project(), pause_s)
        self.cart_project = self.platform.api.new_project(name="Cart")
        self.services["receiver"], port = receiver(folder, "Cart", settings)
        self.cart, self.model, self.n_predictions = Cart(port, pause_s), "", 0
        self.model = self._ended(*self._train())["model_id"]

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

    @property
    def project(self) -> str:
        return str(self.demo["project"]["id"])

    def _train(self) -> tuple[str, str]:
        body = {
            "dataset_id": self.dataset, "architecture": "inception_time", "training": TRAINING,
            "architecture_config": {"filters": 4, "depth": 3, "kernel": 9}, "split": {"method": "holdout"},
        }  # fmt: skip
        run = self.platform.client.post(f"/api/v1/projects/{self.project}/runs", json=body).json()
        return self.project, run["job"]["id"]

    def _predict(self) -> dict[str, Any]:
        asked = {"model_id": self.model, "dataset_id": self.dataset}
        made: dict[str, Any] = self.platform.client.post(
            f"/api/v1/projects/{self.project}/predictions", json=asked
        ).json()
        self.n_predictions += 1
        return made

    def round(self, fault: str, chance: random.Random, is_last: bool) -> str:
        """Let something happen while files are uploaded and jobs run; return what is wrong afterwards."""
        since = (0, 0) if is_last else (len(self.uploads.kept), len(self.cart.kept))
        end = threading.Event()
        users = [threading.Thread(target=who.go_on, args=(end,), daemon=True) for who in (self.uploads, self.cart)]
        for one in users:
            one.start()
        demo = self.platform.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
        ended = [(demo["project"]["id"], demo["job"]["id"]), self._train()]
        predictions = [self._predict() for _ in range(3)]
        ended += [(self.project, one["job"]["id"]) for one in predictions]
        time.sleep(chance.uniform(0.2, 6))
        self._happen(fault, chance)
        try:
            for job in ended:
                self._ended(*job)
        except AssertionError as problem:
            return f"a job did not end well: {problem} {[self._job(*job) for job in ended]}"
        finally:
            end.set()
            for one in users:
                one.join()
        until(lambda: self.platform.client.get("/api/v1/health").status_code == 200)
        for one in predictions:
            got = self.platform.client.get(f"/api/v1/projects/{self.project}/predictions/{one['id']}").json()
            if (got["n_results"], got["n_errors"]) != (50, 0):
                return f"a prediction of 50 recordings has {got['n_results']} results and {got['n_errors']} errors"
        lost = self.uploads.lost(since[0]) + self.cart.lost(self.platform.client, self.cart_project, since[1])
        if lost:
            return f"{len(lost)} acknowledged uploads are not given back"
        told = shell(self.folder, "doctor", "--json", **self.settings)
        return "" if not {"missing", "damaged"} & set(told.stdout.split('"')) else told.stdout

    def _happen(self, fault: str, chance: random.Random) -> None:
        if fault == "queue" and fault not in self.services:
            for message in (self.folder / "data" / "queue" / "messages").iterdir():
                message.unlink(missing_ok=True)
        elif fault == "store" and chance.random() < 0.5 and isinstance(line := self.services["store"], Line):
            line.stall(STALL_S)
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


def run(kind: str, rounds: int, seed: int, pause_s: float) -> None:
    """Run the rounds on one kind of installation and print a line for each."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "data").mkdir()
        services: dict[str, Service | Line] = {}
        settings, faults = {"job_lease_s": "5", "log_level": "WARNING"}, list(FAULTS)
        if kind != "sqlite":
            services["database"], settings["database_url"] = postgres(folder / "postgres")
            services["queue"], settings["redis_url"] = redis_server(folder / "redis")
            faults.append("database")
        if kind == "servers":
            address, _ = stack.enter_context(s3_server())
            services["store"] = line = Line(int(address.rpartition(":")[2]))
            settings |= settings_of(line.address, "blobs")
            faults.append("store")
        stack.callback(lambda: [service.kill() for service in services.values()])
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder / "data"]
        if subprocess.run(mount, capture_output=True).returncode == 0:
            stack.callback(subprocess.run, ["umount", "-l", folder / "data"])
            faults.append("full")
        all_rounds = Rounds(folder, services, settings, pause_s)
        stack.callback(lambda: all_rounds.platform.end())
        order = [faults[number % len(faults)] for number in range(rounds)]
        chance.shuffle(order)
        good = 0
        for number, fault in enumerate(order, start=1):
            start = time.monotonic()
            try:
                wrong = all_rounds.round(fault, chance, number == rounds)
            except Exception:
                print(all_rounds.platform.output.read_text()[-3000:], flush=True)  # the folder goes with the benchmark
                raise
            good += not wrong
            n, pushed = len(all_rounds.uploads.kept), len(all_rounds.cart.kept)
            print(
                f"{kind} {number:2} {fault:8} {wrong or 'good'}, {n} uploads, {pushed} by DICOM, "
                f"{all_rounds.n_predictions} predictions, {time.monotonic() - start:.0f} s",
                flush=True,
            )
        print(
            f"{kind}: {good} of {rounds} rounds good; answers to uploads {dict(all_rounds.uploads.ends)}, "
            f"to the cart {dict(all_rounds.cart.ends)}"
        )


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers end and mounts go
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--on", default="sqlite,postgres")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between two uploads")
    chosen = parser.parse_args()
    for kind in chosen.on.split(","):
        run(kind, chosen.rounds, chosen.seed, chosen.pause)


if __name__ == "__main__":
    main()
