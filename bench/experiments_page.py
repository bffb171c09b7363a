"""Put runs of `exchangeai experiment` into docs/experiments.json, and write docs/experiments.md and its plots anew.

Without a folder the page is written from what is there. Runs that are there already stay, others are added.

    python -m bench.experiments_page [FOLDER/runs.jsonl ...]
"""

import json
import sys
from pathlib import Path
from typing import Any

from backend.ml.experiments.plot import svg
from backend.ml.experiments.register import EXPERIMENTS
from backend.ml.experiments.report import EXPLAINED, markdown

DOCS = Path(__file__).parents[1] / "docs"
RESULTS, PAGE, PLOTS = DOCS / "experiments.json", DOCS / "experiments.md", DOCS / "images"
HEAD = Path(__file__).with_name("experiments_page.md")


def render(lines: list[dict[str, Any]]) -> str:
    """Return the page: what was asked and run, experiment by experiment; what was not run is named."""
    parts, missing = [HEAD.read_text().strip(), EXPLAINED], []
    for name, about in EXPERIMENTS.items():
        mine = [line for line in lines if line["experiment"] == name]
        if not mine:
            missing.append(f"- **{about.title}** (`{name}`): {about.question}")
            continue
        alike = dict.fromkeys(line["of"] for line in mine)
        parts += [markdown(about, [line for line in mine if line["of"] == of]).strip() for of in alike]
        parts.append(f"![{about.title}](images/experiment_{name}.svg)")
    if missing:
        parts.append("## Not run on these data\n\n" + "\n".join(missing))
    return "\n\n".join(parts) + "\n"


def once(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each run once, the first that is told of it: folders that went on from one another hold the same runs."""
    runs: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        runs.setdefault(tuple(line[key] for key in ("experiment", "of", "arm", "n", "seed")), line)
    return list(runs.values())


def main(paths: list[Path]) -> None:
    lines = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    lines = once([*lines, *(json.loads(text) for path in paths for text in path.read_text().splitlines())])
    RESULTS.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n")
    PAGE.write_text(render(lines))
    for name, about in EXPERIMENTS.items():
        mine = [line for line in lines if line["experiment"] == name]
        if mine:
            of = mine[-1]["of"]
            (PLOTS / f"experiment_{name}.svg").write_text(svg([one for one in mine if one["of"] == of], about.title))


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
