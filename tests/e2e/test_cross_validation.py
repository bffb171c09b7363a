"""Few ECGs on the page: cross-validation is proposed with its reason, followed, and its figures are shown as such."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose

TRAINING_MS = 600_000


@pytest.fixture
def forty(api: Api) -> str:
    """The address of a project of forty simulated ECGs and a table of whether they are normal."""
    made = api.client.post("/api/v1/projects/demo", json={"name": "Forty", "n_recordings": 50, "seed": 4}).json()
    api.project = made["project"]["id"]
    assert api.wait(made["job"]["id"])["status"] == "done"
    for one in api.recordings(size=100)[40:]:
        api.client.delete(api.url(f"/recordings/{one['id']}"))
    return f"/projects/{api.project}"


def test_forty_ecgs_are_cross_validated_with_the_reason_and_the_figures_say_by_how_much_they_vary(
    page: Page, api: Api, forty: str, axe_source: str
) -> None:
    page.goto(f"{forty}/runs/new")
    choose(page, "Architecture", re.compile("Rlign"))
    expect(page.get_by_role("radio", name="Chosen by the number of recordings")).to_be_checked()
    why = page.get_by_role("status", name="Why it is tested so")
    expect(why).to_contain_text("Cross-validation. With 40 ECGs, ")
    expect(why).to_contain_text("one test part would hold ")
    expect(why).to_contain_text("5 parts")
    estimate = page.get_by_role("status", name="Estimated training time")
    expect(estimate).to_contain_text("5 folds × 2 repeats: 40 recordings are tested")
    expect(estimate).to_contain_text("learns from all 40")
    assert serious_violations(page, axe_source) == []

    # It may be switched, and back; more repeats are steadier.
    page.get_by_role("radio", name=re.compile("^One test part")).check()
    expect(estimate).to_contain_text("to validate")
    page.get_by_role("radio", name=re.compile("^Cross-validation")).check()
    page.get_by_label("Repeats").fill("3")
    expect(estimate).to_contain_text("5 folds × 3 repeats")
    page.get_by_role("button", name="Advanced settings").click()
    page.get_by_label("Maximum epochs").fill("4")
    page.get_by_role("button", name="Start training").click()

    # The run: folds as they are tested, then the figures with how they vary.
    expect(page.get_by_text(re.compile(r"\d+ of 15 folds tested"))).to_be_visible(timeout=TRAINING_MS)
    expect(page.get_by_text("These results are cross-validated")).to_be_visible(timeout=TRAINING_MS)
    expect(page.get_by_text("15 of 15 folds tested")).to_be_visible()
    page.get_by_text("Table of all folds").click()
    expect(page.get_by_role("table", name="Folds").get_by_role("row")).to_have_count(16)
    assert serious_violations(page, axe_source) == []

    # The model: the same note, and the table of how results vary.
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_text("Each of the 40 recordings was tested by a model that had not seen it")).to_be_visible()
    expect(page.get_by_text("It has learned from all 40 recordings")).to_be_visible()
    expect(page.get_by_text(re.compile("AUROC, mean over labels varied between repeats from"))).to_be_visible()
    page.get_by_text("How much each result varies between repeats").click()
    expect(page.get_by_role("table", name="How much results vary")).to_be_visible()
    expect(page.get_by_text("These results are cross-validated, on recordings of a single source.")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    (run,) = api.get("/runs")
    answer = api.client.get(api.url(f"/runs/{run['id']}/out_of_fold.csv"))
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == 3 * 40

    # From what was told wrongly to these recordings, as a list that is looked at or labelled.
    found = api.get(f"/runs/{run['id']}/mistakes")
    wrong = page.get_by_role("region", name="Told wrongly")
    expect(wrong).to_contain_text(f"{found['n_wrong']} of 40 recordings")
    first = found["mistakes"][0]
    wrong.get_by_role("link", name=f"{first['n']} × {first['label']}, predicted as {first['predicted_label']}").click()
    expect(page.get_by_role("table", name="Recordings").locator("tbody tr")).to_have_count(first["n"])
    expect(page.get_by_text(f"{first['label']}, predicted as {first['predicted_label']}").first).to_be_visible()
