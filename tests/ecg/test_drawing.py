"""ECGs on paper: where things stand in files, found in the paths of SVG and in the pixels that pdfium makes of PDF."""

import io
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.ecg.drawing import FORMATS, Legend, Sheet, draw
from backend.ecg.drawing.layout import LAYOUTS, PAPERS
from backend.ecg.drawing.sheet import GAINS, RESEARCH, SPEEDS
from backend.ecg.drawing.tracing import strokes
from backend.ecg.errors import UnwritableError
from backend.ecg.leads import LEADS
from tests import page_layouts

RATE = 500.0
SVG = "{http://www.w3.org/2000/svg}"
DPI = 300


def steps(heights: dict[str, float], seconds: float = 10.0) -> np.ndarray:
    """Each lead is zero but for pulses of 200 ms, one a second from 0.5 s on, of its own height in mV."""
    signal = np.zeros((12, int(seconds * RATE)), np.float32)
    for lead, height in heights.items():
        for begin in np.arange(0.5, seconds, 1.0):
            signal[LEADS.index(lead), round(begin * RATE) : round((begin + 0.2) * RATE)] = height
    return signal


HEIGHTS = {lead: (-1) ** i * (0.2 + 0.05 * i) for i, lead in enumerate(LEADS)}


def svg_of(signal: np.ndarray, unit: str = "mV", legend: Legend | None = None, **how: object) -> ET.Element:
    drawing = draw(signal, RATE, unit, legend or Legend(title="one"), Sheet(**how))  # type: ignore[arg-type]
    return ET.fromstring(FORMATS["svg"][1](drawing))


def points(path: ET.Element) -> list[np.ndarray]:
    return [
        np.array([list(map(float, point.split())) for point in part.split("L")])
        for part in path.attrib["d"].split("M")[1:]
    ]


def tracings(svg: ET.Element) -> list[tuple[str, np.ndarray]]:
    found = [path for path in svg.iter(f"{SVG}path") if path.attrib.get("data-kind") == "tracing"]
    return [(path.attrib["data-lead"], np.vstack(points(path))) for path in found]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_every_lead_stands_under_its_name_with_its_own_waveform_and_up_is_up(layout: str, orientation: str) -> None:
    svg = svg_of(steps(HEIGHTS), layout=layout, orientation=orientation, gain=10.0)
    names = [text for text in svg.iter(f"{SVG}text") if text.attrib.get("font-weight") == "bold" and text.text != "one"]
    drawn = tracings(svg)
    wanted = [lead for column in LAYOUTS[layout].columns for lead in column] + list(LAYOUTS[layout].rhythm)
    assert sorted(lead for lead, _ in drawn) == sorted(wanted)
    for lead, line in drawn:
        base = np.median(line[:, 1])
        height = HEIGHTS["aVR"] * -1 if lead == "-aVR" else HEIGHTS[lead]
        peak = line[np.argmax(np.abs(line[:, 1] - base)), 1]
        assert (base - peak) / 10 == pytest.approx(height, abs=1e-3), lead
        name = min(names, key=lambda text: abs(float(text.attrib["x"]) - line[0, 0] - 1) * 20 + max(
            0, base - float(text.attrib["y"])) + (1000 if float(text.attrib["y"]) > base else 0))  # fmt: skip
        assert name.text == lead


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("gain", GAINS)
def test_a_second_and_a_millivolt_measure_what_the_sheet_says(paper: str, speed: float, gain: float) -> None:
    svg = svg_of(steps(dict.fromkeys(LEADS, 0.5)), layout="3x4+1", paper=paper, speed=speed, gain=gain)
    width, height = PAPERS[paper]
    assert (svg.attrib["width"], svg.attrib["height"]) == (f"{height:g}mm", f"{width:g}mm")
    assert svg.attrib["viewBox"] == f"0 0 {height:g} {width:g}"
    lead, line = tracings(svg)[-1]
    assert lead == "II"
    high = line[:, 1] < line[:, 1].min() + 0.25 * gain
    ups = line[np.flatnonzero(np.diff(high.astype(int)) == 1) + 1, 0]
    np.testing.assert_allclose(np.diff(ups), speed, atol=2e-3)
    assert np.median(line[~high, 1]) - line[high, 1].min() == pytest.approx(0.5 * gain, abs=2e-3)
    pulse = points(next(path for path in svg.iter(f"{SVG}path") if path.attrib.get("data-kind") == "pulse"))[0]
    assert pulse[:, 1].max() - pulse[:, 1].min() == pytest.approx(gain, abs=2e-3)
    assert pulse[3, 0] - pulse[2, 0] == pytest.approx(0.2 * speed, abs=2e-3)
    said = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    assert f"{speed:g} mm/s · {gain:g} mm/mV · 500 Hz · unfiltered" in said
    assert RESEARCH in said


