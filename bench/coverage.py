"""How often each 95 % interval holds the truth, by simulation; writes the tables of docs/statistics.md.

    make bench-coverage      or      python -m bench.coverage [--tables 400] [--jobs 2] [--print]

Tables of records are drawn from populations whose true values are known, evaluated as any others are, and it is counted
how often an interval holds the truth and how often a number is withheld. All kinds of draws are hard: few records, few
of them with the label; patients with three records each, or with one to sixty, which resemble each other (intraclass
correlation 0.5).
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from bench.coverage_draws import MOST_RECORDS, PREVALENCES, UNEVEN, Population, Values

SIZES = (50, 100, 300)
A_PATIENT = (1, 3, UNEVEN)
PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = ("<!-- coverage: written by bench/coverage.py -->\n", "<!-- end of coverage -->")
RARELY = 0.5  # a number that fewer tables give than this is mostly withheld
HELD = (0.93, 0.98)

Counts = Mapping[str, list[int]]  # measure -> [intervals that hold the truth, intervals, numbers there could be]


def cell(job: tuple[str, int, int, float, int]) -> dict[str, list[int]]:
    """Return the counts of one kind of draw."""
    kind, n, per, prevalence, tables = job
    drawn = (Population(prevalence, per) if kind == "labels" else Values(per)).tables(n, tables)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, estimate, truth in drawn:
        count = found[name]
        count[2] += 1
        if estimate.low is not None and estimate.high is not None:
            count[0] += estimate.low <= truth <= estimate.high
            count[1] += 1
    return dict(found)


def jobs(tables: int) -> Iterator[tuple[str, int, int, float, int]]:
    for per in A_PATIENT:
        for n in SIZES:
            for prevalence in PREVALENCES:
                yield "labels", n, per, prevalence, tables
            yield "values", n, per, 0.0, 3 * tables


def table(found: Mapping[tuple[str, int, int, float, int], Counts], kind: str) -> list[str]:
    """Return a table: a row a draw, a column a measure, in it the share of intervals that hold the truth."""
    names = list(dict.fromkeys(name for job, counts in found.items() if job[0] == kind for name in counts))
    labels = kind == "labels"
    head = ["records", *(["with the label"] if labels else []), "drawn by", *names]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for (of, n, per, prevalence, _), counts in found.items():
        if of == kind:
            drawn = {1: "record", UNEVEN: f"patient, 1 to {MOST_RECORDS}"}.get(per, f"patient, {per} each")
            first = [str(n), *([f"{prevalence:.0%}"] if labels else []), drawn]
            lines.append(f"| {' | '.join(first + [share(counts.get(name, [0, 0, 1])) for name in names])} |")
    return lines


def share(count: list[int]) -> str:
    """Return "95.1"; the share withheld in brackets where that is most; "–" where all are."""
    held, given, there = count
    if not given:
        return "–"
    text = f"{100 * held / given:.1f}"
    return f"({text}; {given / there:.0%} given)" if given < RARELY * there else text


def outside(found: Mapping[tuple[str, int, int, float, int], Counts]) -> list[str]:
    """Return what does not hold as often as it should, of what is given in half of the tables or more."""
    lines = []
    for (_, n, per, prevalence, _), counts in found.items():
        for name, (held, given, there) in counts.items():
            if given >= RARELY * there and not HELD[0] <= held / given <= HELD[1]:
                of = f", {prevalence:.0%} with it" if prevalence else ""
                by = {1: "by record", UNEVEN: f"1 to {MOST_RECORDS} a patient"}.get(per, f"{per} a patient")
                lines.append(f"{name} (n = {n}{of}, {by}) {100 * held / given:.1f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=400, help="drawn for each row")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--print", action="store_true", help="write nothing")
    given = parser.parse_args()
    todo = list(jobs(given.tables))
    with ProcessPoolExecutor(given.jobs) as pool:
        found = dict(zip(todo, pool.map(cell, todo), strict=True))
    lines = [*table(found, "labels"), "", *table(found, "values")]
    lines += ["", f"{given.tables:,} tables a row. Outside 93 to 98 % lie: {'; '.join(outside(found)) or 'none'}."]
    print("\n".join(lines))
    if not given.print:
        before, _, rest = PAGE.read_text().partition(MARKS[0])
        _, _, after = rest.partition(MARKS[1])
        PAGE.write_text(before + MARKS[0] + "\n".join(lines) + "\n" + MARKS[1] + after)


if __name__ == "__main__":
    main()
