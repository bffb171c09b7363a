"""Lists that lead, and calipers, before a real browser: what one came from is gone through and kept."""

import re
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.samples import csv_file

TABLE = "file_name,label\n" + "".join(f"ecg{n}.csv,{'MI' if n % 2 else 'NORM'}\n" for n in range(6))

SEEN = """() => {
  // The name that is shown, and how high the ink stands in each of 60 columns of the tracing.
  const canvas = document.querySelector('canvas[role="img"]');
  if (!canvas || canvas.width === 0) return {name: "", heights: null};
  const {width, height, data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const sums = new Array(60).fill(0), counts = new Array(60).fill(0);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 4) {
    if (data[i] + data[i + 1] + data[i + 2] > 240) continue;
    const column = Math.floor((60 * x) / width);
    sums[column] += y;
    counts[column] += 1;
  }
  const heights = sums.map((sum, column) => Math.round(sum / Math.max(1, counts[column])));
  return {name: document.querySelector("h1").textContent, heights};
}"""


@pytest.fixture(scope="module")
def project(api: Api) -> str:
    """Six recordings of which every other one is labelled MI."""
    api.project = ""
    api.upload({f"ecg{n}.csv": csv_file(n, n=5000 + 500 * n) for n in range(6)}, rate="500")
    api.dataset(TABLE)
    return f"/projects/{api.project}"


def test_paging_follows_the_list_and_back_keeps_it(page: Page, project: str) -> None:
    page.goto(f"{project}/recordings")
    page.get_by_role("combobox", name="Label").click()
    page.get_by_role("option", name="MI").click()
    expect(page.get_by_text("3 recordings")).to_be_visible()
    page.get_by_role("button", name="Sort by duration").click()
    page.get_by_role("button", name="Sort by duration").click()
    expect(page).to_have_url(re.compile("label=MI&sort=duration&order=desc"))
    page.get_by_role("link", name="ecg3.csv").click()
    pager = page.get_by_role("group", name="The list of recordings")
    expect(pager).to_contain_text("2 of 3 MI")
    page.keyboard.press("ArrowRight")  # the longest first
    expect(page.get_by_role("heading", level=1, name="ecg1.csv")).to_be_visible()
    expect(pager).to_contain_text("3 of 3 MI")
    expect(page.get_by_role("button", name="Next recording")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(pager).to_contain_text("2 of 3 MI")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1, name="ecg5.csv")).to_be_visible()
    page.reload()
    expect(pager).to_contain_text("1 of 3 MI")
    page.go_back()
    expect(page).to_have_url(re.compile("label=MI&sort=duration&order=desc"))
    expect(page.get_by_role("combobox", name="Label")).to_have_value("MI")
    rows = page.get_by_role("table", name="Recordings").get_by_role("link")
    expect(rows).to_have_text(["ecg5.csv", "ecg3.csv", "ecg1.csv"])


def test_a_list_is_kept_as_a_view_and_opened_again(page: Page, project: str) -> None:
    page.goto(f"{project}/recordings?label=NORM")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("menuitem", name="Save this list").click()
    page.get_by_role("textbox", name="Name").fill("Healthy")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="View: Healthy")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("6 recordings")).to_be_visible()
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("menuitem", name="Healthy").click()
    expect(page.get_by_text("3 recordings")).to_be_visible()
    expect(page).to_have_url(re.compile("label=NORM"))


def test_no_tracing_is_ever_seen_under_the_name_of_another_recording(page: Page, project: str) -> None:
    truth = {}
    for n in range(6):
        page.goto(f"{project}/recordings?search=ecg{n}")
        page.get_by_role("link", name=f"ecg{n}.csv").click()
        _shown(page)
        truth[f"ecg{n}.csv"] = np.array(page.evaluate(SEEN)["heights"])
    page.goto(f"{project}/recordings")
    page.get_by_role("link", name="ecg0.csv").click()
    _shown(page)
    page.evaluate(f"""() => {{
        window.seen = new Map();
        const look = () => {{
            const found = ({SEEN})();
            if (found.heights) window.seen.set(JSON.stringify(found), found);
            requestAnimationFrame(look);
        }};
        look();
    }}""")
    for key, name in [*(("ArrowRight", f"ecg{n}.csv") for n in range(1, 6)), ("ArrowLeft", "ecg4.csv")]:
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        _shown(page)
        page.wait_for_function("name => [...window.seen.values()].some((one) => one.name === name)", arg=name)
    seen = page.evaluate("[...window.seen.values()]")
    assert {one["name"] for one in seen} == set(truth)
    for one in seen:
        apart = {name: np.abs(np.array(one["heights"]) - heights).mean() for name, heights in truth.items()}
        assert min(apart, key=lambda name: apart[name]) == one["name"]
        assert apart[one["name"]] < 2 < sorted(apart.values())[1], apart


