"""How the shell shows what was found on each source."""

from collections.abc import Sequence

from backend.counted import counted
from backend.ml.evaluation.by_source import SourceScore


def lines(by: str, each: Sequence[SourceScore], titles: Sequence[str] = ()) -> list[str]:
    """Return the scores of each source as lines for the shell; `titles` are those of the candidates, if several."""
    out = []
    for one in each:
        called = one.name if one.name is not None else f"{one.n_sources} small ones together"
        n, patients = counted(one.n, "recording"), counted(one.n_patients, "patient")
        out.append(f"  {by} {called}: {n} of {patients}; {', '.join(one.labels) or 'no label'}")
        for place, score in enumerate(one.scores):
            told = score.withheld or "no score" if score.value is None else f"{score.value:.3f}"
            told += "" if score.low is None or score.high is None else f" ({score.low:.3f} to {score.high:.3f})"
            out.append(f"    {f'{titles[place]}: ' if titles else ''}{told}")
    return out
