"""The overview and the tray of jobs, before a real browser: each number leads to its list, jobs are followed."""

import re
import time

from playwright.sync_api import BrowserContext, Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.samples import csv_file

TABLE = "file_name,label\n" + "".join(f"ecg{n}.csv,{'MI' if n % 3 else 'NORM'}\n" for n in range(7))
LONG = {"max_epochs": 400, "patience": 400, "batch_size": 16, "learning_rate": 0.0005, "threads": 1}
SMALL = {"filters": 4, "depth": 1, "kernel": 9}


def test_from_the_overview_one_gets_to_the_next_step_and_from_a_number_to_its_list(
    page: Page, api: Api, axe_source: str
) -> None:
    api.project = api.new_project(name="Ward 7")
    page.goto(f"/projects/{api.project}")
    following = page.get_by_role("region", name="Next step")
    expect(following).to_contain_text("Upload the ECGs of this project.")
    api.upload({f"ecg{n}.csv": csv_file(n, n=5000) for n in range(6)}, rate="500")
    dataset = api.dataset(TABLE)["id"]
    page.reload()
    expect(following).to_contain_text("train a model")
    expect(page.get_by_text("1 row of 7 in “labels” fit no recording.")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("link", name="See which").click()
    page.get_by_role("link", name="Statistics").click()
    expect(page).to_have_url(re.compile(f"/labels/tables/{dataset}$"))
    assert serious_violations(page, axe_source) == []
    page.get_by_role("table", name="Labels", exact=True).get_by_role("link", name="MI").click()
    expect(page).to_have_url(re.compile(f"dataset_id={dataset}&label=MI"))
    expect(page.get_by_text("4 recordings")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(following).to_be_visible()


def test_a_training_is_followed_from_every_page_stopped_with_its_model_and_survives_a_reload(
    context: BrowserContext, api: Api
) -> None:
    made = api.client.post("/api/v1/projects/demo", json={"name": "Demo", "n_recordings": 100, "seed": 3}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"])["status"] == "done"
    (dataset,) = api.get("/datasets")
    asked = {
        "dataset_id": dataset["id"], "name": "Long", "architecture": "inception_time", "architecture_config": SMALL,
        "training": LONG, "split": {"method": "holdout"},
    }  # fmt: skip
    run = api.client.post(api.url("/runs"), json=asked).json()
    until = time.monotonic() + 60
    while not api.events(run["job"]["id"], "epoch"):
        assert time.monotonic() < until
        time.sleep(0.3)
    page, other = context.new_page(), context.new_page()
    other.goto("/exchanges")
    page.goto("/")
    for tab in (page, other):  # one stream between them
        expect(tab).to_have_title(re.compile(r"^\d+ % · "))
    page.reload()
    page.get_by_role("button", name=re.compile("^Jobs: 1 going on")).click()
    job = page.get_by_role("list", name="Jobs of all projects").get_by_role("listitem").first
    expect(job).to_contain_text("Long")
    expect(job).to_contain_text(re.compile("left"))
    job.get_by_role("button", name="Cancel").click()
    job.get_by_role("group", name="Keep the model so far?").get_by_role(
        "button", name="Stop and keep the model"
    ).click()
    expect(job).to_contain_text("Done", timeout=180_000)
    expect(page).not_to_have_title(re.compile("%"))
    expect(other).not_to_have_title(re.compile("%"))
    job.get_by_role("link", name="Long").click()
    expect(page.get_by_text(re.compile("Stopped early by a person"))).to_be_visible()
    assert api.get(f"/runs/{run['id']}")["model_id"]
