"""An ECG on a sheet of paper, true to scale: 1 mm of the drawing is 1 mm of A4 or Letter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.ecg.drawing.layout import (
    INVERTED,
    LAYOUTS,
    PAPERS,
    LayoutName,
    Orientation,
    Panel,
    Paper,
    baselines,
    panels,
)
from backend.ecg.drawing.shapes import Drawing
from backend.ecg.drawing.tracing import strokes
from backend.ecg.errors import UnwritableError
from backend.ecg.leads import LEADS

SPEEDS: Final = (12.5, 25.0, 50.0)  # mm/s
GAINS: Final = (2.5, 5.0, 10.0, 20.0)  # mm/mV
RESEARCH: Final = "For research use only. Not a medical device; not for diagnosis or treatment."
PULSE_S: Final = 0.2
_MARGIN = 6.0  # mm to the edge of the paper, which no printer reaches
_LETTERS, _LINE = 2.8, 4.2  # mm: height of letters, and from line to line
_NAME_SIZE, _NAME_ROOM = 3.1, 4.5
_WIDE = 2.5  # mm that a sign takes at most, on average
_FOOT = 1.0  # mm on either side of the calibration pulse
_GAP = 1.5  # mm that stay free between rows
_LEAST = 5.0  # mm that a row has at least, above and below its base line
_LONGEST = 10.0  # s on a sheet
_TRACE, _INK, _TEXT = 0.28, "#12181f", "#3b4650"
_FINE, _BOLD = ("#f7dad5", 0.1), ("#e9a9a0", 0.18)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """How an ECG is drawn; `gain` None takes the largest usual one at which the rows keep clear of each other.

    `start` is in s from the begin of the recording. Raises UnwritableError for what is not to be had.
    """

    paper: Paper = "a4"
    orientation: Orientation = "landscape"
    layout: LayoutName = "3x4+1"
    speed: float = 25.0
    gain: float | None = None
    start: float = 0.0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("paper", self.paper, tuple(PAPERS)), ("orientation", self.orientation, ("landscape", "portrait")),
            ("layout", self.layout, tuple(LAYOUTS)), ("speed", self.speed, SPEEDS), ("gain", self.gain, (None, *GAINS)),
        ):  # fmt: skip
            if value not in known:
                choices = ", ".join("none" if one is None else str(one) for one in known)
                raise UnwritableError(f"The {what} {value!r} of a drawing is not known. Choose one of {choices}.")
        if not np.isfinite(self.start) or self.start < 0:
            raise UnwritableError("A drawing begins at the start of the recording or later: give seconds from 0 on.")


@dataclass(frozen=True, kw_only=True)
class Legend:
    """What is written around the tracing: lines at the top, left and right, and what was done to the signal."""

    title: str
    top: Sequence[tuple[str, str]] = ()
    measurements: str = ""
    filters: str = "unfiltered"
    derived: Sequence[str] = field(default=())
    missing: Sequence[str] = field(default=())


def draw(signal: NDArray[np.float32], rate: float, unit: str, legend: Legend, sheet: Sheet) -> Drawing:
    """Draw a signal (12, n), leads in the order of `LEADS`, in mV or ("arbitrary") without a scale, at `rate` Hz.

    As many seconds are drawn as fit the width, ten at most. Each lead is centred on its median. A signal without a
    scale is drawn to fit and says so. Layouts are those of clinical use; speed and gain as in Kligfield et al. 2007
    (doi:10.1161/CIRCULATIONAHA.106.180200): 25 mm/s and 10 mm/mV, with a pulse of 1 mV and 200 ms.
    """
    short, long = PAPERS[sheet.paper]
    width, height = (long, short) if sheet.orientation == "landscape" else (short, long)
    drawing = Drawing(width, height, legend.title)
    left = _MARGIN + PULSE_S * sheet.speed + 4 * _FOOT
    duration = signal.shape[1] / rate
    fitting = int((width - _MARGIN - left) / sheet.speed * 2 + 1e-6) / 2
    seconds = min(fitting, _LONGEST, duration)
    start = max(0.0, min(sheet.start, duration - seconds))
    top = _MARGIN + _LINE * (len(legend.top) + bool(legend.measurements)) + 1
    bottom = height - _MARGIN - 3 * _LINE
    right = left + max(seconds, 1.0) * sheet.speed + _FOOT
    placed = panels(LAYOUTS[sheet.layout], left, seconds, sheet.speed)
    centred = _shown(signal, placed)
    gain, rows = _gain_and_rows(centred, placed, start, rate, unit, sheet, bottom - top)
    _grid(drawing, _MARGIN, top, right, bottom)
    if unit == "mV":
        _pulses(drawing, [top + row for row in rows], gain, sheet.speed)
    for panel in placed:
        y = top + rows[panel.row]
        name = panel.lead.removeprefix("-")
        said = " (missing)" if name in legend.missing else " (derived)" if name in legend.derived else ""
        begin = int(np.ceil((start + panel.start) * rate - 1e-6))
        end = int(np.ceil((start + panel.start + panel.seconds) * rate - 1e-6))
        samples = centred[panel.lead][begin:end]
        x0 = panel.x + (begin / rate - start - panel.start) * sheet.speed
        for points in strokes(samples, x0, sheet.speed / rate, y, gain):
            drawing.line(points, _TRACE, _INK, "tracing", panel.lead)
        words = f"{panel.lead}{said}"
        below = samples[: int((2 + _WIDE * len(words)) / sheet.speed * rate) + 1]
        reach = float(np.nanmax(below, initial=0.0)) * gain
        drawing.text(words, panel.x + 1, y - max(reach, 2) - 1, _NAME_SIZE, bold=True, colour=_TEXT)
        if panel.start > 0:
            drawing.line([(panel.x, y - 3), (panel.x, y + 3)], 0.2, "#8b98a3", "separator")
    amplitude = f"{gain:g} mm/mV" if unit == "mV" else "amplitude scaled to fit, no mV scale"
    part = f"{start:.1f}–{start + seconds:.1f} s of {duration:.1f} s"
    _legend(drawing, legend, f"{sheet.speed:g} mm/s · {amplitude} · {rate:g} Hz · {legend.filters}", part, bottom)
    return drawing


def _shown(signal: NDArray[np.float32], placed: Sequence[Panel]) -> dict[str, NDArray[np.float32]]:
    """Return the samples of each lead that is drawn, around its median; -aVR is the inverse of aVR."""
    found = {}
    for lead in {panel.lead for panel in placed}:
        samples = -signal[LEADS.index("aVR")] if lead == INVERTED else signal[LEADS.index(lead)]
        finite = samples[np.isfinite(samples)]
        found[lead] = samples - (np.median(finite) if len(finite) else 0)
    return found


def _gain_and_rows(
    centred: dict[str, NDArray[np.float32]], placed: Sequence[Panel], start: float, rate: float, unit: str,
    sheet: Sheet, height: float,
) -> tuple[float, list[float]]:  # fmt: skip
    """Return mm a unit, and where each row stands below the top: clear of each other wherever they fit.

    Rows of a gain that was asked for and does not fit stand evenly, and reach into each other as on a recorder.
    """
    n = LAYOUTS[sheet.layout].n_rows
    up, down = np.zeros(n), np.zeros(n)
    for panel in placed:
        part = slice(int((start + panel.start) * rate), int(np.ceil((start + panel.start + panel.seconds) * rate)))
        samples = centred[panel.lead][part]
        up[panel.row] = max(up[panel.row], np.nanmax(samples, initial=0))
        down[panel.row] = max(down[panel.row], np.nanmax(-samples, initial=0))
    gains: Sequence[float] = (sheet.gain,) if sheet.gain else tuple(one for one in reversed(GAINS) if one <= 10)
    if unit != "mV":
        most = height - n * _NAME_ROOM - _GAP * (n - 1)
        gains = (0.98 * most / max(float((up + down).sum()), 1e-9),)
    for gain in gains:
        tallest = np.maximum(up * gain, gain if unit == "mV" else 0)
        needs = [(max(u, _LEAST) + _NAME_ROOM, max(d * gain, _LEAST / 2)) for u, d in zip(tallest, down, strict=True)]
        rows = baselines(needs, height, _GAP)
        if rows is not None:
            return gain, rows
    return gains[-1], [(row + 0.5) * height / n for row in range(n)]


def _grid(drawing: Drawing, x0: float, y0: float, x1: float, y1: float) -> None:
    """Draw squares of 1 mm and, stronger, of 5 mm."""
    for (colour, width), bold in ((_FINE, False), (_BOLD, True)):
        for n in range(int(x1 - x0) + 1):
            if (n % 5 == 0) is bold:
                drawing.line([(x0 + n, y0), (x0 + n, y1)], width, colour, "grid")
        for n in range(int(y1 - y0) + 1):
            if (n % 5 == 0) is bold:
                drawing.line([(x0, y0 + n), (x1, y0 + n)], width, colour, "grid")


def _pulses(drawing: Drawing, rows: Sequence[float], gain: float, speed: float) -> None:
    """Draw the pulse of 1 mV and 200 ms at the left of each row."""
    x, width = _MARGIN + _FOOT, PULSE_S * speed
    for y in rows:
        corners = [(x, y), (x + _FOOT, y), (x + _FOOT, y - gain), (x + _FOOT + width, y - gain)]
        drawing.line([*corners, (x + _FOOT + width, y), (x + 2 * _FOOT + width, y)], _TRACE, _INK, "pulse")


def _legend(drawing: Drawing, legend: Legend, caption: str, part: str, bottom: float) -> None:
    """Write what is to be known of the ECG above the paper, and how it is drawn below."""
    right = drawing.width - _MARGIN
    y = _MARGIN + _LETTERS
    for number, (one, other) in enumerate(legend.top):
        drawing.text(_cut(one, right - _MARGIN - _WIDE * len(other)), _MARGIN, y, _LETTERS, bold=number == 0)
        drawing.text(other, right, y, _LETTERS, anchor="end")
        y += _LINE
    drawing.text(legend.measurements, _MARGIN, y, _LETTERS)
    drawing.text(caption, _MARGIN, bottom + _LINE, _LETTERS)
    drawing.text(part, right, bottom + _LINE, _LETTERS, anchor="end")
    drawing.text(RESEARCH, _MARGIN, bottom + 2 * _LINE, _LETTERS)
    x = right - 50
    drawing.text("This bar is 50 mm", x - 2, bottom + 3 * _LINE, _LETTERS, anchor="end")
    y = bottom + 3 * _LINE - 1
    for points in ([(x, y), (right, y)], [(x, y - 1), (x, y + 1)], [(right, y - 1), (right, y + 1)]):
        drawing.line(points, 0.2, "#000000", "ruler")


def _cut(text: str, mm: float) -> str:
    """Return text that is no wider than `mm`: of a long path its end, which tells files apart."""
    most = max(12, int(mm / _WIDE))
    return text if len(text) <= most else f"…{text[-most + 1 :]}"
