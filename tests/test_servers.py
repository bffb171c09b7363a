"""The servers of the tests themselves: a test run that is killed leaves none behind."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.platform_process import until

ROOT = Path(__file__).parents[1]
RUN = """
import sys, time
from pathlib import Path
from tests import servers
with servers.{server}(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
@pytest.mark.parametrize("server", ["redis_server", "postgres"])
def test_a_killed_test_run_leaves_no_server_behind(server: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN.format(server=server), str(tmp_path)]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert run.stdout is not None
    assert run.stdout.readline().startswith((b"redis://", b"postgresql://"))
    left = psutil.Process(run.pid).children(recursive=True)
    assert left
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert until(lambda: not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE], 20)
