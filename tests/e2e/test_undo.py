"""What is deleted on the page: back by one click for some seconds, gone for good when the page is left."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.platform_process import until
from tests.samples import csv_file

N = 5


def test_a_deletion_is_undone_and_one_that_is_not_holds_when_the_page_is_left(
    page: Page, context: BrowserContext, api: Api, axe_source: str
) -> None:
    api.upload({f"{n:03}.csv": csv_file(n, 1000) for n in range(N)}, rate="100")
    dataset = api.dataset("file_name,label\n" + "".join(f"{n:03}.csv,{'AFIB' if n % 2 else 'SR'}\n" for n in range(N)))
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url) if request.method == "DELETE" else None)

    # A table goes without a question, and comes back.
    page.goto(f"/projects/{api.project}/labels")
    table = page.get_by_role("article", name=dataset["name"])
    table.get_by_role("button", name=f"Delete {dataset['name']}").click()
    expect(table).to_have_count(0)
    deletions = page.get_by_role("region", name="Deletions")
    expect(deletions).to_contain_text(f"Deleted: {dataset['name']}")
    assert serious_violations(page, axe_source) == []
    deletions.get_by_role("button", name="Undo").click()
    expect(table).to_be_visible()
    expect(deletions.get_by_role("button")).to_have_count(0)

    # A recording is asked for first; it is out of its list at once, also on the way through other pages.
    page.get_by_role("link", name="Recordings", exact=True).click()
    page.get_by_role("button", name="Delete 002.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete recording").click()
    expect(page.get_by_text(f"{N - 1} recordings", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="002.csv")).to_have_count(0)
    page.get_by_role("link", name="Labels", exact=True).click()
    expect(table).to_be_visible()
    page.get_by_role("link", name="Recordings", exact=True).click()
    expect(page.get_by_text(f"{N - 1} recordings", exact=True)).to_be_visible()
    assert asked == []
    assert len(api.recordings()) == N, "the platform has it until the time for an undo is over"
    page.reload()
    expect(page.get_by_text(f"{N - 1} recordings", exact=True)).to_be_visible()
    expect(deletions.get_by_role("button")).to_have_count(0)
    until(lambda: [one["file_name"] for one in api.recordings(sort="file_name")] == _without(2), 20)

    # A window that is closed takes its deletions along; one that was undone before stays undone.
    page.get_by_role("button", name="Delete 003.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete recording").click()
    page.get_by_role("button", name="Delete 004.csv").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete recording").click()
    deletions.locator("div", has_text=re.compile("^Deleted: 003.csvUndo$")).get_by_role("button").first.click()
    expect(page.get_by_role("link", name="003.csv")).to_be_visible()
    page.close(run_before_unload=True)
    until(lambda: [one["file_name"] for one in api.recordings(sort="file_name")] == _without(2, 4), 20)
    other = context.new_page()
    other.goto(f"/projects/{api.project}/recordings")
    expect(other.get_by_text(f"{N - 2} recordings", exact=True)).to_be_visible()
    assert api.get(f"/datasets/{dataset['id']}")["n_rows"] == N


def _without(*numbers: int) -> list[str]:
    return [f"{n:03}.csv" for n in range(N) if n not in numbers]
