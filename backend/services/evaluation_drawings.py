"""Curves and histograms of an evaluation as SVG, for a report that needs nothing but itself."""

from collections.abc import Sequence
from html import escape

from backend.services.evaluation_numbers import per_cent

Points = Sequence[Sequence[float]]

SIDE, LEFT, BELOW = 300, 46, 40
_COLOURS = ("#0c6f7d", "#b5651d", "#6c4ab6", "#2e7d4f", "#a3211a", "#47525c")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


def curves(lines: Sequence[tuple[str, Points]], along: str, up: str, *, chance: bool = False) -> str:
    """Draw named curves of points (x, y), both from 0 to 1, with their names below."""
    drawn = [f'<line class="chance" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'] if chance else []
    names = []
    for number, (name, points) in enumerate(lines):
        look = f'stroke="{_COLOURS[number % len(_COLOURS)]}" stroke-dasharray="{_DASHES[number % len(_DASHES)]}"'
        places = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        drawn.append(f'<polyline fill="none" stroke-width="1.6" {look} points="{places}"/>')
        names.append(
            f'<li><svg width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" stroke-width="2" '
            f"{look}/></svg> {escape(name)}</li>"
        )
    return f'<figure>{_frame("".join(drawn), along, up)}<ul class="names">{"".join(names)}</ul></figure>'


def outputs(name: str, present: Sequence[float], absent: Sequence[float], threshold: float) -> str:
    """Draw shares of the outputs in equal stretches from 0 to 1, of those with and those without a label."""
    highest = max([*present, *absent, 1e-9])
    width = (_x(1) - _x(0)) / len(present)
    bars = []
    for shares, look in ((absent, 'fill="#b9c1c8"'), (present, 'fill="#b5651d" fill-opacity="0.55"')):
        for number, share in enumerate(shares):
            height = (_y(0) - _y(1)) * share / highest
            bars.append(
                f'<rect {look} x="{_x(0) + number * width:.1f}" y="{_y(0) - height:.1f}" width="{width:.1f}" '
                f'height="{height:.1f}"/>'
            )
    line = f'<line class="threshold" x1="{_x(threshold):.1f}" y1="{_y(0)}" x2="{_x(threshold):.1f}" y2="{_y(1)}"/>'
    caption = f"{escape(name)}: without it grey, with it brown; the line is the threshold {per_cent(threshold)}."
    drawn = _frame("".join(bars) + line, "output", f"share, up to {highest:.0%}")
    return f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"


def _frame(inside: str, along: str, up: str) -> str:
    ticks = "".join(
        f'<text x="{_x(k / 4)}" y="{_y(0) + 15}" text-anchor="middle">{k / 4:g}</text>'
        f'<line class="grid" x1="{_x(k / 4)}" y1="{_y(0)}" x2="{_x(k / 4)}" y2="{_y(1)}"/>'
        for k in range(5)
    )
    middle = _y(0.5)
    return (
        f'<svg viewBox="0 0 {SIDE + LEFT + 12} {SIDE + BELOW + 8}" role="img" aria-label="{escape(up)} by '
        f'{escape(along)}"><rect class="frame" x="{_x(0)}" y="{_y(1)}" width="{SIDE}" height="{SIDE}"/>{ticks}{inside}'
        f'<text x="{_x(0.5)}" y="{SIDE + BELOW}" text-anchor="middle">{escape(along)}</text>'
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(up)}</text></svg>'
    )


def _x(value: float) -> float:
    return LEFT + SIDE * value


def _y(value: float) -> float:
    return 8 + SIDE * (1 - value)
