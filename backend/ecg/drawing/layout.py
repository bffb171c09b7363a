"""Where each lead stands on the sheet. Lengths are millimetres of paper, times seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from backend.ecg.leads import LEADS

Paper = Literal["a4", "letter"]
Orientation = Literal["landscape", "portrait"]
LayoutName = Literal["3x4", "3x4+1", "3x4+3", "6x2", "12x1", "cabrera"]

PAPERS: Final[Mapping[Paper, tuple[float, float]]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
INVERTED: Final = "-aVR"  # what the Cabrera order shows in the place between I and II
_CABRERA = ("aVL", "I", INVERTED, "II", "aVF", "III", *LEADS[6:])


@dataclass(frozen=True)
class Layout:
    """Columns of leads that follow each other in time, and leads below that run through the whole width."""

    columns: Sequence[Sequence[str]]
    rhythm: Sequence[str] = ()

    @property
    def n_rows(self) -> int:
        """Rows of tracings, one below the other."""
        return len(self.columns[0]) + len(self.rhythm)


def _by(rows: int) -> list[Sequence[str]]:
    return [LEADS[start : start + rows] for start in range(0, len(LEADS), rows)]


LAYOUTS: Final[Mapping[LayoutName, Layout]] = {
    "3x4": Layout(_by(3)),
    "3x4+1": Layout(_by(3), ("II",)),
    "3x4+3": Layout(_by(3), ("V1", "II", "V5")),
    "6x2": Layout(_by(6)),
    "12x1": Layout([LEADS]),
    "cabrera": Layout([_CABRERA[:6], _CABRERA[6:]]),
}


@dataclass(frozen=True)
class Panel:
    """Where a lead is drawn: in its row from `x` mm on, `seconds` s from `start` of the window on."""

    lead: str
    row: int
    x: float
    start: float
    seconds: float


def panels(layout: Layout, left: float, seconds: float, speed: float) -> list[Panel]:
    """Return the panels of a window of `seconds` at `speed` mm/s, whose tracings begin at `left` mm."""
    each = seconds / len(layout.columns)
    found = [
        Panel(lead, row, left + column * each * speed, column * each, each)
        for column, leads in enumerate(layout.columns)
        for row, lead in enumerate(leads)
    ]
    first = len(layout.columns[0])
    return found + [Panel(lead, first + row, left, 0.0, seconds) for row, lead in enumerate(layout.rhythm)]


def baselines(needs: Sequence[tuple[float, float]], height: float, gap: float) -> list[float] | None:
    """Return how far below the top of `height` mm each row stands, so that no row reaches into another.

    `needs` are, for each row, the mm that its tracings go up and down from there; `gap` mm stay free between rows.
    What is left over is shared out evenly. None where the rows do not fit.
    """
    wanted = sum(up + down for up, down in needs) + gap * (len(needs) - 1)
    if wanted > height:
        return None
    share = (height - wanted) / len(needs)
    found, y = [], 0.0
    for up, down in needs:
        found.append(y + share / 2 + up)
        y += share + up + down + gap
    return found