def test_calipers_are_taken_by_an_end_and_whole_marched_out_and_kept(page: Page, project: str) -> None:
    page.goto(f"{project}/recordings")
    page.get_by_role("link", name="ecg0.csv").click()
    _shown(page)
    sheet = page.locator("canvas").first.bounding_box()
    assert sheet is not None
    left, top, mm = sheet["x"], sheet["y"], sheet["width"] / 265

    def drag(x0: float, y0: float, x1: float, y1: float) -> None:
        page.mouse.move(left + x0 * mm, top + y0 * mm)
        page.mouse.down()
        page.mouse.move(left + x1 * mm, top + y1 * mm, steps=4)
        page.mouse.up()

    drag(20, 20, 40, 20)  # 20 mm at 25 mm/s
    expect(_reading(page)).to_contain_text(re.compile(r"^I: (79\d|80\d) ms · 7[456]/min · [+−]0.0\d mV$"))
    drag(40, 12, 45, 12)  # its second end, anywhere on the line
    expect(_reading(page)).to_contain_text(re.compile(r"^I: (99\d|100\d) ms"))
    begin = float(page.get_by_role("slider", name="First end of the caliper in I").get_attribute("aria-valuenow") or 0)
    drag(32, 20, 42, 20)  # all of it, between the ends
    expect(_reading(page)).to_contain_text(re.compile(r"^I: (99\d|100\d) ms"))
    end = float(page.get_by_role("slider", name="First end of the caliper in I").get_attribute("aria-valuenow") or 0)
    assert end - begin == pytest.approx(400, abs=12)
    page.get_by_role("slider", name="Second end of the caliper in I").focus()
    page.keyboard.press("ArrowLeft")
    expect(_reading(page)).to_contain_text(re.compile(r"^I: (98\d|99\d) ms"))
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="March out")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Add caliper").click()
    expect(page.get_by_role("slider", name="Second end of the caliper in I")).to_have_count(2)
    page.get_by_role("button", name="Next recording").click()
    expect(page.get_by_role("heading", level=1, name="ecg1.csv")).to_be_visible()
    page.get_by_role("button", name="Previous recording").click()
    expect(page.get_by_role("heading", level=1, name="ecg0.csv")).to_be_visible()
    page.get_by_role("button", name="Calipers").click()
    expect(page.get_by_role("slider", name="Second end of the caliper in I")).to_have_count(2)
    for _ in range(3):
        page.keyboard.press("v")
    expect(page.get_by_role("button", name="Calipers")).to_be_disabled()  # time is not real there


def _shown(page: Page) -> None:
    expect(page.get_by_text(re.compile("25 mm/s · 10 mm/mV · 500 Hz · unfiltered"))).to_be_visible()


def _reading(page: Page):
    return page.get_by_role("group", name="Calipers on the tracing").locator("p")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_filters_and_calipers_are_accessible_and_no_wider_than_the_page(
    page: Page, project: str, axe_source: str, width: int, scheme: Literal["dark", "light"]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{project}/recordings?label=MI")
    page.get_by_role("button", name="More filters").click()
    expect(page.get_by_role("combobox", name="Format")).to_be_visible()
    assert serious_violations(page, axe_source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="ecg1.csv").click()
    _shown(page)
    page.get_by_role("button", name="Calipers").click()
    expect(page.get_by_role("slider", name="Caliper in I", exact=True)).to_be_visible()
    assert serious_violations(page, axe_source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_list_is_labelled_by_itself(page: Page, api: Api, project: str) -> None:
    asked = {"name": "Again", "labels": [{"name": "MI"}, {"name": "NORM"}]}
    label_set = api.client.post(api.url("/annotations"), json=asked).json()["id"]
    page.goto(f"{project}/recordings?label=MI")
    page.get_by_role("button", name="Label these").click()
    page.get_by_role("menuitem", name="Again").click()
    expect(page).to_have_url(re.compile(f"/labels/{label_set}/read\\?label=MI"))
    page.get_by_role("textbox", name="Who reads?").fill("Dr. A")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only these recordings: MI")).to_be_visible()
    for number in range(3):
        page.locator("[aria-label='Your reading'][aria-busy=false]").wait_for()
        page.keyboard.press("1")
        expect(page.get_by_text(f"{number + 1} read by you")).to_be_visible()
    said = api.get(f"/annotations/{label_set}/readings", reader="Dr. A")
    read = {one["recording_id"] for one in (said["items"] if isinstance(said, dict) else said)}
    assert read == {row["id"] for row in api.recordings(label="MI")}
