"""What is drawn and measured on the page of a recording: waves, beats, the aligned form, and the figures below."""

import re
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.accessibility import serious_violations
from tests.e2e.lists import chosen
from tests.samples import FORMATS, LEADS, microvolts

VIEWS = ("Tracing", "Tracing with waves", "Beats superimposed", "Aligned to 60/min", "Aligned median beat")
RATE = 500
MUSE = "ge_muse_xml/muse_500hz_mac55_testone.xml"


class Shown(NamedTuple):
    """Recordings of a project, by what they hold, with where their pages are."""

    pages: dict[str, str]
    measured: dict[str, Any]


@pytest.fixture(scope="module")
def shown(api: Api) -> Shown:
    """An ECG (a real one where there is one), a flat line and a single beat."""
    api.project = ""
    single = np.zeros((12, 2 * RATE), np.int16)
    beat = microvolts(n=10 * RATE, rate=RATE)
    peak = RATE + int(np.abs(beat[1, RATE : 2 * RATE]).argmax())
    single[:, RATE - 150 : RATE + 200] = beat[:, peak - 150 : peak + 200]
    real = FORMATS / MUSE
    files = {"ecg": _csv(beat), "flat": _csv(np.zeros((12, 10 * RATE), np.int16)), "single": _csv(single)}
    sent = {f"{name}.csv": data for name, data in files.items()} | (
        {real.name: real.read_bytes()} if real.exists() else {}
    )
    api.upload(sent, rate=str(RATE), units_per_mv="1000")
    ids = {one["file_name"].removesuffix(".csv"): one["id"] for one in api.recordings()}
    ids["ecg"] = ids.pop(real.name, ids["ecg"])
    return Shown(
        {name: f"/projects/{api.project}/recordings/{id_}" for name, id_ in ids.items()},
        {name: api.get(f"/recordings/{id_}/measurements") for name, id_ in ids.items()},
    )


def test_each_view_is_reached_by_one_key_and_draws_something_of_its_own(page: Page, shown: Shown) -> None:
    _open(page, shown.pages["ecg"])
    drawn = []
    for view in VIEWS:
        expect(chosen(page, "Show")).to_have_text(view)
        drawn.append(_drawing(page))
        page.keyboard.press("v")
    expect(chosen(page, "Show")).to_have_text(VIEWS[0])
    assert len(set(drawn)) == len(VIEWS), "two views look the same"


def test_a_view_stays_from_one_recording_to_the_next(page: Page, shown: Shown) -> None:
    _open(page, shown.pages["ecg"])
    page.keyboard.press("v")
    page.get_by_role("combobox", name="Show", exact=True).focus()
    page.keyboard.press("v")  # a list that has the focus does not take the key
    n_beats = shown.measured["ecg"]["n_beats"]
    expect(page.get_by_text(re.compile(f"^{n_beats} beats and their median · 50 mm/s"))).to_be_visible()
    page.reload()
    expect(chosen(page, "Show")).to_have_text("Beats superimposed")


def test_keys_of_what_a_view_does_not_have_do_nothing(page: Page, shown: Shown) -> None:
    _open(page, shown.pages["ecg"])
    for _ in range(4):
        page.keyboard.press("v")
    caption = page.get_by_text(re.compile("Median beat, aligned to 60/min"))
    expect(caption).to_be_visible()
    for key in "lfc":
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Calipers")).to_be_disabled()
    page.keyboard.press("v")
    expect(chosen(page, "Layout")).to_have_text("3×4 + II")
    expect(chosen(page, "Filter")).to_have_text("Unfiltered")
    expect(page.get_by_role("button", name="Calipers")).to_have_attribute("aria-pressed", "false")


