"""The page: a tracing by keyboard, many tabs, errors where they happen, and without a network."""

import json
import re
import urllib.request
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect


class Demo(NamedTuple):
    """A demo project, made on the page."""

    project: str
    recording: str

    @property
    def paths(self) -> dict[str, str]:
        """Pages of it, by name."""
        base = f"/projects/{self.project}"
        return {
            "recordings": f"{base}/recordings",
            "recording": f"{base}/recordings/{self.recording}",
            "labels": f"{base}/labels",
        }


@pytest.fixture(scope="module")
def demo(platform: str, browser: Browser) -> Demo:
    """A demo project made on the page by one click."""
    page = browser.new_page(locale="en-GB", base_url=platform)
    page.goto("/")
    page.get_by_role("button", name=re.compile("Create a demo project|demo", re.I)).first.click()
    page.wait_for_url(re.compile("/projects/[0-9a-f]{32}"), timeout=180_000)
    project = re.search("[0-9a-f]{32}", page.url)[0]
    page.close()
    api = f"{platform}/api/v1/projects/{project}"
    _finished(api, call(f"{api}/jobs")[0]["id"])
    return Demo(project, call(f"{api}/recordings?size=1")["items"][0]["id"])


def test_a_tracing_is_read_by_keyboard_alone(page: Page, demo: Demo) -> None:
    _open(page, demo.paths["recording"])
    state = page.get_by_text(re.compile(r"mm/s · .* mm/mV"))
    expect(state).to_contain_text("25 mm/s · 10 mm/mV")
    page.keyboard.press("]")
    expect(state).to_contain_text("50 mm/s")
    page.keyboard.press("+")
    expect(state).to_contain_text("20 mm/mV")
    first = page.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    expect(page.get_by_role("img", name=re.compile("^12-lead ECG"))).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_ten_tabs_of_one_platform_all_load_and_follow_a_running_job(context: BrowserContext, demo: Demo) -> None:
    first = context.new_page()
    first.goto("/")
    api = f"{first.evaluate('location.origin')}/api/v1/projects/{demo.project}"
    dataset = call(f"{api}/datasets")[0]["id"]
    run = call(
        f"{api}/runs",
        {
            "dataset_id": dataset,
            "split": {"method": "holdout"},
            "training": {"max_epochs": 50, "batch_size": 32, "learning_rate": 0.0005},
        },
    )
    tabs = [context.new_page() for _ in range(10)]
    for tab in tabs:
        tab.goto(f"/projects/{demo.project}/runs/{run['id']}", wait_until="domcontentloaded")
    for tab in tabs:
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        expect(tab.get_by_text(re.compile("Epoch|Preparing|Waiting|Finding")).first).to_be_visible()
    tabs[-1].get_by_role("button", name=re.compile("Cancel")).first.click()
    confirm = tabs[-1].get_by_role("button", name="Cancel without a model")
    if confirm.is_visible():  # an epoch is done, and its model could be kept
        confirm.click()
    for tab in tabs:
        expect(tab.get_by_text(re.compile("cancelled", re.I)).first).to_be_visible(timeout=180_000)


def test_an_error_stands_beside_what_failed(page: Page, demo: Demo) -> None:
    _open(page, demo.paths["labels"])
    page.locator("input[type=file]").set_input_files(
        {"name": "labels.csv", "mimeType": "text/csv", "buffer": b"name_of_file;diagnosis\na;b\n"}
    )
    question = page.get_by_role("status").filter(has_text="Please choose")
    expect(question).to_contain_text("Choose the column that names the recordings")
    expect(page.get_by_role("button", name="Upload labels")).to_be_disabled()
    page.get_by_label("Remove the file").click()
    page.locator("input[type=file]").set_input_files({"name": "a.pdf", "mimeType": "text/csv", "buffer": b"%PDF-1.7"})
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The table could not be uploaded")
    expect(alert).to_contain_text("This is a PDF, not a table")


def test_the_page_says_when_the_platform_does_not_answer_and_recovers_by_itself(page: Page, demo: Demo) -> None:
    _open(page, demo.paths["recordings"])
    page.context.set_offline(True)
    page.get_by_label("Search").fill("simulated_0000")
    banner = page.get_by_role("alert").filter(has_text="The platform is not responding")
    expect(banner).to_be_visible()
    page.context.set_offline(False)
    expect(banner).to_have_count(0, timeout=30_000)
    expect(page.get_by_text("9 recordings", exact=True)).to_be_visible()


def test_the_api_is_described_at_docs_without_a_network(page: Page) -> None:
    page.goto("/docs")
    # Only what stands in the window is drawn of so long a list.
    expect(page.get_by_text("/api/v1/projects", exact=True).first).to_be_visible()


def call(url: str, body: object = None) -> Any:
    """Call the API and return its JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _finished(api: str, job: str) -> None:
    with urllib.request.urlopen(f"{api}/jobs/{job}/stream", timeout=180) as stream:
        stream.read()  # it ends with the job
    assert call(f"{api}/jobs/{job}")["status"] == "done"


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
