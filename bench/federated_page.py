"""The tables of docs/exchange.md that `federated.py` makes of docs/federated.json."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "exchange.md"
BEGIN, END = "<!-- bench/federated.py writes from here -->\n", "<!-- to here -->\n"
Run = Mapping[str, Any]
DEFENCES = {"undefended": "none", "clipped": "clipped", "guarded": "clipped, odd ones left out"}
SHORT = 5  # rounds
HONEST = ("simulated", "undefended")
POISONS = {"scaled": "weights × 100", "flipped": "labels turned around"}


def write_page(results: Mapping[str, Run]) -> None:
    """Write the tables between their marks."""
    text = PAGE.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(head + BEGIN + render(results) + END + tail)


def render(results: Mapping[str, Run]) -> str:
    """Return the tables; runs that were not made are left out."""
    runs = {key.partition("/")[0]: run for key, run in sorted(results.items(), reverse=True)}  # seed 1 counts
    parts = [_simulated(runs), _poisoned(runs), _real(runs), _noise(runs)]
    return "\n".join(part for part in parts if part)


def _simulated(runs: Mapping[str, Run]) -> str:
    pooled = runs.get("simulated pooled")
    if pooled is None:
        return ""
    rows = {"pooled: all ECGs in one place": pooled}
    rows |= {"federated, nothing clipped": runs["simulated federated"]} if "simulated federated" in runs else {}
    rows |= {"federated, clipped, odd ones left out": runs["simulated guarded"]} if "simulated guarded" in runs else {}
    best = _last(pooled, "fold 9")[0]
    lines = [_sites(pooled, ("NORM", "MI", "STTC", "CD")), "| simulated sites | macro-F1 | of pooled | macro-AUROC |"]
    lines.append("|---|---|---|---|")
    for name, run in rows.items():
        f1, auroc = _last(run, "fold 9")
        lines.append(f"| {name} | {f1:.3f} | {f1 / best:.1%} | {auroc:.3f} |")
    for site, row in runs.get("simulated alone", {}).get("alone", {}).items():
        f1, auroc = row["fold 9"]
        lines.append(f"| site {site} alone | {f1:.3f} | {f1 / best:.1%} | {auroc:.3f} |")
    return "\n".join(lines) + "\n"


def _poisoned(runs: Mapping[str, Run]) -> str:
    lines = [
        "| site C, after five rounds | defence | macro-F1 | macro-AUROC | rounds in which C was left out |",
        "|---|---|---|---|---|",
    ]
    for poison, said in {"simulated": "honest", **POISONS}.items():
        for defence, words in DEFENCES.items():
            run = runs.get("simulated federated" if (poison, defence) == HONEST else f"{poison} {defence}")
            if run is None:
                continue
            f1, auroc = next(row["fold 9"] for row in run["curve"] if row["round"] == SHORT)
            fates = run["fates"][:SHORT]
            out = sum(bool(fate["C"]["left_out"]) for fate in fates)
            others = sum(bool(fate[site]["left_out"]) for fate in fates for site in fate if site != "C")
            wrongly = f"; honest ones {others} times" if others else ""
            lines.append(f"| {said} | {words} | {f1:.3f} | {auroc:.3f} | {out} of {len(fates)}{wrongly} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def _real(runs: Mapping[str, Run]) -> str:
    pooled = runs.get("real pooled")
    if pooled is None:
        return ""
    tests = ("LUDB", "Chapman", "fold 9")
    lines = [_sites(pooled, ("NORM", "STTC", "CD"))]
    lines.append("| real sites | " + " | ".join(f"{test}: macro-F1 | macro-AUROC" for test in tests) + " |")
    lines.append("|---" * (1 + 2 * len(tests)) + "|")
    rows: dict[str, Mapping[str, Any]] = {"pooled": pooled["curve"][-1]}
    if "real federated" in runs:
        rows["federated"] = runs["real federated"]["curve"][-1]
    rows |= {f"{site} alone": row for site, row in runs.get("real alone", {}).get("alone", {}).items()}
    for name, row in rows.items():
        cells = " | ".join(f"{row[test][0]:.3f} | {row[test][1]:.3f}" for test in tests)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines) + "\n"


def _noise(runs: Mapping[str, Run]) -> str:
    noisy = [(float(name.split()[1]), run) for name, run in runs.items() if name.startswith("noise ")]
    if not noisy:
        return ""
    lines = ["| noise at the sites (in sensitivities) | ε after five rounds, δ = 1e-5 | macro-F1 | macro-AUROC |"]
    lines.append("|---|---|---|---|")
    for noise, run in sorted(noisy):
        f1, auroc = _last(run, "fold 9")
        epsilon = run.get("epsilon", float("inf"))
        told = f"{epsilon:,.0f}" if epsilon < 1e6 else "above a million"
        lines.append(f"| {noise:g} | {told} | {f1:.3f} | {auroc:.3f} |")
    return "\n".join(lines) + "\n"


def _sites(run: Run, labels: Sequence[str]) -> str:
    said = []
    for name, site in run["sites"].items():
        shares = ", ".join(f"{label} {n / site['n']:.0%}" for label, n in zip(labels, site["labels"], strict=True))
        said.append(f"{name}: {site['n']:,} ECGs ({shares})")
    return f"Sites: {'; '.join(said)}.\n"


def _last(run: Run, test: str) -> tuple[float, float]:
    f1, auroc = run["curve"][-1][test]
    return f1, auroc