def test_the_figures_are_those_of_the_api(page: Page, shown: Shown) -> None:
    measured = shown.measured["ecg"]
    _open(page, shown.pages["ecg"])
    section = page.get_by_role("region", name="Measurements")
    expect(section.locator("dl").first).to_be_visible()
    figures = dict(zip(section.locator("dt").all_inner_texts(), section.locator("dd").all_inner_texts(), strict=True))
    assert figures["Beats"] == str(measured["n_beats"])
    assert _number(figures["Heart rate"]) == pytest.approx(measured["heart_rate"], abs=0.51)
    names = {"P": "p_ms", "PR": "pr_ms", "QRS": "qrs_ms", "QT": "qt_ms"}
    names |= {f"{wave} axis": f"{wave.lower()}_axis" for wave in ("P", "QRS", "T")}
    for name, key in names.items():
        if measured[key] is None:
            assert figures[name] == measured["reasons"][key]
        else:
            assert _number(figures[name]) == pytest.approx(measured[key], abs=0.51), name
    for name, value in measured["qtc_ms"].items():
        assert _number(figures[f"QTc {name.title()}"]) == pytest.approx(value, abs=0.51)
    table = section.get_by_role("table", name="Amplitudes of each lead in mV")
    for title, key in (("ST at J+60 ms", "st_mv"), ("R", "r_mv"), ("S", "s_mv"), ("T", "t_mv")):
        row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=title, exact=True))
        cells = dict(zip(LEADS, row.locator("td").all_inner_texts(), strict=True))
        assert {lead for lead, text in cells.items() if text != "–"} == set(measured[key])
        for lead, value in measured[key].items():
            assert _number(cells[lead]) == pytest.approx(value, abs=0.0051), (title, lead)


def test_a_flat_line_has_reasons_in_place_of_numbers_in_every_view(page: Page, shown: Shown) -> None:
    reason = shown.measured["flat"]["reasons"]["heart_rate"]
    _open(page, shown.pages["flat"])
    section = page.get_by_role("region", name="Measurements")
    expect(section).to_contain_text("Signal unusable")
    expect(section.locator("dt", has_text="Heart rate").locator("xpath=following-sibling::dd")).to_have_text(reason)
    assert section.locator("dt").all_inner_texts() == ["Beats", "Heart rate"]
    expect(section.get_by_role("table")).to_have_count(0)
    page.keyboard.press("v")
    expect(page.get_by_text(f"No waves were found. {reason}")).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("canvas")).to_have_count(0)
    expect(page.locator(".note").filter(has_text=reason)).to_be_visible()
    for view in VIEWS[3:]:
        page.keyboard.press("v")
        expect(chosen(page, "Show")).to_have_text(view)
        expect(page.get_by_text(f"The beats could not be aligned. {reason}")).to_be_visible()
        expect(page.locator("canvas")).to_have_count(0)
    page.keyboard.press("v")
    expect(page.locator("canvas")).to_be_visible()


def test_a_single_beat_is_measured_as_far_as_one_beat_goes(page: Page, shown: Shown) -> None:
    measured = shown.measured["single"]
    assert (measured["n_beats"], measured["heart_rate"]) == (1, None)
    _open(page, shown.pages["single"])
    section = page.get_by_role("region", name="Measurements")
    expect(section.locator("dt", has_text="Heart rate").locator("xpath=following-sibling::dd")).to_have_text(
        "There is only one beat."
    )
    expect(section).to_contain_text(measured["reasons"]["qtc_ms"])
    assert "RR" not in section.locator("dt").all_inner_texts()
    page.keyboard.press("v")
    page.keyboard.press("v")
    expect(page.get_by_text(re.compile("^1 beat and its median"))).to_be_visible()
    _drawing(page)
    page.keyboard.press("v")
    expect(page.get_by_text("The beats could not be aligned. There is only one beat.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (1440, "light"), (390, "light")])
def test_no_view_is_seriously_inaccessible_or_wider_than_the_page(
    page: Page, shown: Shown, axe_source: str, width: int, scheme: Literal["dark", "light"]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    _open(page, shown.pages["ecg"])
    found = {}
    for view in VIEWS:
        expect(chosen(page, "Show")).to_have_text(view)
        _drawing(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        if bad := serious_violations(page, axe_source):
            found[view] = bad
        page.keyboard.press("v")
    assert found == {}


def _csv(signal: np.ndarray[Any, Any]) -> bytes:
    rows = (",".join(map(str, row)) for row in signal.T)
    return "\n".join([",".join(LEADS), *rows]).encode() + b"\n"


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")


def _drawing(page: Page) -> str:
    """Wait until the only canvas is drawn on, in the ink of a tracing; return what is drawn."""
    canvas = page.locator("figure canvas")  # not the strip of the whole recording
    expect(canvas).to_have_count(1)
    page.wait_for_function(INK)
    page.wait_for_load_state("networkidle")
    drawn: str = canvas.evaluate("canvas => canvas.toDataURL()")
    return drawn


def _number(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", text.replace("−", "-")))


# True once the canvas holds many dark pixels: paper alone is light.
INK = """() => {
  const canvas = document.querySelector("figure canvas");
  if (!canvas || !canvas.width) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] < 90 && data[i + 1] < 110) dark++;
  return dark > 1000;
}"""
