"""Chromium's own print of the viewer: in true millimetres on each paper, in the vectors of its PDF, without menus."""

import base64
import re
from ctypes import c_float, c_uint
from itertools import pairwise

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from tests.api_calls import Api
from tests.e2e.lists import chosen
from tests.samples import LEADS

RATE = 500
MM = 25.4 / 72  # of a point
INK = (0x12, 0x18, 0x1F)
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
HEIGHTS = {lead: (-1) ** n * (0.3 + 0.05 * n) for n, lead in enumerate(LEADS)}  # mV of the pulses, upwards positive
Line = NDArray[np.float64]  # (n, 2) mm from the upper left corner


@pytest.fixture(scope="module")
def recording(api: Api) -> str:
    """The page of ten seconds in which each lead has, each second, a pulse of 400 ms and of its own height."""
    signal = np.zeros((12, 10 * RATE), np.int64)
    for n, lead in enumerate(LEADS):
        for second in range(10):
            begin = second * RATE + 25
            signal[n, begin : begin + 200] = round(1000 * HEIGHTS[lead])
    rows = [",".join(LEADS), *(",".join(map(str, sample)) for sample in signal.T)]
    api.project = ""
    api.upload({"known.csv": "\n".join(rows).encode() + b"\n"}, rate=str(RATE), units_per_mv="1000")
    return f"/projects/{api.project}/recordings/{api.recordings()[0]['id']}"


def test_the_print_is_true_to_a_tenth_of_a_millimetre(page: Page, recording: str) -> None:
    _open(page, recording)
    for paper, landscape, margins in (
        ("A4", True, True), ("A4", False, False), ("A4", True, False), ("Letter", False, True), ("Letter", True, False),
    ):  # fmt: skip
        _check(_printed(page, paper, landscape, margins), PAPERS[paper])


def _check(sheet: pdfium.PdfPage, size: tuple[float, float]) -> None:
    assert sorted(side * MM for side in sheet.get_size()) == pytest.approx(size, abs=0.5)
    lines = _ink(sheet)
    pulses = [line for line in lines if len(line) == 6]
    assert len(pulses) == 4
    for pulse in pulses:  # 1 mV and 200 ms at 10 mm/mV and 25 mm/s
        assert np.ptp(pulse[:, 1]) == pytest.approx(10, abs=0.1)
        assert pulse[3, 0] - pulse[2, 0] == pytest.approx(5, abs=0.1)
        assert pulse[2, 1] < pulse[0, 1]  # it goes up
    grid = _grid(sheet)
    assert np.diff(grid) == pytest.approx(np.full(len(grid) - 1, 5), abs=0.1)
    tracings = [line for line in lines if len(line) > 100]
    assert len(tracings) == 13
    for line in tracings:
        for begin, end in pairwise(_edges(line)[:2]):
            assert end - begin == pytest.approx(10, abs=0.1)  # a QT of 400 ms is 10 mm


def test_under_each_name_is_its_own_lead_up_is_up_and_menus_are_not_printed(page: Page, recording: str) -> None:
    _open(page, recording)
    for layout in ("3×4 + V1, II, V5", "3×4", "6×2"):
        page.keyboard.press("l")
        expect(chosen(page, "Layout")).to_have_text(layout)
    sheet = _printed(page, "A4", True, True)
    tracings = [line for line in _ink(sheet) if len(line) > 100]
    assert len(tracings) == 12
    names = _names(sheet)
    assert sorted(names) == sorted(LEADS)
    for lead, (x, y) in names.items():
        below = [line for line in tracings if abs(line[0, 0] + 1 - x) < 2 and np.median(line[:, 1]) > y - 1]
        line = min(below, key=lambda one: float(np.median(one[:, 1])))
        base = float(np.median(line[:, 1]))
        peak = line[np.abs(line[:, 1] - base).argmax(), 1]
        assert (base - peak) / 10 == pytest.approx(HEIGHTS[lead], abs=0.01), lead
    text = sheet.get_textpage().get_text_range()
    for said in ("known.csv", "25 mm/s · 10 mm/mV · 500 Hz · unfiltered", "For research use only", "This bar is 50 mm"):
        assert said in text
    for menu in ("Predict", "Calipers", "Recordings", "Shortcuts"):
        assert menu not in text
    expect(page.locator(".ecg-print")).to_have_count(0)  # and it is gone from the screen


