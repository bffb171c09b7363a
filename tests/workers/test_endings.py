"""How the platform ends and where it cannot start: no process is left behind, and nobody sees a traceback."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from backend.db.migrate import upgrade
from backend.db.session import read_session, write_session
from backend.services import jobs, projects
from tests.installation import installation
from tests.platform_process import COMMAND, PATIENCE_S, Platform, environment, living, running_platform, shell, until
from tests.servers import end_with_the_tests, free_port
from tests.trained import Trained

CONFIG = {"filters": 8, "depth": 3, "kernel": 9}
ENDLESS = {"max_epochs": 1000, "patience": 1000, "learning_rate": 0.001, "batch_size": 16, "threads": 1}

END_AT_A_START = """
import os, signal, sys
from backend.cli import platform
from backend.cli.app import app
from backend.cli.processes import Child

last = sys.argv[1]

class Ended(Child):
    def __init__(self, name, command):
        super().__init__(name, command)
        print(self.pid, flush=True)
        if name == last:
            os.kill(os.getpid(), signal.SIGTERM)

platform.Child = Ended
sys.argv[1:] = ["up"]
app()
"""


@pytest.fixture
def folder(trained_once: Trained, tmp_path: Path) -> Path:
    """A folder whose data are those of a small trained installation."""
    shutil.copytree(trained_once.folder, tmp_path / "data")
    return tmp_path


def _train_without_end(platform: Platform, trained: Trained) -> None:
    platform.api.project = trained.project_id
    body = {
        "dataset_id": trained.dataset_id,
        "architecture": "inception_time",
        "architecture_config": CONFIG,
        "training": ENDLESS,
        "split": {"method": "holdout"},
    }
    run = platform.client.post(platform.api.url("/runs"), json=body).json()
    until(lambda: platform.api.events(run["job"]["id"], "epoch"))


def test_workers_in_a_training_end_by_themselves_when_what_started_them_is_killed(
    folder: Path, trained_once: Trained
) -> None:
    with running_platform(folder) as platform:
        _train_without_end(platform, trained_once)
        processes = platform.processes()
        assert len(processes) >= 4
        platform.process.kill()
        platform.process.wait()
        until(lambda: not living(processes), seconds=20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ended_while_its_workers_still_start_it_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    with running_platform(tmp_path) as platform:
        until(lambda: len(platform.processes()) >= 3)
        processes = platform.processes()
        assert platform.end(number) == 0
        assert living(processes) == []
        assert "Traceback" not in platform.output.read_text()


@pytest.mark.parametrize("child", ["web", "worker-quick", "worker-transfer", "worker-train"])
def test_ended_at_the_very_moment_a_process_starts_it_ends_as_asked(tmp_path: Path, child: str) -> None:
    values = {"port": str(free_port())}
    ended = subprocess.run(
        [sys.executable, "-c", END_AT_A_START, child], env=environment(tmp_path, **values), cwd=tmp_path,
        capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    started = [int(line) for line in ended.stdout.splitlines() if line.isdigit()]
    assert ended.returncode == 0, ended.stderr
    assert len(started) == ["web", "worker-quick", "worker-transfer", "worker-train"].index(child) + 1
    assert not [one for one in started if psutil.pid_exists(one)]
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_port_in_use_is_said_in_a_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = shell(tmp_path, "up", port=port)
    assert ended.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in ended.stderr
    assert "EXCHANGEAI_PORT" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_second_start_finds_what_was_there(folder: Path) -> None:
    with running_platform(folder, "--no-workers") as platform:
        assert platform.client.get("/api/v1/projects").json()[0]["n_recordings"] == 60


def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    with running_platform(tmp_path, job_lease_s="3") as platform:
        platform.wait_for_workers()
        (group,) = platform.groups("ingest")
        os.killpg(group, signal.SIGKILL)
        again = until(lambda: platform.groups("ingest") - {group})
        assert again
        assert "is started again" in platform.output.read_text()


def test_workers_alone_do_the_jobs_of_a_platform_elsewhere_and_end_without_a_trace(tmp_path: Path) -> None:
    with installation(tmp_path / "data", job_lease_s="3") as settings:
        upgrade(settings.resolved_database_url)
        with write_session(settings.resolved_database_url) as session:
            project, job = projects.create_demo(session, "Elsewhere", 50, 1)
        command = [COMMAND, "worker", "--queues", "ingest,predict"]
        started = subprocess.Popen(
            command,
            env=environment(tmp_path),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_the_tests(signal.SIGTERM),
        )
        try:
            with_row = _finished_job(settings.resolved_database_url, project.id, job.id)
            processes = psutil.Process(started.pid).children(recursive=True)
        finally:
            started.send_signal(signal.SIGTERM)
            code = started.wait(30)
    assert with_row == "done"
    assert code == 0
    assert processes
    assert living(processes) == []


def _finished_job(url: str, project_id: str, job_id: str) -> str:
    def status() -> str:
        with read_session(url) as session:
            found = jobs.get(session, project_id, job_id).status
        return found if found in jobs.FINISHED else ""

    ended: str = until(status)
    return ended
