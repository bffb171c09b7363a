"""A hundred labelled ECGs in a new project: the head alone, trained from CardX, gives a tested model."""

import re

from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations

from .test_models import TRAINING_MS


def test_a_hundred_labelled_ecgs_start_from_cardx_and_give_a_tested_model(
    page: Page, api: Api, axe_source: str
) -> None:
    answer = api.client.post("/api/v1/projects/demo", json={"name": "A hundred ECGs", "n_recordings": 100, "seed": 1})
    assert answer.status_code in (200, 201, 202), answer.text
    made = answer.json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"

    page.goto(f"/projects/{api.project}/runs/new")
    expect(page.get_by_text("With 100 labelled recordings, start from CardX")).to_be_visible()
    page.get_by_role("combobox", name="Start from").click()
    expect(page.get_by_text("Comes with the platform")).to_be_visible()
    page.get_by_role("option", name="CardX", exact=True).click()
    expect(page.get_by_role("radio", name="Head only")).to_be_checked()
    expect(page.get_by_text("This model was trained on many ECGs and predicts nothing by itself.")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("link", name="Open the model").click(timeout=TRAINING_MS)
    expect(page.get_by_text(re.compile(r"Measured on \d+ recordings"))).to_be_visible()
    experts = page.get_by_role("table", name="Experts by true label")
    expect(experts.get_by_role("columnheader", name="Transformer")).to_be_visible()
    expect(experts.get_by_role("row").nth(1)).to_contain_text("All")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("link", name="CardX", exact=True).click()
    expect(page.get_by_role("heading", name="CardX", level=1)).to_be_visible()
    expect(page.get_by_text("comes with the platform", exact=False).first).to_be_visible()
    expect(page.get_by_text("Embedding of 512 numbers")).to_be_visible()


def test_a_pre_training_is_started_followed_and_cancelled_on_the_page_of_models(
    page: Page, api: Api, axe_source: str
) -> None:
    answer = api.client.post("/api/v1/projects/demo", json={"name": "Pre-trained", "n_recordings": 100, "seed": 1})
    api.project = answer.json()["project"]["id"]
    assert api.wait(answer.json()["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"
    page.goto(f"/projects/{api.project}/models")
    page.get_by_role("button", name="Pre-train CardX").click()
    page.get_by_label("Minutes").fill("30")
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Start pre-training").click()
    expect(page.get_by_role("heading", name="Pre-training of CardX")).to_be_visible()
    expect(page.get_by_text(re.compile("ECGs passed"))).to_be_visible(timeout=TRAINING_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Pre-training of CardX")).to_be_hidden(timeout=TRAINING_MS)
