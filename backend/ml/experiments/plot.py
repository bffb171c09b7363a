"""The result of an experiment as one SVG file: macro-AUROC of each arm with its interval, a panel a test."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from backend.ml.experiments.report import Line, estimate, groups

PANEL, HEIGHT, LEFT, TOP, ROW = 300, 260, 46, 26, 18
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a", "#bf3989", "#0a7ea4")


def svg(lines: Sequence[Line], title: str) -> str:
    """Return the plot. With several numbers of labelled ECGs these are the x axis, else arms stand side by side."""
    tests, arms = list(lines[0]["tests"]), list(dict.fromkeys(line["arm"] for line in lines))
    sizes = sorted({line["n"] for line in lines})
    found = {(n, arm, test): estimate(some, test, "macro_auroc")
             for (n, arm), some in groups(lines).items() for test in tests}  # fmt: skip
    shown = [value for one in found.values() if one for value in one[2:]]
    low, high = (np.floor(min(shown) * 20) / 20, np.ceil(max(shown) * 20) / 20) if shown else (0.5, 1.0)
    if low == high:
        low, high = low - 0.05, high + 0.05
    width, height = PANEL * len(tests) + 20, TOP + HEIGHT + 40 + ROW * len(arms)

    def y(value: float) -> float:
        return TOP + 14 + (HEIGHT - 20) * (high - value) / (high - low)

    def x(panel: int, n: int, arm: int) -> float:
        inside = PANEL - LEFT - 24
        place = sizes.index(n) / max(1, len(sizes) - 1) if len(sizes) > 1 else 0.5
        shift = (arm - (len(arms) - 1) / 2) * (5 if len(sizes) > 1 else inside / len(arms))
        margin = 14 if len(sizes) > 1 else 0
        return panel * PANEL + LEFT + margin + place * (inside - 2 * margin) + shift

    def parts() -> Iterator[str]:
        yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
               f'font-size="11" role="img" aria-label="{escape(title)}">')  # fmt: skip
        yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        for panel, test in enumerate(tests):
            at = panel * PANEL + LEFT
            yield f'<text x="{at}" y="{TOP - 8}" font-weight="bold">{escape(test)}: macro-AUROC</text>'
            for tick in np.arange(low, high + 1e-9, 0.05):
                yield f'<path d="M{at} {y(tick):.1f}H{at + PANEL - LEFT - 20}" stroke="#d0d7de"/>'
                yield f'<text x="{at - 5}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.2f}</text>'
            for n in sizes if len(sizes) > 1 else ():
                where = x(panel, n, 0) + (len(arms) - 1) / 2 * 5
                yield f'<text x="{where:.1f}" y="{TOP + HEIGHT + 14}" text-anchor="middle">{n:,}</text>'
            for i, arm in enumerate(arms):
                colour, points = COLOURS[i % len(COLOURS)], []
                for n in sizes:
                    if one := found.get((n, arm, test)):
                        across = x(panel, n, i)
                        points.append(f"{across:.1f},{y(one[0]):.1f}")
                        yield f'<path d="M{across:.1f} {y(one[2]):.1f}V{y(one[3]):.1f}" stroke="{colour}"/>'
                        yield f'<circle cx="{across:.1f}" cy="{y(one[0]):.1f}" r="3.5" fill="{colour}"/>'
                yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>'
        for i, arm in enumerate(arms):
            down = TOP + HEIGHT + 34 + ROW * i
            yield f'<circle cx="{LEFT}" cy="{down - 4}" r="4" fill="{COLOURS[i % len(COLOURS)]}"/>'
            yield f'<text x="{LEFT + 10}" y="{down}">{escape(arm)}</text>'
        yield "</svg>"

    return "\n".join(parts()) + "\n"
