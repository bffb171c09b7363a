"""Put probes of CardX (lines of `cardx_probe`) into docs/results.json, and write docs/results.md anew.

A probe of a title that is there already takes its place; the others stay.

python -m bench.cardx_results PROBES.jsonl NAME=LABELS:PASSES:TITLE ...
"""

import json
import sys
from pathlib import Path

from bench.zoo_page import render

DOCS = Path(__file__).parents[1] / "docs"


def main(path: Path, titles: dict[str, tuple[str, int, str]]) -> None:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    results = json.loads((DOCS / "results.json").read_text())
    found = {one["name"]: one for one in results["probes"]}
    for name, (labels, passes, title) in titles.items():
        for line in lines:
            if line["name"] == name:
                probe = {
                    test: {n: [round(value, 4) for value in each] for n, each in by_n.items()}
                    for test, by_n in line["probe"].items()
                }
                bounds = {test: [round(value, 4) for value in both] for test, both in line["intervals"].items()}
                found[title] = {"name": title, "labels": labels, "passes": passes, "probe": probe, "intervals": bounds}
    results["probes"] = list(found.values())
    (DOCS / "results.json").write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    (DOCS / "results.md").write_text(render(results))


if __name__ == "__main__":
    said = {}
    for part in sys.argv[2:]:
        key, _, rest = part.partition("=")
        labels, passes, title = rest.split(":", 2)
        said[key] = (labels, int(passes), title)
    main(Path(sys.argv[1]), said)
