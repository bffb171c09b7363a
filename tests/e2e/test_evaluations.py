"""A model is evaluated on another project's dataset; from a number to its ECGs, and back to the same number."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import choose
from tests.e2e.test_models import TRAINING_MS, quick_model


@pytest.fixture(scope="module")
def model(api: Api) -> str:
    """The address of a model of few epochs on the page."""
    quick_model(api, "Ward 7")
    return f"/projects/{api.project}/models/{api.get('/models')[0]['id']}"


def test_a_model_is_evaluated_on_another_project_and_each_number_leads_to_its_ecgs(
    page: Page, api: Api, model: str, axe_source: str
) -> None:
    answer = api.client.post("/api/v1/projects/demo", json={"name": "Ward 8", "n_recordings": 170, "seed": 9}).json()
    with api.client.stream(
        "GET", f"/api/v1/projects/{answer['project']['id']}/jobs/{answer['job']['id']}/stream"
    ) as stream:
        stream.read()
    page.goto(model)
    page.get_by_role("link", name="Evaluate", exact=True).click()
    choose(page, "Project", "Ward 8")
    expect(page.get_by_role("combobox", name="Label table")).to_have_value(re.compile("170 recordings"))
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Start evaluation").click()

    # Counts come first; nothing of the other project was seen.
    who = page.get_by_role("region", name="Who was evaluated")
    expect(who).to_contain_text("170", timeout=TRAINING_MS)
    expect(who).to_contain_text("none of these recordings")
    assert serious_violations(page, axe_source) == []

    # The slider moves matrix and rates without the platform.
    choose(page, "Label", "NORM")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    matrix = page.get_by_role("table", name="Confusion matrix of NORM")
    expect(matrix).to_be_visible()
    slider = page.get_by_role("slider")
    slider.press("Home")
    expect(matrix.get_by_role("button", name="0 false negative")).to_be_disabled()
    expect(page.get_by_role("table", name="Rates at this threshold")).to_contain_text("100.0 %")
    for _ in range(3):
        slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("threshold=3(&|$)"))
    assert not [url for url in asked if "/api/" in url and "/stream" not in url]

    # A cell leads to its ECGs; the list is walked, and going back leads out of it, threshold and label as they were.
    matrix.get_by_role("button", name=re.compile("false positive")).click()
    cell = page.get_by_role("region", name="False positives: NORM at 0.3 %")
    expect(cell.get_by_role("list", name="Recordings of the cell").get_by_role("listitem")).to_have_count(10)
    known = cell.get_by_role("table", name="Known and predicted")
    expect(known.get_by_role("row").nth(1)).to_contain_text("NORM")
    expect(known.get_by_role("row").nth(1)).to_contain_text("absent")
    expect(cell.locator("canvas").first).to_be_visible()
    first = cell.get_by_role("listitem").first.inner_text().split("\n")[0]
    cell.get_by_role("button", name="Next", exact=True).click()
    expect(cell.get_by_role("listitem").nth(1).get_by_role("button")).to_have_attribute("aria-current", "true")
    cell.get_by_role("button", name="2 page", exact=True).or_(cell.get_by_role("button", name="Page 2")).click()
    expect(cell.get_by_role("listitem").first).not_to_contain_text(first)
    assert serious_violations(page, axe_source) == []
    address = page.url
    cell.get_by_role("link", name="Open recording").click()
    expect(page).to_have_url(re.compile("/recordings/"))
    expect(page.get_by_role("link", name="Ward 8")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    expect(cell).to_be_visible()
    page.go_back()
    expect(cell).to_have_count(0)
    expect(page).to_have_url(re.compile("label=NORM"))
    expect(page).to_have_url(re.compile("threshold=3"))

    with page.expect_download() as download:
        page.get_by_role("link", name="Report").click()
    assert download.value.suggested_filename == "evaluation.html"

    # The ECGs of the cell are looked at again and labelled: just these.
    ward = answer["project"]["id"]
    labels = {"name": "Again", "labels": [{"name": "NORM"}, {"name": "Other"}]}
    made = api.client.post(f"/api/v1/projects/{ward}/annotations", json=labels).json()
    page.goto(address)
    cell.get_by_role("button", name="Label these").click()
    page.get_by_role("menuitem", name="Again").click()
    page.get_by_role("textbox", name="Who reads?").fill("Dr. A")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only these recordings: false positives of NORM")).to_be_visible()
    evaluation = api.get("/evaluations")[0]["id"]
    asked_for = {"label": "NORM", "cell": "false_positive", "threshold": 0.003, "size": 200}
    inside = {row["recording_id"] for row in api.get(f"/evaluations/{evaluation}/recordings", **asked_for)["items"]}
    for number in range(3):
        page.locator("[aria-label='Your reading'][aria-busy=false]").wait_for()
        page.keyboard.press("2")
        expect(page.get_by_text(f"{number + 1} read by you")).to_be_visible()
    said = api.client.get(
        f"/api/v1/projects/{ward}/annotations/{made['id']}/readings", params={"reader": "Dr. A"}
    ).json()
    read = {one["recording_id"] for one in (said["items"] if isinstance(said, dict) else said)}
    assert len(read) == 3
    assert read <= inside


def test_the_evaluation_of_a_fine_tuned_model_names_what_was_left_out_and_why(page: Page, api: Api, model: str) -> None:
    base = model.rpartition("/")[2]
    body = {
        "dataset_id": api.get("/datasets")[0]["id"], "name": "Tuned", "base_model_id": base,
        "training": {"method": "head", "max_epochs": 1}, "split": {"method": "holdout"},
    }  # fmt: skip
    run = api.client.post(api.url("/runs"), json=body).json()
    assert api.wait(run["job"]["id"], seconds=TRAINING_MS / 1000)["status"] == "done"
    tuned = next(one["id"] for one in api.get("/models") if one["name"] == "Tuned")
    page.goto(f"/projects/{api.project}/models/{tuned}/evaluate")
    page.get_by_role("button", name="Start evaluation").click()
    who = page.get_by_role("region", name="Who was evaluated")
    expect(who.get_by_text(re.compile(r"^Left out: \d+ recordings"))).to_be_visible(timeout=TRAINING_MS)
    expect(who).to_contain_text(re.compile(r"This recording was in the training of “(Tuned|Quick model)”\."))
