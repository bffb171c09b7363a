"""A known waveform, another one in each lead, uploaded and found again in the pixels of the viewer."""

import base64
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from scipy import ndimage

from tests.api_calls import Api
from tests.e2e.lists import chosen
from tests.samples import LEADS

RATE = 500
SECONDS = 10
PERIOD_S = 1.25  # of the pulses: one in each panel at 50 mm/s, where a panel is shortest
PULSES = int(SECONDS / PERIOD_S)
LEFT_MM = {12.5: 10, 25: 10, 50: 12}  # room for the calibration pulse before the first second, at each speed
STANDARD = ["I aVR V1 V4", "II aVL V2 V5", "III aVF V3 V6"]
SHEETS = {
    "3×4 + II": [*STANDARD, "II"],
    "3×4 + V1, II, V5": [*STANDARD, "V1", "II", "V5"],
    "3×4": STANDARD,
    "6×2": ["I V1", "II V2", "III V3", "aVR V4", "aVL V5", "aVF V6"],
    "12×1": list(LEADS),
    "Cabrera": ["aVL V1", "I V2", "-aVR V3", "II V4", "aVF V5", "III V6"],
}
# Keys, and what is shown after them: layout, mm/s and mm/mV.
LOOKS = (
    ("", "3×4 + II", 25, 10), ("l", "3×4 + V1, II, V5", 25, 10), ("l", "3×4", 25, 10), ("l", "6×2", 25, 10),
    ("l", "12×1", 25, 10), ("[-", "12×1", 12.5, 5), ("l]]++", "Cabrera", 50, 20), ("l[", "3×4 + II", 25, 20),
)  # fmt: skip


class Pulse(NamedTuple):
    """What is seen of a pulse: when it begins and ends, and how high it is, downwards negative."""

    onset_s: float
    offset_s: float
    mv: float


def truth(lead: int) -> list[Pulse]:
    """Return the pulses of a lead: height, sign, time and width are its own, and each pulse is wider than the last."""
    height = (-1) ** lead * (0.15 + 0.04 * lead)
    first = 0.4 + 0.03 * lead
    width = 0.1 + 0.02 * (5 * lead % 12)
    return [Pulse(i * PERIOD_S + first, i * PERIOD_S + first + width + 0.02 * i, height) for i in range(PULSES)]


def shown_as(name: str) -> list[Pulse]:
    """Return the pulses under a name on the sheet; a lead with a minus is shown upside down."""
    sign = -1 if name.startswith("-") else 1
    return [pulse._replace(mv=sign * pulse.mv) for pulse in truth(LEADS.index(name.removeprefix("-")))]


@pytest.fixture(scope="module")
def recording(api: Api) -> str:
    """The page of a recording of the known waveform, uploaded as CSV in µV."""
    signal = np.zeros((len(LEADS), SECONDS * RATE), np.int64)
    for lead in range(len(LEADS)):
        for pulse in truth(lead):
            signal[lead, round(pulse.onset_s * RATE) : round(pulse.offset_s * RATE)] = round(1000 * pulse.mv)
    rows = [",".join(LEADS), *(",".join(map(str, sample)) for sample in signal.T)]
    api.project = ""
    api.upload({"known.csv": "\n".join(rows).encode() + b"\n"}, rate=str(RATE), units_per_mv="1000")
    return f"/projects/{api.project}/recordings/{api.recordings()[0]['id']}"


def test_the_waveform_of_each_lead_is_found_under_its_name_in_its_place(page: Page, recording: str) -> None:
    page.add_init_script(REMEMBER_LETTERS)
    page.goto(recording)
    for keys, layout, speed, gain in LOOKS:
        for key in keys:
            page.keyboard.press(key)
        expect(chosen(page, "Layout")).to_have_text(layout)
        expect(page.get_by_text(f"{speed} mm/s · {gain} mm/mV · {RATE} Hz · unfiltered")).to_be_visible()
        names, dark, mm = drawing(page)
        check(names, dark, mm, layout, speed, gain, SECONDS if speed < 50 else SECONDS / 2)


