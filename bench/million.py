"""A million ECGs in Postgres, asked through the API as the page asks: how long lists, counts and places take.

    python -m bench.million [--n 1000000] [--folder DIR] [--sqlite] [--only WORDS] [--plans]

Each question is asked of the web application itself (a request without a network between), 20 times after one that
warms up; `first` is that one. With --plans the plan of each
statement is printed instead; --only keeps to the questions with some words.
`--sqlite` asks the same of a laptop's database.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import numpy as np
import psutil
import psycopg
from sqlalchemy import event, insert
from starlette.testclient import TestClient

from backend.db.migrate import upgrade
from backend.db.session import engine_for, write_session
from backend.services import recording_pages
from backend.settings import get_settings
from bench.million_rows import TABLES, Made, begin, copy_rows, rows
from tests.installation import installation
from tests.servers import postgres

TIMES: Final = 20
BLOB: Final = "0" * 64


@dataclass(frozen=True)
class Question:
    """What is asked: words of its own, and the request."""

    words: str
    path: str
    query: dict[str, Any]


def questions(made: Made, client: TestClient) -> Iterator[Question]:
    """Yield what the page asks of a project, each filter by itself and the usual ones together."""
    base = f"/api/v1/projects/{made.project}"
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "search: a file name": {"search": "-0123456"}, "search: part of many names": {"search": "ward07"},
        "search: nothing has it": {"search": "no-such-ecg"}, "search: a label": {"search": "afib"},
        "search: two letters": {"search": "q7"},
        "label, 44 %": {"label": "NORM"}, "label, 0.05 %": {"label": "LONGQT"},
        "label of a table": {"dataset_id": made.dataset, "label": "MI"},
        "two labels": {"dataset_id": made.dataset, "label": "MI", "and_label": "AFIB"},
        "two rare labels": {"dataset_id": made.dataset, "label": "WPW", "and_label": "LONGQT"},
        "any finding": {"findings_only": True}, "a finding": {"finding": "clipped"},
        "quality good": {"quality": "good"}, "quality doubtful": {"quality": "doubtful"},
        "format": {"format": "scp"}, "format, 1 %": {"format": "edf"},
        "device": {"device": "CS100 3"}, "device, 0.01 %": {"device": "Burdick 8500"},
        "rate": {"rate": 500}, "rate, 0.01 %": {"rate": 240}, "sex": {"sex": "F"},
        "age": {"age_min": 60, "age_max": 69}, "days, a month": {"recorded_from": "2015-03-01",
                                                                 "recorded_until": "2015-03-31"},
        "days, many years": {"recorded_from": "2008-01-01"}, "patient": {"patient_id": "p-0000000000000777"},
        "import": {"import_id": "0" * 32}, "import with findings": {"import_id": "0" * 32,
                                                                        "findings_only": True},
        "prediction": {"prediction_id": made.prediction},
        "predicted, 0.05 %": {"prediction_id": made.prediction, "predicted": "LONGQT"},
        "predicted MI": {"prediction_id": made.prediction, "predicted": "MI"},
        "disagreement": {"prediction_id": made.prediction, "disagreement": True},
        "MI, women, 60 to 69, good": {"label": "MI", "sex": "F", "age_min": 60, "age_max": 69, "quality": "good"},
        "AFIB, a device, a year, noise": {"label": "AFIB", "device": "PageWriter TC70", "finding": "noise",
                                          "recorded_from": "2015-01-01", "recorded_until": "2015-12-31"},
        "search and label": {"search": "ward07", "label": "WPW"},
    }  # fmt: skip
    for words, query in filters.items():
        yield Question(f"list, {words}", f"{base}/recordings", query)
    for sort in recording_pages.INDEXED:
        for order in ("asc", "desc"):
            yield Question(f"sorted by {sort} {order}", f"{base}/recordings", {"sort": sort, "order": order})
    yield from _deep(client, base)
    for words in ("all", "label, 44 %", "label of a table", "MI, women, 60 to 69, good"):
        page = client.get(f"{base}/recordings", params=filters[words] | {"page": 40}).json()["items"]
        if page:
            yield Question(f"place, {words}", f"{base}/recordings/{page[26]['id']}/place", filters[words])
    some = client.get(f"{base}/recordings", params={"page": 100}).json()["items"][0]["id"]
    yield Question("a recording", f"{base}/recordings/{some}", {})
    for words, path in (
        ("facets", "recordings/facets"), ("overview", "overview"), ("datasets with counts", "datasets"),
        ("statistics of a table", f"datasets/{made.dataset}/statistics"), ("predictions with counts", "predictions"),
        ("results of a prediction", f"predictions/{made.prediction}/results"), ("imports", "imports"),
    ):  # fmt: skip
        yield Question(words, f"{base}/{path}", {})
    yield Question("projects", "/api/v1/projects", {})


def _deep(client: TestClient, base: str) -> Iterator[Question]:
    """Pages far behind: by their number, and as whoever follows the links gets them."""
    for number in (100, 10_000, 19_990):
        yield Question(f"page {number:,} by its number", f"{base}/recordings", {"page": number})
    answer = client.get(f"{base}/recordings", params={"page": 10_000})
    if "next" in answer.links:
        query = dict(one.split("=", 1) for one in answer.links["next"]["url"].split("?", 1)[1].split("&"))
        yield Question("page 10,001 by its link", f"{base}/recordings", query)


def _worked() -> float:
    """Return the CPU seconds that this process and the database below it have worked."""
    total = time.process_time()
    for child in psutil.Process().children(recursive=True):
        with suppress(OSError):
            total += int(Path(f"/proc/{child.pid}/schedstat").read_text().split()[0]) / 1e9
    return total


def ask(client: TestClient, one: Question, times: int = TIMES) -> tuple[float, list[float], list[float]]:
    """Return ms of the first answer, of `times` more, and the CPU ms of each of these."""
    taken, worked = [], []
    for _ in range(times + 1):
        begun, before = time.perf_counter(), _worked()
        answer = client.get(one.path, params=one.query)
        taken.append(1000 * (time.perf_counter() - begun))
        worked.append(1000 * (_worked() - before))
        if answer.status_code != 200:
            raise SystemExit(f"{one.words}: {answer.status_code} {answer.text[:500]}")
    return taken[0], taken[1:], worked[1:]


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Print each statement with its plan as it ran."""
    engine = engine_for(url)

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            with connection.connection.driver_connection.cursor() as own:
                own.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {statement}", parameters)
                print(statement, parameters if len(str(parameters)) < 500 else "…", sep="\n")
                print("\n".join(f"    {line}" for (line,) in own.fetchall()), flush=True)

    event.listen(engine, "before_cursor_execute", explain)
    yield
    event.remove(engine, "before_cursor_execute", explain)


