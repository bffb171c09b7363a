"""Does a model fit these ECGs? Asked on the page of the model, answered with evidence and the ECGs that stick out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose
from tests.e2e.test_models import TRAINING_MS, quick_model
from tests.platform_process import until
from tests.simulated_files import files_and_table


@pytest.fixture(scope="module")
def model(api: Api) -> str:
    """The address of a small model; beside its own ECGs there are some whose rate was declared wrongly."""
    quick_model(api, "Ward 9", 64)
    files, table = files_and_table(24)
    api.upload(files, rate="250")
    api.dataset(table, name="From the new cart")
    return f"/projects/{api.project}/models/{api.get('/models')[0]['id']}"


def test_other_ecgs_are_found_explained_listed_and_warned_of(page: Page, api: Api, model: str, axe_source: str) -> None:
    page.goto(model)
    section = page.get_by_role("region", name="Does it fit these ECGs?")
    expect(section).to_be_visible()
    choose(page, "Recordings of", "From the new cart")
    section.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Does Quick model fit From the new cart?")).to_be_visible()
    expect(page.get_by_text("These ECGs are very different", exact=True)).to_be_visible(timeout=TRAINING_MS)
    expect(page.get_by_text("seems to be declared wrongly")).to_be_visible()
    table = page.get_by_role("table", name="Signal statistics")
    expect(table.get_by_role("row", name="Heart rate")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    odd = page.get_by_role("region", name="Recordings that stick out")
    first = odd.get_by_role("link").first
    expect(first).to_contain_text("new/")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1440, "height": 900})
    first.click()
    expect(page).to_have_url(re.compile("/recordings/"))
    page.go_back()

    # Beside an evaluation on the same ECGs it is told again, without being asked for.
    page.get_by_role("link", name="Evaluate the model").click()
    choose(page, "Label table", "From the new cart")
    page.get_by_role("button", name="Start evaluation").click()
    beside = page.get_by_role("region", name="To be read with the figures")
    expect(beside).to_contain_text("declared wrongly", timeout=TRAINING_MS)

    # The check is listed with the model, and can be deleted.
    page.goto(model)
    row = page.get_by_role("list", name="Drift checks").get_by_role("listitem")
    expect(row).to_contain_text("Very different")
    row.get_by_role("link").click()
    expect(page.get_by_role("table", name="Signal statistics")).to_be_visible()  # the model's page has a Delete too
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("region", name="Does it fit these ECGs?")).to_be_visible()
    page.goto("/")  # who leaves the page takes no deletion back
    until(lambda: api.get("/drift-checks") == [], 20)


def test_a_model_is_put_to_stress_beside_its_evaluation(page: Page, api: Api, model: str, axe_source: str) -> None:
    body = {
        "model_id": model.rpartition("/")[2], "dataset_id": api.get("/datasets")[-1]["id"], "include_seen": True,
    }  # fmt: skip
    made = api.client.post(api.url("/evaluations"), json=body).json()
    assert api.wait(made["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"
    page.goto(f"{model.partition('/models/')[0]}/evaluations/{made['id']}")
    section = page.get_by_role("region", name="How does it stand worse ECGs?")
    section.get_by_role("button", name="Start stress test").click()
    curve = section.get_by_role("region", name="Muscle noise")
    expect(curve.get_by_role("img")).to_be_visible(timeout=TRAINING_MS)
    curve.get_by_text("Numbers of Muscle noise").click()
    expect(curve.get_by_role("table").get_by_role("row")).to_have_count(6)
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.documentElement.scrollWidth === 390")  # charts follow a moment later
