"""Values instead of labels on the page: from a table to a network that estimates them, and how far off it is."""

import re

import pytest
from playwright.sync_api import Page, expect
from sklearn.metrics import mean_absolute_error

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose

TRAINING_MS = 120_000


@pytest.fixture(scope="module")
def ages(api: Api) -> dict[str, float]:
    """The ages of the recordings of a demo project, by file name; the API works in it from here on."""
    made = api.client.post("/api/v1/projects/demo", json={"name": "Echo", "n_recordings": 60, "seed": 5}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"])["status"] == "done"
    return {one["file_name"]: one["age"] for one in api.recordings(size=100)}


def test_a_network_learns_values_and_the_page_says_how_far_off_it_is(
    page: Page, api: Api, ages: dict[str, float], axe_source: str
) -> None:
    # A table of values: what they are and how they lie.
    place = f"/projects/{api.project}"
    table = "\n".join(["file_name,value:Age (years)", *(f"{name},{age}" for name, age in ages.items())])
    page.goto(f"{place}/labels")
    page.locator("input[type=file]").set_input_files(
        {"name": "ages.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.get_by_role("button", name="Upload labels").click()
    card = page.get_by_role("article", name="ages")
    expect(card).to_contain_text("values to be estimated (regression)")
    spread = card.get_by_role("table", name="Values of ages")
    expect(spread).to_contain_text(f"{max(ages.values()):.1f}")
    expect(card.get_by_role("img", name=re.compile("Histogram of Age"))).to_be_visible()
    assert serious_violations(page, axe_source) == []

    # Training says that values are learned, and has no word of labels.
    page.goto(f"{place}/runs/new")
    expect(page.get_by_text("The model learns to estimate these values (regression)")).to_be_visible()
    choose(page, "Architecture", "InceptionTime")
    page.get_by_role("button", name="Advanced settings").click()
    for setting, value in {"Depth": "3", "Filters": "8", "Maximum epochs": "2", "Batch size": "16"}.items():
        page.get_by_label(setting, exact=True).fill(value)
    page.get_by_label("Learning rate", exact=True).fill("0.002")
    expect(page.get_by_label("Weight rare labels more")).to_have_count(0)
    page.get_by_role("radio", name=re.compile("^One test part")).check()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="R² on the validation recordings")).to_be_visible(timeout=TRAINING_MS)
    expect(page.get_by_role("link", name="Open the model")).to_be_visible(timeout=TRAINING_MS)
    expect(page.get_by_text(re.compile(r"Measured on \d+ recordings"))).to_be_visible()
    expect(page.get_by_text("AUROC")).to_have_count(0)
    assert serious_violations(page, axe_source) == []

    # The model: errors with their intervals, two plots, and what the words mean.
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text(re.compile(r"^Estimates Age \(years\)"))).to_be_visible()
    results = page.get_by_role("table", name="Results for each value")
    expect(results).to_contain_text(re.compile(r"Age \(years\)\s*\d+"))
    for plot in ("predicted against measured", "difference of predicted and measured"):
        chart = page.get_by_role("img", name=re.compile(plot))
        expect(chart.locator("svg").first).to_be_visible()
    page.get_by_role("button", name="What is Bias?").click()
    expect(page.get_by_text(re.compile("too low .below 0. on average"))).to_be_visible()
    page.keyboard.press("Escape")
    assert serious_violations(page, axe_source) == []

    # A prediction where the truth is known: its error is that of its own results.
    page.get_by_role("link", name="Predict a dataset").click()
    choose(page, "Recordings", "Labelled by “ages”")
    page.get_by_role("button", name="Start prediction").click()
    learnt = page.get_by_role("heading", name="Recall of recordings it has learned from: no result")
    expect(learnt).to_be_visible(timeout=180_000)  # most of them are those of the training
    expect(page.get_by_role("heading", name="Predicted labels")).to_have_count(0)
    rows = api.get(f"/predictions/{page.url.rpartition('/')[2]}/results", size=100)["items"]
    error = mean_absolute_error([ages[row["file_name"]] for row in rows], [row["probabilities"][0] for row in rows])
    expect(page.get_by_role("table", name="Results for each value")).to_contain_text(f"{error:.1f} (")