@contextmanager
def filled(n: int, folder: Path, sqlite: bool) -> Iterator[tuple[TestClient, Made]]:
    """Run the platform with a project of n recordings; a folder that was filled before is taken as it is."""
    from backend.main import create_app

    kept = folder / "made"
    server = None if sqlite else postgres(folder, shared_buffers="1GB", work_mem="16MB")
    address = server.__enter__() + "/million" if server else f"sqlite:///{folder / 'million.sqlite'}"
    try:
        with installation(folder / "data", database_url=address):
            if not kept.exists():
                begun = time.monotonic()
                kept.write_text("\n".join(vars(_fill(address, n)).values()))
                print(f"Filled in {time.monotonic() - begun:.0f} s")
            upgrade(address)
            with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
                yield client, Made(*kept.read_text().split("\n"))
    finally:
        engine_for(address).dispose()
        if server:
            server.__exit__(None, None, None)


def _fill(url: str, n: int) -> Made:
    if url.startswith("postgresql"):
        with psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE million")
    upgrade(url)
    with write_session(url) as session:
        made = begin(session, n, BLOB)
    if url.startswith("postgresql"):
        with engine_for(url).begin() as connection:
            copy_rows(connection, rows(made, n, BLOB))
        with psycopg.connect(url, autocommit=True) as direct:
            direct.execute("VACUUM ANALYZE")
        return made
    everything = list(rows(made, n, BLOB))
    with write_session(url) as session:
        for table in TABLES:
            session.execute(insert(table.__table__), [one[table] for one in everything])  # type: ignore[arg-type]
    return made


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None, help="Kept, and taken again; none: a new one.")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--only", default="", help="Questions with these words; commas between several.")
    parser.add_argument("--plans", action="store_true", help="Print the plan of each statement instead of times.")
    parser.add_argument("--times", type=int, default=TIMES)
    asked = parser.parse_args()
    folder = asked.folder or Path(mkdtemp(prefix="million-"))
    folder.mkdir(parents=True, exist_ok=True)
    with filled(asked.n, folder, asked.sqlite) as (client, made):
        print(f"{'':<40}{'first':>9}{'median':>9}{'p95':>9}{'CPU p95':>9}  ms")
        for one in questions(made, client):
            if not any(words in one.words for words in asked.only.split(",")):
                continue
            if asked.plans:
                print(f"\n== {one.words}")
                client.get(one.path, params=one.query)
                with explained(get_settings().resolved_database_url):
                    client.get(one.path, params=one.query)
                continue
            first, taken, worked = ask(client, one, asked.times)
            middle, high = np.percentile(taken, [50, 95])
            cpu = np.percentile(worked, 95)
            print(f"{one.words:<40}{first:>9.1f}{middle:>9.1f}{high:>9.1f}{cpu:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
