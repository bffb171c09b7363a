"""Folds by source, asked for in the browser: the choice is there where recordings come from several, the table too."""

import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.samples import csv_file

TRAINING_MS = 600_000
N = 48


@pytest.fixture
def two_wards(api: Api) -> str:
    """The address of a project with ECGs from two folders, every second one with the label MI."""
    api.project = api.new_project(name="Two wards")
    names = [f"{'north' if number < 28 else 'south'}/{number}.csv" for number in range(N)]
    api.upload({name: csv_file(number, n=1000) for number, name in enumerate(names)}, rate="100")
    api.dataset("file_name,MI,AFIB\n" + "".join(f"{name},{n % 2},{n % 3 == 0:d}\n" for n, name in enumerate(names)))
    return f"/projects/{api.project}"


def test_a_comparison_by_folder_tests_each_by_what_learned_from_the_other(
    page: Page, two_wards: str, api: Api, axe_source: str
) -> None:
    page.goto(f"{two_wards}/comparisons/new")
    by_patient = page.get_by_role("radio", name="By patient, by lot")
    expect(by_patient).to_be_checked()
    page.get_by_role("radio", name="By folder of the files").check()
    expect(page.get_by_text("north: 28, south: 20")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Divide the recordings anew")).to_have_count(0)
    expect(page.get_by_label("CardX, head only")).to_be_checked()
    for name in ("InceptionTime", "XceptionTime", "XResNet1d-18", "XResNet1d-50", "DSAIL SNU"):
        page.get_by_label(name, exact=True).set_checked(False)
    page.get_by_label("CardX, head then all layers", exact=True).set_checked(False)
    expect(page.get_by_text("2 models, about")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.get_by_role("button", name="Compare").click()
    table = page.get_by_role("table", name="Each source apart")
    expect(table).to_be_visible(timeout=TRAINING_MS)
    expect(table.get_by_role("row")).to_have_count(3)
    expect(table.get_by_role("row", name="north")).to_contain_text("28")
    expect(page.get_by_text("Each source was tested by a model that has learned from the others")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    (made,) = api.get("/comparisons")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{two_wards}/runs/{made['candidates'][0]['run_id']}")
    expect(page.get_by_text("Cross-validation by folder, 2 folds")).to_be_visible()
    expect(page.get_by_role("table", name="Each source apart").get_by_role("row")).to_have_count(3)
