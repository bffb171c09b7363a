"""Which model? Asked in the browser, trained by the workers, answered with a model to open."""

import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations

TRAINING_MS = 600_000


@pytest.fixture
def sixty(api: Api) -> str:
    """The address of a project of sixty simulated ECGs with labels."""
    made = api.client.post("/api/v1/projects/demo", json={"name": "Sixty", "n_recordings": 60, "seed": 4}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"], seconds=120)["status"] == "done"
    return f"/projects/{api.project}"


def test_a_comparison_is_asked_for_trained_and_names_a_model(page: Page, sixty: str, axe_source: str) -> None:
    page.goto(f"{sixty}/runs")
    page.get_by_role("link", name="Which model?").click()
    page.get_by_role("link", name="New comparison").first.click()
    expect(page.get_by_label("CardX, head only")).to_be_checked()
    for name in (
        "InceptionTime",
        "XceptionTime",
        "XResNet1d-18",
        "XResNet1d-50",
        "DSAIL SNU",
        "CardX, head then all layers",
    ):
        page.get_by_label(name, exact=True).set_checked(False)
    expect(page.get_by_text("2 models, about")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Which model for")).to_be_visible()
    expect(page.get_by_text("Use this one")).to_be_visible(timeout=TRAINING_MS)
    table = page.get_by_role("table", name="Compared models")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("Measured on the 60 recordings")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text("Cross-validated").first).to_be_visible()
