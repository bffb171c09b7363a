"""How the shell says what a cross-validated training told wrongly."""

from backend.counted import counted
from backend.services.out_of_fold_cells import Mistakes


def lines(found: Mistakes, run_id: str) -> list[str]:
    """Return how many recordings were told wrongly, each kind of mistake, and how its recordings are listed."""
    if not found.n:
        return []
    out = [f"  Told wrongly by models that had not seen them: {found.n_wrong} of {counted(found.n, 'recording')}"]
    for one in found.mistakes:
        what = f"predicted as {one.predicted_label}" if one.predicted_label else str(one.cell).replace("_", " ")
        out.append(f"    {one.label}, {what}: {one.n}")
    if found.mistakes:
        first = found.mistakes[0]
        how = f'--predicted-label "{first.predicted_label}"' if first.predicted_label else f"--cell {first.cell}"
        out.append(f'    List them: exchangeai recordings --run {run_id} --evaluated-label "{first.label}" {how}')
    return out
