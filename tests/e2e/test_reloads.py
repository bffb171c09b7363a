"""The page is reloaded in the middle of something: nothing is lost, nothing doubled, and it says where things stand."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.api_calls import Api
from tests.e2e.journeys import TRAINING_MS, Person, folder_of_ecgs, names_of
from tests.samples import wfdb_pair

N = 48
UPLOADS = re.compile("/recordings$")
NEWS = re.compile(r"/jobs/[^/]+/(events|stream)")


@pytest.fixture
def person(page: Page, api: Api) -> Person:
    person = Person(page)
    api.project = person.make_project("Reloaded")
    return person


def test_an_upload_that_a_reload_cuts_short_is_told_of_and_the_same_folder_completes_it(
    person: Person, context: BrowserContext, api: Api, tmp_path: Path
) -> None:
    page = person.page
    folder_of_ecgs(tmp_path / "ward", N)
    held: list[Route] = []

    def only_the_first(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
        elif held:
            held.append(route)  # still on its way when the page is reloaded
        else:
            held.append(route)
            route.continue_()

    context.route(UPLOADS, only_the_first)
    page.get_by_label("Folder to upload").set_input_files(tmp_path / "ward")
    expect(page.get_by_text(re.compile("Uploading: 32 imported"))).to_be_visible()
    page.reload()
    context.unroute(UPLOADS)
    told = page.get_by_role("status").filter(has_text="The upload was interrupted")
    expect(told).to_contain_text(f"at least 64 of {2 * N} files had been checked")
    expect(told).to_contain_text("Choose the same files again")
    expect(page.get_by_text("32 recordings", exact=True).first).to_be_visible()

    # It stays said at the next visit, and leads to the report of what is here.
    page.reload()
    expect(told.get_by_role("link", name="Import report")).to_be_visible()
    assert len(held) > 1, "the rest was on its way"

    person.upload(tmp_path / "ward", N)
    expect(page.get_by_text(f"Upload finished: {N - 32} imported, 32 duplicate")).to_be_visible()
    assert names_of(api.recordings(size=200, sort="file_name")) == sorted(f"ecg{n:02}.hea" for n in range(N))
    page.reload()
    expect(page.get_by_text(f"{N} recordings", exact=True).first).to_be_visible()
    expect(told).to_have_count(0)


def test_a_training_goes_on_over_reloads_and_the_model_so_far_can_be_kept(
    person: Person, context: BrowserContext, api: Api
) -> None:
    page = person.page
    files = [(f"e{n:02}{end}", data) for n in range(40) for end, data in zip((".hea", ".dat"), _pair(n), strict=True)]
    api.upload(files)
    rows = [f"e{n:02}.hea,{'AFIB' if n % 2 else 'SR'}" for n in range(40)]
    api.dataset("\n".join(["file_name,label", *rows]))
    page.goto(f"/projects/{api.project}/runs/new")
    person.train(**{"Maximum epochs": "1000", "Batch size": "2"})
    epoch = page.get_by_text(re.compile(r"^Epoch \d+ of at most 1000"))
    expect(epoch).to_be_visible(timeout=TRAINING_MS)
    address = page.url
    for _ in range(2):
        page.reload()
        expect(page).to_have_url(address)
        expect(epoch).to_be_visible()
        expect(page.get_by_role("progressbar", name="Progress of the training")).to_be_visible()
    page.get_by_text("Table of all epochs").click()
    rows_shown = page.get_by_role("table", name="Epochs").locator("tbody tr").all_inner_texts()
    numbers = [int(text.split()[0]) for text in rows_shown]
    assert numbers == list(range(1, len(numbers) + 1)), "each epoch once, and none left out"

    # Whoever stops it is asked what becomes of the model, also after a reload.
    page.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("group", name="Keep the model so far?")
    question.get_by_role("button", name="Go on training").click()
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Cancel").click()
    context.route(NEWS, lambda _: None)  # asked also before the page has heard of any epoch
    page.reload()
    page.get_by_role("button", name="Cancel").click()
    expect(question).to_be_visible()
    context.unroute(NEWS)
    question.get_by_role("button", name="Stop and keep the model").click()
    person.open_model()
    (run,) = api.get("/runs")
    assert (run["job"]["status"], run["job"]["attempt"]) == ("done", 1)
    (model,) = api.get("/models")
    assert model["run_id"] == run["id"]


def _pair(number: int) -> tuple[bytes, bytes]:
    return wfdb_pair(f"e{number:02}", seed=number)
