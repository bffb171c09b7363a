"""`web` in the foreground and `ready`, as containers use them."""

import json
import socket
import subprocess
from pathlib import Path

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import Worker
from tests.installation import installation
from tests.platform_process import COMMAND, environment, until
from tests.servers import free_port
from tests.shell_calls import run


def test_ready_says_what_is_missing_and_ends_with_one_where_requests_would_fail(tmp_path: Path) -> None:
    with installation(tmp_path / "data") as settings:
        without_tables = run("ready", "--json")
        assert without_tables.exit_code == 1
        assert json.loads(without_tables.stdout)["database"]["ok"] is False
        upgrade(settings.resolved_database_url)
        without_workers = run("ready")
        assert (without_workers.exit_code, without_workers.stdout.splitlines()[0]) == (0, "degraded")
        assert run("ready", "--worker").exit_code == 1
        with write_session(settings.resolved_database_url) as session:
            session.add(Worker(name=f"quick@{socket.gethostname()}", queues=["predict", "ingest"]))
        assert run("ready", "--worker").exit_code == 0
        assert run("ready").stdout.strip() == "ready"


def test_web_is_the_server_itself_logs_where_it_is_told_and_ends_when_it_is_asked(tmp_path: Path) -> None:
    values = environment(tmp_path, port=str(free_port()), log_format="json")
    with subprocess.Popen([COMMAND, "web"], env=values, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as web:
        assert web.stderr is not None
        lines = iter(web.stderr.readline, "")
        assert until(lambda: "Uvicorn running" in json.loads(next(lines))["message"])
        web.terminate()
        assert "Finished server process" in [json.loads(line)["message"] for line in lines][-1]
    assert not (tmp_path / "data" / "logs").exists()