def check(
    names: list[dict[str, Any]], dark: NDArray[np.float64], mm: float,
    layout: str, speed: float, gain: float, shown_s: float,
) -> None:  # fmt: skip
    """Find the names and, below each, the pulses of its lead and no others; and the calibration pulse."""
    fine_s, fine_mv = max(1.2 / mm, 0.15) / speed, max(0.6 / mm, 0.1) / gain
    tops = sorted({round(name["y"]) for name in names})
    rows = [sorted((name for name in names if round(name["y"]) == top), key=lambda name: name["x"]) for top in tops]
    assert [" ".join(name["text"] for name in row) for row in rows] == SHEETS[layout]

    dark = without_letters(dark, names, mm)
    for row in rows:
        begins = np.arange(len(row) + 1) * shown_s / len(row)
        for name, begin, end in zip(row, begins[:-1], begins[1:], strict=True):
            whole_until = end - 0.04  # a pulse that the end of the panel cuts off is passed over
            seen = pulses_in(dark, mm, name, (begin, end), speed, gain)
            seen = [pulse for pulse in seen if pulse.offset_s < whole_until]
            wanted = [p for p in shown_as(name["text"]) if begin <= p.onset_s and p.offset_s < whole_until]
            assert len(seen) == len(wanted) > 0, (layout, name, seen)
            for found, pulse in zip(seen, wanted, strict=True):
                assert found.onset_s == pytest.approx(pulse.onset_s, abs=fine_s), (layout, name)
                assert found.offset_s == pytest.approx(pulse.offset_s, abs=fine_s), (layout, name)
                assert found.mv == pytest.approx(pulse.mv, abs=fine_mv), (layout, name)

    width, height = calibration(dark, mm, rows[0][0])
    assert width == pytest.approx(0.2 * speed, abs=max(1 / mm, 0.1)), layout
    assert height == pytest.approx(gain, abs=max(1 / mm, 0.1)), layout


def drawing(page: Page) -> tuple[list[dict[str, Any]], NDArray[np.float64], float]:
    """Return names with their places in mm, how dark each pixel is (0 to 1, paper and grid are 0), and pixels a mm."""
    shot = page.evaluate(PIXELS)
    pixels = np.frombuffer(base64.b64decode(shot["pixels"]), np.uint8).astype(float)
    red, green = pixels.reshape(shot["height"], shot["width"], 2).transpose(2, 0, 1)
    columns, _ = grid(red, green)
    mm = scale_of(columns)
    names = [{"text": one["text"], "x": one["x"] / mm, "y": one["y"] / mm} for one in shot["letters"]]
    return names, darkness(red), mm


