"""The coordinator dies in the middle of a merge: the job goes on, and one version is published, not two."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Job, utc_now
from backend.services import exchanges, models, projects, round_jobs
from backend.settings import get_settings
from tests.exchange.webdav_servers import Server, server
from tests.federated_sites import EXCHANGE, LOCAL, PROJECT, Hospital, follow, hospital, publish_base

DIES = """
import os, signal, sys, time
import {module}
def dies(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{function} = dies
from workers.lifecycle import run
from workers.rounds import merge
run(sys.argv[1], merge)
"""
MOMENTS = {
    "before anything is kept": ("workers.rounds", "made_of"),
    "before it is published": ("backend.services.exchange_push", "send"),
    "between publishing and saying so": ("backend.exchange.rounds", "conclude"),
}


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = server("wsgidav", tmp_path_factory.mktemp("wsgidav"))
    one.start()
    yield one
    one.kill()


@pytest.fixture(scope="module")
def sent(dav: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hospital, str]:
    """A coordinator with one contribution of its own: its model's id."""
    site = hospital("Münster", tmp_path_factory.mktemp("muenster"), 1, dav)
    publish_base(site)
    site.round("start", "beat-it/1", "--fewest-sites", "1", *LOCAL)
    site.round("join", "beat-it/1")
    made = site.round("contribute", "beat-it/1", "-p", PROJECT, "--dataset", site.dataset_id)
    return site, made["model_id"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_merge_that_was_killed_is_done_once(sent: tuple[Hospital, str], moment: str, dav: Server) -> None:
    site, model_id = sent
    module, function = MOMENTS[moment]
    number = list(MOMENTS).index(moment) + 1
    if number > 1:
        site.round("start", "beat-it/1", "--fewest-sites", "1", *LOCAL)
        site.round("join", f"beat-it/{number}")
        site.round("contribute", f"beat-it/{number}", "-p", PROJECT, "--model", model_id)
    with site.open():
        url = get_settings().resolved_database_url
        with write_session(url) as session:
            project_id = projects.find(session, PROJECT).id
            job_id = round_jobs.merge(
                session, get_settings(), project_id, exchanges.find(session, EXCHANGE), "beat-it", number,
                model_id=model_id,
            ).id  # fmt: skip
        before = _merged(url, project_id)
        code = DIES.format(module=module, function=function)
        died = subprocess.run(
            [sys.executable, "-c", code, job_id], env=os.environ | {"EXCHANGEAI_JOB_LEASE_S": "1"}, check=False
        )
        assert died.returncode == -signal.SIGKILL
        with write_session(url) as session:
            session.get_one(Job, job_id).heartbeat_at = utc_now() - timedelta(hours=1)  # its worker is silent
        result = follow(url, project_id, job_id)
        assert _merged(url, project_id) == before + 1
    one: Any = site.round("status", f"beat-it/{number}")
    assert result["item"] == f"beat-it/{number + 1}"
    assert (one["outcome"]["slug"], one["outcome"]["version"]) == ("beat-it", number + 1)
    with dav.client() as folder:
        assert len(folder.list("models/beat-it")) == number + 1
        assert not [entry for entry in folder.list(f"rounds/beat-it/{number}") if entry.name.startswith(".incoming")]


def test_a_merge_that_is_judged_has_thresholds_and_results(sent: tuple[Hospital, str]) -> None:
    site, _ = sent
    with site.open(), read_session(get_settings().resolved_database_url) as session:
        project_id = projects.find(session, PROJECT).id
        model = next(one for one in models.list_models(session, project_id) if one.origin == "merged")
    assert model.evaluation["n"] > 0
    assert model.manifest["training_data"]["dataset"] == "1 site, federated (round 3)"
    assert model.base_model_id is not None


def _merged(url: str, project_id: str) -> int:
    with read_session(url) as session:
        return sum(model.origin == "merged" for model in models.list_models(session, project_id))


def test_files_of_a_merge_are_not_left_in_quarantine(sent: tuple[Hospital, str]) -> None:
    site, _ = sent
    place = Path(site.folder) / "quarantine"
    assert not place.exists() or not [one for one in place.iterdir() if one.name.startswith("round-")]