@pytest.mark.parametrize(("orientation", "paper"), [("landscape", "a4"), ("portrait", "letter")])
def test_the_pdf_is_as_large_as_its_paper_and_its_pulse_is_ten_by_five_millimetres(
    orientation: str, paper: str
) -> None:
    sheet = Sheet(paper=paper, orientation=orientation, gain=10.0, layout="6x2")  # type: ignore[arg-type]
    drawing = draw(steps(HEIGHTS), RATE, "mV", Legend(title="one", top=[("one", "2026-01-02")]), sheet)
    page = pdfium.PdfDocument(FORMATS["pdf"][1](drawing))[0]
    size = sorted(side / 72 * 25.4 for side in page.get_size())
    np.testing.assert_allclose(size, sorted(PAPERS[paper]), atol=0.05)  # type: ignore[index]
    mm = DPI / 25.4
    dark = page.render(scale=DPI / 72).to_numpy()[..., :3].max(axis=2) < 110
    pulse = next(line for line in drawing.lines if line.kind == "pulse").points
    window = dark[
        int((pulse[:, 1].min() - 2) * mm) : int((pulse[:, 1].max() + 2) * mm), : int((pulse[-1, 0] + 0.3) * mm)
    ]
    rows, columns = window.any(axis=1).nonzero()[0], window[: int(5 * mm)].any(axis=0).nonzero()[0]
    assert (rows[-1] - rows[0] + 1) / mm - 0.28 == pytest.approx(10, abs=0.1)
    assert (columns[-1] - columns[0] + 1) / mm - 0.28 == pytest.approx(5, abs=0.1)
    assert "2026-01-02" in page.get_textpage().get_text_range()


def test_the_picture_says_how_large_it_is() -> None:
    drawing = draw(steps(HEIGHTS), RATE, "mV", Legend(title="one"), Sheet())
    image = Image.open(io.BytesIO(FORMATS["png"][1](drawing)))
    assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    np.testing.assert_allclose(np.array(image.size) / DPI * 25.4, (297, 210), atol=0.1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=12, max_size=12), st.sampled_from(sorted(LAYOUTS)), st.booleans())
def test_rows_never_reach_into_each_other_where_the_gain_is_left_open(
    heights: list[float], layout: str, landscape: bool
) -> None:
    signal = steps(dict(zip(LEADS, heights, strict=True)))
    orientation = "landscape" if landscape else "portrait"
    drawing = draw(signal, RATE, "mV", Legend(title="one"), Sheet(layout=layout, orientation=orientation))  # type: ignore[arg-type]
    lines = [line for line in drawing.lines if line.kind == "tracing"]
    bounds = sorted((np.median(one.points[:, 1]), one.points[:, 1].min(), one.points[:, 1].max()) for one in lines)
    grid = np.vstack([line.points for line in drawing.lines if line.kind == "grid"])
    if heights and max(map(abs, heights)) < 2:
        for (base, _, lowest), (below, highest, _) in pairwise(bounds):
            assert below - base < 1e-6 or lowest < highest
        assert min(one[1] for one in bounds) >= grid[:, 1].min()
        assert max(one[2] for one in bounds) <= grid[:, 1].max()


def test_a_signal_without_a_scale_is_drawn_to_fit_and_says_so() -> None:
    svg = svg_of(steps(HEIGHTS) * 4711, unit="arbitrary")
    texts = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    assert "amplitude scaled to fit, no mV scale" in texts
    assert "mm/mV" not in texts
    assert not [path for path in svg.iter(f"{SVG}path") if path.attrib.get("data-kind") == "pulse"]
    heights = [np.ptp(line[:, 1]) for _, line in tracings(svg)]
    assert 5 < max(heights) < 60


def test_what_is_missing_stays_open_and_leads_say_that_they_are_derived_or_missing() -> None:
    signal = steps(HEIGHTS)
    signal[1, 1000:1500] = np.nan
    signal[6] = np.nan
    legend = Legend(title="one", derived=("aVR",), missing=("V1",))
    svg = svg_of(signal, legend=legend, layout="12x1", orientation="portrait")
    names = {text.text for text in svg.iter(f"{SVG}text")}
    assert {"aVR (derived)", "V1 (missing)"} <= names
    assert "V1" not in {lead for lead, _ in tracings(svg)}
    parts = next(points(p) for p in svg.iter(f"{SVG}path") if p.attrib.get("data-lead") == "II")
    assert len(parts) == 2
    assert parts[1][0, 0] - parts[0][-1, 0] == pytest.approx(501 / RATE * 25, abs=0.01)


@settings(max_examples=50, deadline=None)
@given(st.integers(10, 4000), st.integers(0, 10_000), st.sampled_from([0.0005, 0.004, 0.02, 0.1]))
def test_the_highest_and_lowest_sample_are_drawn_however_dense_they_are(n: int, seed: int, step: float) -> None:
    samples = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    (line,) = strokes(samples, 0.0, step, 0.0, 1.0)
    assert line[:, 1].min() == pytest.approx(-samples.max(), abs=1e-6)
    assert line[:, 1].max() == pytest.approx(-samples.min(), abs=1e-6)
    assert line[[0, -1], 0] == pytest.approx([0, (n - 1) * step])
    assert len(line) <= max(200, 4 * n * step / 0.05 + 200)


@pytest.mark.parametrize("wrong", [{"paper": "a3"}, {"layout": "4x4"}, {"speed": 30.0}, {"gain": 7.0}, {"start": -1.0}])
def test_what_is_not_offered_is_refused_with_what_is(wrong: dict[str, object]) -> None:
    with pytest.raises(UnwritableError, match=r"Choose one of|seconds from 0"):
        Sheet(**wrong)  # type: ignore[arg-type]


def test_a_long_name_does_not_reach_the_date_beside_it() -> None:
    legend = Legend(title="x", top=[("a/very/long/path/" * 20 + "the-end.dat", "2026-01-02 10:00")])
    svg = svg_of(steps(HEIGHTS), legend=legend, orientation="portrait")
    first = next(text for text in svg.iter(f"{SVG}text") if (text.text or "").endswith("the-end.dat"))
    assert (first.text or "").startswith("…")
    assert len(first.text or "") * 2.2 < 170


def test_the_page_has_the_leads_where_the_drawing_has_them() -> None:
    assert page_layouts.PAGE.read_text() == page_layouts.text()
