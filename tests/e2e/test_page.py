"""The page: reachable by keyboard, readable by everyone, on a phone, in many tabs, without a network."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.accessibility import serious_violations

WIDTHS = {"desktop": 1440, "phone": 390}


class Demo(NamedTuple):
    """A demo project with a model trained on it."""

    project: str
    recording: str
    run: str
    model: str
    prediction: str
    dataset: str

    @property
    def paths(self) -> dict[str, str]:
        """Every page there is, by name."""
        base = f"/projects/{self.project}"
        return {
            "projects": "/",
            "overview": base,
            "recordings": f"{base}/recordings",
            "recording": f"{base}/recordings/{self.recording}",
            "imports": f"{base}/imports",
            "labels": f"{base}/labels",
            "statistics": f"{base}/labels/tables/{self.dataset}",
            "runs": f"{base}/runs",
            "new run": f"{base}/runs/new",
            "run": f"{base}/runs/{self.run}",
            "models": f"{base}/models",
            "model": f"{base}/models/{self.model}",
            "predictions": f"{base}/predictions",
            "prediction": f"{base}/predictions/{self.prediction}",
        }


@pytest.fixture(scope="module")
def demo(platform: str, browser: Browser) -> Iterator[Demo]:
    """A demo project made on the page by one click, a short training and a prediction."""
    page = browser.new_page(locale="en-GB", base_url=platform)
    page.goto("/")
    page.get_by_role("button", name=re.compile("Create a demo project|demo", re.I)).first.click()
    page.wait_for_url(re.compile("/projects/[0-9a-f]{32}"), timeout=90_000)
    project = re.search("[0-9a-f]{32}", page.url)[0]
    page.close()
    api = f"{platform}/api/v1/projects/{project}"
    _finished(api, call(f"{api}/jobs")[0]["id"])
    dataset = call(f"{api}/datasets")[0]["id"]
    training = {"max_epochs": 2, "batch_size": 32, "learning_rate": 0.002}
    body = {
        "dataset_id": dataset, "training": training, "split": {"method": "holdout"},
        "architecture": "inception_time", "architecture_config": {"filters": 8, "depth": 3},
    }  # fmt: skip
    run = call(f"{api}/runs", body)
    _finished(api, run["job"]["id"])
    model = call(f"{api}/models")[0]["id"]
    prediction = call(f"{api}/predictions", {"model_id": model, "dataset_id": dataset})
    _finished(api, prediction["job"]["id"])
    recording = call(f"{api}/recordings?size=1")["items"][0]["id"]
    return Demo(project, recording, run["id"], model, prediction["id"], dataset)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_axe_finds_no_serious_violation_on_any_page(page: Page, demo: Demo, axe_source: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for name, path in demo.paths.items():
        _open(page, path)
        if bad := serious_violations(page, axe_source):
            found[name] = bad
    assert not found, json.dumps(found, indent=1)


def test_no_page_is_wider_than_a_phone(page: Page, demo: Demo) -> None:
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 844})
    widths = {}
    for name, path in demo.paths.items():
        _open(page, path)
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > WIDTHS["phone"]} == {}


def test_every_control_is_reached_by_the_tab_key(page: Page, demo: Demo) -> None:
    missed = {}
    for name, path in demo.paths.items():
        _open(page, path)
        wanted = page.evaluate(COUNT_CONTROLS)
        reached: set[int] = {-1}
        page.evaluate("document.activeElement?.blur()")
        # Forwards, then backwards: a chart that is drawn while one passes it may move the place where Tab goes on.
        for key in ["Tab"] * (wanted + 40) + ["Shift+Tab"] * (2 * wanted + 80):
            if len(reached) > wanted:
                break
            page.keyboard.press(key)
            reached.add(page.evaluate("Number(document.activeElement?.dataset?.control ?? -1)"))
        lost = set(range(wanted)) - reached
        if lost:
            missed[name] = page.evaluate(
                "numbers => numbers.map(n => document.querySelector(`[data-control='${n}']`)?.outerHTML.slice(0, 150))",
                sorted(lost),
            )
    assert not missed, json.dumps(missed, indent=1)


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
        expect(tab.get_by_text(re.compile("cancelled", re.I)).first).to_be_visible(timeout=60_000)


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


# Numbers all visible, enabled controls; a group of radio buttons is one stop of the tab key.
COUNT_CONTROLS = """() => {
  const seen = new Set();
  let number = 0;
  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (element.disabled || element.type === "hidden" || !box.width || !box.height) continue;
    if (style.visibility === "hidden" || element.closest("[aria-hidden='true'], [inert]")) continue;
    if (element.tabIndex < 0) continue;
    if (element.type === "radio") {
      if (!element.checked || seen.has(element.name)) continue;
      seen.add(element.name);
    }
    element.dataset.control = String(number++);
  }
  return number;
}"""


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
