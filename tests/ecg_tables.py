"""Tables of numbers as text, and reading them back."""

import numpy as np

from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read

MV = ReadOptions(rate=500, units_per_mv=1)


def one(text: str | bytes, options: ReadOptions | None = MV, limits: Limits | None = None, name: str = "a.csv"):
    data = text.encode() if isinstance(text, str) else text
    (recording,) = read(FileSet((SourceFile(name, data),)), options, limits)
    return recording


def ecg(n: int = 40, decimals: int = 3, seed: int = 0) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(0, 0.7, (12, n)), decimals)


def table(
    columns: np.ndarray,
    header: list[str] | None = list(LEADS),  # noqa: B006
    separator: str = ",",
    decimal: str = ".",
    end: str = "\n",
) -> str:
    lines = [] if header is None else [separator.join(header)]
    lines += [separator.join(f"{value:.3f}".replace(".", decimal) for value in row) for row in columns]
    return end.join(lines) + end