def grid(red: NDArray[np.float64], green: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the strong lines of the paper, 5 mm apart, begin: the upright ones and the level ones, in pixels."""
    strong = (np.abs(red - 0xE9) < 12) & (np.abs(green - 0xA9) < 20)
    found = []
    for axis in (0, 1):
        long = np.flatnonzero(strong.sum(axis=axis) > 0.4 * strong.shape[axis])
        found.append(long[np.diff(long, prepend=-9) > 1])
    return found[0], found[1]


def scale_of(lines: NDArray[np.intp]) -> float:
    """Return the pixels a mm, measured at the strong lines."""
    return float(np.polyfit(np.arange(len(lines)), lines, 1)[0] / 5)


def darkness(red: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how dark each pixel is, from 0 (paper and grid) to 1 (ink)."""
    dark: NDArray[np.float64] = np.clip((0xE0 - red) / (0xE0 - 0x12), 0, 1)
    return dark


def trace_of(dark: NDArray[np.float64], top: int, bottom: int, left: int, right: int) -> NDArray[np.float64]:
    """Return the height of the line in each pixel column, in pixels from the top of the sheet."""
    part = dark[top:bottom, left:right]
    weight = part.sum(axis=0)
    rows = np.arange(top, bottom)[:, None] + 0.5
    with np.errstate(invalid="ignore"):
        heights: NDArray[np.float64] = (part * rows).sum(axis=0) / weight
    return np.where(weight > 0.3, heights, np.nan)


def pulses_in(
    dark: NDArray[np.float64], mm: float, name: dict[str, Any], panel: tuple[float, float], speed: float, gain: float
) -> list[Pulse]:
    """Return the pulses of the tracing that runs next below the name of a lead, in the columns of its panel."""
    below = round((name["y"] + 0.7) * mm)
    first = round((LEFT_MM[speed] + panel[0] * speed) * mm)
    here = trace_of(
        dark, below, below + round((max(gain, 5) + 4) * mm), first + round(mm), first + round(0.3 * speed * mm)
    )
    baseline = float(np.nanmedian(here))
    # Between the panels is a short upright line, 3 mm up and down: its columns are passed over.
    edge = max(3, round(0.5 * mm))
    left, right = first + edge, round((LEFT_MM[speed] + panel[1] * speed) * mm) - 2
    reach = (0.6 * gain + 0.5) * mm  # further than any pulse, and not as far as those of the next row
    top = max(0, round(baseline - reach))
    bottom = min(len(dark), round(baseline + reach))
    heights = baseline - trace_of(dark, top, bottom, left, right)
    half = 0.5 * np.nanmax(np.abs(heights))
    away = np.abs(np.nan_to_num(heights)) > half
    edges = np.flatnonzero(np.diff(away.astype(int), prepend=0, append=0)).reshape(-1, 2)
    seconds = lambda column: ((left + column) / mm - LEFT_MM[speed]) / speed  # noqa: E731
    return [Pulse(seconds(a), seconds(b), height_of(heights[a:b]) / mm / gain) for a, b in edges]


def without_letters(dark: NDArray[np.float64], names: list[dict[str, Any]], mm: float) -> NDArray[np.float64]:
    """Return the picture with the place of each name blank: no tracing may be there, or it is missed."""
    bare = dark.copy()
    for name in names:
        x, y = name["x"] * mm, name["y"] * mm
        bare[round(y - 3.6 * mm) : round(y + 0.9 * mm), round(x) : round(x + 9 * mm)] = 0
    return bare


def height_of(plateau: NDArray[np.float64]) -> float:
    """Return the height of a pulse without its edges; a speck of a pixel or two has none."""
    return float(np.median(plateau[2:-2])) if len(plateau) > 4 else np.nan


def calibration(dark: NDArray[np.float64], mm: float, name: dict[str, Any]) -> tuple[float, float]:
    """Return width and height in mm of the pulse at the left of the first row, from its pixels."""
    room = dark[:, : round((name["x"] - 1.1) * mm)]
    parts, _ = ndimage.label(room > 0.3, np.ones((3, 3)))
    rows, columns = np.nonzero(parts == 1)  # the uppermost
    plateau = columns[rows <= rows.min() + 1]
    middle = (plateau.min() + plateau.max()) // 2
    line = np.count_nonzero(parts[:, middle] == 1)  # its width: lengths go from middle to middle
    return (np.ptp(plateau) + 1 - line) / mm, (np.ptp(rows) + 1 - line) / mm


# What is written on a sheet, since it was last filled with paper.
REMEMBER_LETTERS = """(() => {
  const { fillText, fillRect } = CanvasRenderingContext2D.prototype;
  window.letters = [];
  CanvasRenderingContext2D.prototype.fillRect = function (x, y, width, height) {
    if (x === 0 && y === 0 && width === this.canvas.width && height === this.canvas.height) window.letters = [];
    return fillRect.call(this, x, y, width, height);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    window.letters.push({ text, x, y });
    return fillText.call(this, text, x, y);
  };
})()"""

PIXELS = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const canvas = document.querySelector("canvas");
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let bytes = "";
  for (let i = 0; i < data.length; i += 4) bytes += String.fromCharCode(data[i], data[i + 1]);
  return { width, height, pixels: btoa(bytes), letters: window.letters };
}"""
