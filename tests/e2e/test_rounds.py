"""Hospitals train one model together: North on the page, South from its own installation, through one folder."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.db.session import read_session, write_session
from backend.exchange.rounds import Round
from backend.services import exchange_push, exchanges, round_jobs, round_start, rounds, runs
from backend.settings import Settings
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose
from tests.installation import SECRET, installation
from tests.platform_process import running_platform
from tests.shared_folder import SharedFolder, describe, push, read_list
from tests.trained import Trained
from workers import rounds as round_worker
from workers import runs as training
from workers.lifecycle import run

JOB_MS = 300_000
LOCAL = {"method": "all", "max_epochs": 1, "learning_rate": 0.003, "batch_size": 16, "threads": 1}


def _fine_tuned(settings: Settings, trained: Trained, name: str) -> str:
    """Fine-tune the base as a site does; return the id of the model."""
    request = runs.Request(
        trained.dataset_id, name, base_model_id=trained.model_id, training=LOCAL, split={"method": "holdout"}
    )
    with write_session(settings.resolved_database_url) as session:
        row = runs.create(session, trained.project_id, request)
        job_id, run_id = row.job_id, row.id
    run(job_id, training.train)
    with read_session(settings.resolved_database_url) as session:
        return runs.model_ids(session, [run_id])[run_id]


class South:
    """The other hospital, without a page: it knows the same base model and has a key of its own."""

    def __init__(self, folder: Path, trained: Trained, shared: SharedFolder) -> None:
        self.folder, self.trained = folder, trained
        shutil.copytree(trained.folder, folder)
        with installation(folder, publisher="Hospital South") as settings:
            self.exchange_id = shared.add(settings)
            self.key = exchange_push.signing_key(settings).public.fingerprint
            self.model_id = _fine_tuned(settings, trained, "South's part")

    def start(self) -> Round:
        """Start a round that it coordinates."""
        with installation(self.folder, publisher="Hospital South") as settings:
            (listed,) = read_list(settings, self.exchange_id)
            with write_session(settings.resolved_database_url) as session:
                exchanges.decide(session, self.exchange_id, "Hospital North", listed.fingerprint, exchanges.TRUSTED)
            return round_start.start(
                settings, self.exchange_id, round_start.Start(item="tiny/1", title="South's round")
            )

    def contribute(self, coordinator: str) -> None:
        """Join the second round, of a coordinator whose key is trusted, and send what the training has changed."""
        with installation(self.folder, publisher="Hospital South") as settings:
            rounds.join(settings, self.exchange_id, "tiny", 2, trust=coordinator)
            with write_session(settings.resolved_database_url) as session:
                where = exchanges.get(session, self.exchange_id)
                job = round_jobs.contribute(session, self.trained.project_id, where, "tiny", 2, self.model_id)
                job_id = job.id
            run(job_id, round_worker.contribute)


@pytest.fixture
def north(tmp_path: Path, trained_once: Trained, shared: SharedFolder) -> tuple[Path, str]:
    """The data of Hospital North, with a published base and a model fine-tuned from it; and its exchange."""
    folder = tmp_path / "north"
    shutil.copytree(trained_once.folder, folder / "data")
    with installation(folder / "data", publisher="Hospital North") as settings:
        describe(settings, trained_once.model_id)
        exchange_id = shared.add(settings)
        done = push(settings, trained_once.project_id, exchange_id, trained_once.model_id, publisher="Hospital North")
        assert done.item == "tiny/1", done.job.error
        read_list(settings, exchange_id)
        _fine_tuned(settings, trained_once, "North's part")
    return folder, exchange_id


@pytest.fixture
def page(browser: Browser, north: tuple[Path, str]) -> Iterator[Page]:
    """The page of Hospital North."""
    with running_platform(north[0], secret_key=SECRET, publisher="Hospital North") as running:
        context = browser.new_context(locale="en-GB", base_url=running.address, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(20_000)
        yield context.new_page()
        context.close()


def test_two_hospitals_train_one_model_together_and_take_it_back(
    page: Page, north: tuple[Path, str], tmp_path: Path, trained_once: Trained, shared: SharedFolder, axe_source: str
) -> None:
    south, exchange = South(tmp_path / "south", trained_once, shared), f"/exchanges/{north[1]}"
    south.start()

    # South has started a round: North compares its key and takes part.
    page.goto(f"{exchange}?tab=rounds")
    expect(page.get_by_role("list", name="Rounds")).to_contain_text("coordinated by Hospital South")
    page.get_by_role("button", name="Take part").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(south.key)
    expect(dialog.get_by_label("Your name in the round")).to_have_value("Hospital North")
    expect(dialog.get_by_role("button", name="Trust and take part")).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Trust and take part").click()
    expect(page.get_by_text("Fine-tune the base model on your recordings")).to_be_visible()

    # North starts one of its own, and both contribute.
    page.get_by_role("button", name="Start a round").click()
    expect(dialog.get_by_role("combobox", name="Base model")).to_have_value("Tiny, version 1")
    dialog.get_by_label("Title").fill("Better together")
    assert serious_violations(page, axe_source) == []
    dialog.get_by_role("button", name="Start the round").click()
    card = page.get_by_role("list", name="Rounds").get_by_role("listitem").filter(has_text="Better together")
    expect(card).to_contain_text("coordinated by Hospital North (you)")
    card.get_by_role("button", name="Take part").click()
    dialog.get_by_role("button", name="Take part").click()
    card.get_by_role("button", name="Contribute").click()
    choose(page, "Project", "Simulated")
    expect(dialog.get_by_role("combobox", name="Model, fine-tuned from the base")).to_have_value("North's part")
    dialog.get_by_role("button", name="Send").click()
    expect(card.get_by_text("contributed", exact=True)).to_be_visible(timeout=JOB_MS)
    south.contribute(_own_key(page))

    # On a telephone, too, one sees that everybody has contributed.
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(card.get_by_text("Everybody has contributed.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 1440, "height": 900})

    # North merges: the round says what each has counted, and the next version is published.
    card.get_by_role("button", name="Merge").click()
    choose(page, "Project", "Simulated")
    expect(dialog.get_by_role("combobox", name="My model of this round")).to_have_value("North's part")
    dialog.get_by_role("button", name="Merge and publish").click()
    expect(card.get_by_text("50 % of the mean")).to_have_count(2, timeout=JOB_MS)
    assert serious_violations(page, axe_source) == []
    card.get_by_role("link", name="tiny, version 2").click()
    expect(page.get_by_role("heading", level=1, name="Tiny")).to_be_visible()

    # It is taken back: everybody reads why, and the version is withdrawn.
    page.goto(f"{exchange}?tab=rounds")
    card.get_by_role("button", name="Undo the round").click()
    dialog.get_by_label("Reason").fill("A cable was swapped")
    dialog.get_by_role("button", name="Undo the round").click()
    expect(card.get_by_text("A cable was swapped")).to_be_visible()
    page.goto(f"{exchange}/models/tiny/2")
    expect(page.get_by_text("This model was withdrawn by its publisher")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Fetch"))).to_have_count(0)


def _own_key(page: Page) -> str:
    return str(page.request.get("/api/v1/exchanges/own-key").json()["fingerprint"])