def test_what_is_filtered_on_the_screen_is_filtered_in_print(page: Page, recording: str) -> None:
    _open(page, recording)
    page.keyboard.press("f")
    page.keyboard.press("n")
    expect(page.get_by_text("0.05–150 Hz, notch 50 Hz").first).to_be_visible()
    text = _printed(page, "A4", True, True).get_textpage().get_text_range()
    assert "500 Hz · 0.05–150 Hz, notch 50 Hz" in text


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_text(re.compile("25 mm/s · 10 mm/mV · 500 Hz · unfiltered"))).to_be_visible()


def _printed(page: Page, paper: str, landscape: bool, margins: bool) -> pdfium.PdfPage:
    """Print as the browser's dialog does: with margins of its own, unless the page wants none, or with none at all."""
    short, long = (side / 25.4 for side in PAPERS[paper])
    size = {"paperWidth": short, "paperHeight": long, "landscape": landscape}
    none = {} if margins else {f"margin{side}": 0 for side in ("Top", "Bottom", "Left", "Right")}
    answer = page.context.new_cdp_session(page).send("Page.printToPDF", size | none)
    document = pdfium.PdfDocument(base64.b64decode(answer["data"]))
    assert len(document) == 1
    return document[0]


def _paths(sheet: pdfium.PdfPage) -> list[tuple[tuple[int, ...], Line]]:
    """Return the colour and the points in mm of each drawn line, from the vectors of the page."""
    found = []
    height = sheet.get_height()
    for thing in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
        colour = [c_uint() for _ in range(4)]
        raw.FPDFPageObj_GetStrokeColor(thing, *colour)
        matrix = thing.get_matrix()
        pieces: list[list[tuple[float, float]]] = []
        for n in range(raw.FPDFPath_CountSegments(thing)):
            segment = raw.FPDFPath_GetPathSegment(thing, n)
            x, y = c_float(), c_float()
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            point = matrix.on_point(x.value, y.value)
            if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
                pieces.append([])
            pieces[-1].append((point[0] * MM, (height - point[1]) * MM))
        found += [(tuple(one.value for one in colour[:3]), np.array(piece)) for piece in pieces]
    return found


def _ink(sheet: pdfium.PdfPage) -> list[Line]:
    return [points for colour, points in _paths(sheet) if colour == INK]


def _grid(sheet: pdfium.PdfPage) -> Line:
    """Return where the strong upright lines of the paper stand, in mm."""
    upright = {
        round(float(points[0, 0]), 3)
        for colour, points in _paths(sheet)
        if colour == (0xE9, 0xA9, 0xA0) and len(points) == 2 and np.ptp(points[:, 0]) < 0.01
    }
    return np.array(sorted(upright))


def _edges(line: Line) -> Line:
    """Return where a tracing leaves its base line and where it comes back to it, in mm."""
    away = np.abs(line[:, 1] - np.median(line[:, 1])) > 0.5
    return line[np.flatnonzero(np.diff(away.astype(int))) + 1, 0]


def _names(sheet: pdfium.PdfPage) -> dict[str, tuple[float, float]]:
    """Return where the names of leads begin, in mm; the page holds them letter by letter."""
    page = sheet.get_textpage()
    found = {}
    for lead in LEADS:
        searcher = page.search(lead, match_case=True, match_whole_word=True)
        while (hit := searcher.get_next()) is not None:
            left, bottom, _, _ = page.get_charbox(hit[0])
            found.setdefault(lead, (left * MM, (sheet.get_height() - bottom) * MM))
    return found
