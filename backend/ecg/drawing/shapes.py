"""What a drawing is made of: lines and letters, all in millimetres from the upper left corner of a sheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Anchor = Literal["start", "middle", "end"]
Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points (n, 2), n ≥ 2; `kind` tells tracing, pulse and grid apart, `name` the lead."""

    points: Points
    width: float
    colour: str
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Letters:
    """A line of text whose letters are `size` mm high; (x, y) is where it is anchored on its base line."""

    text: str
    x: float
    y: float
    size: float
    anchor: Anchor = "start"
    bold: bool = False
    colour: str = "#000000"


@dataclass(eq=False)
class Drawing:
    """A sheet of so many millimetres with lines, drawn in their order, and letters on top of them."""

    width: float
    height: float
    title: str
    lines: list[Line] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)

    def line(
        self, points: Sequence[tuple[float, float]] | Points, width: float, colour: str, kind: str = "", name: str = ""
    ) -> None:
        """Add a line."""
        self.lines.append(Line(np.asarray(points, np.float64), width, colour, kind, name))

    def text(
        self, text: str, x: float, y: float, size: float, *, anchor: Anchor = "start", bold: bool = False,
        colour: str = "#000000",
    ) -> None:  # fmt: skip
        """Add letters; an empty text adds none."""
        if text:
            self.letters.append(Letters(text, x, y, size, anchor, bold, colour))
