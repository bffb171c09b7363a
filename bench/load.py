"""What the web process does under load: who asks for something else meanwhile waits how long, and is anyone refused?

    python bench/load.py [--only pages,lists,...] [--minutes 5] [--recordings 20000] [--users 50]

The product's own web process with a project of 20,000 recordings, their labels and values. A probe in a process of its
own asks for a project, a recording and its signal, one after the other, while the load goes on. At the end one table:

pages    what each page of the project asks for, ten times
lists    200 requests for a page of recordings at once, over and over for 20 s
streams  500 open streams of 20 jobs
zips     50 zips of 20 CSV files, all sent at once
table    a table of labels with 200,000 rows; others write meanwhile
mixed    50 people for some minutes, each with a pause between two requests: pages, signals, uploads
deletion the project with all its recordings is deleted; others write meanwhile
"""

import argparse
import io
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backend.db.session import write_session
from backend.services import jobs
from backend.settings import get_settings
from bench.load_project import LABELS, csv_bytes, fill, form
from bench.server import Server, running

KINDS = ("pages", "lists", "streams", "zips", "table", "mixed", "deletion")
OTHERS_MS, MIXED_MS, PAGE_MS = 500, 150, 200
Load = Callable[["Bench"], None]


class Asked(NamedTuple):
    """One request: how long it took, and its status (0: no answer)."""

    ms: float
    status: int


def ask(address: tuple[str, int], method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Asked:
    """Send one request on a connection of its own, to the last byte of its answer."""
    start = time.perf_counter()
    server = Server(None, *address)  # type: ignore[arg-type]
    try:
        with closing(server.connect()) as connection:
            connection.request(method, f"/api/v1{path}", body or None, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            status = answer.status
    except OSError:
        status = 0
    return Asked(1000 * (time.perf_counter() - start), status)


class Bench:
    """A running platform with a large project, and what was measured on it."""

    def __init__(self, server: Server, recordings: int, users: int, minutes: float) -> None:
        self.server, self.users, self.minutes = server, users, minutes
        self.address = (server.host, server.port)
        self.project = f"/projects/{server.ask('POST', '/projects', {'name': 'Load'})['id']}"
        self.ids = fill(self.project.rpartition("/")[2], recordings)
        self.other = f"/projects/{server.ask('POST', '/projects', {'name': 'Other'})['id']}"
        self.rows: list[tuple[str, ...]] = []

    def get(self, path: str) -> Asked:
        return ask(self.address, "GET", path)

    def tell(self, what: str, asked: list[Asked], p95: float = 0, most: float = 0, note: str = "") -> None:
        """Keep how long requests took and how they ended, and what was to be reached (ms)."""
        p50_ms, p95_ms, most_ms = np.percentile([one.ms for one in asked], (50, 95, 100))
        ends = Counter(one.status for one in asked)
        bad = {status: n for status, n in ends.items() if status >= 300 or status == 0}
        reached = not bad and (not p95 or p95_ms <= p95) and (not most or most_ms <= most)
        aim = f"p95 {p95:g} ms" if p95 else f"{most:g} ms" if most else "none refused"
        refused = ", ".join(f"{n} × {status}" for status, n in bad.items()) or "0"
        numbers = (f"{p50_ms:.0f}", f"{p95_ms:.0f}", f"{most_ms:.0f}", refused, aim, "yes" if reached else "no")
        self.rows.append((what, str(len(asked)), *numbers, note))
        print(*self.rows[-1], sep="  ", file=sys.stderr, flush=True)

    def table(self) -> str:
        """Return all that was measured as one table."""
        head = ("what", "requests", "p50 ms", "p95 ms", "most ms", "refused", "aim", "reached", "")
        rows = [head, tuple("---" for _ in head), *self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    @contextmanager
    def probing(self, name: str) -> Iterator[None]:
        """Ask for something else from another process while the block runs, and keep how that went."""
        first, second = self.ids[:2]
        reads = [self.project, f"{self.project}/recordings/{first}", f"{self.project}/recordings/{second}/signal"]
        paths = [("GET", path, b"") for path in ([self.other, "/projects"] if name == "deletion" else reads)]
        if writes := name in ("table", "deletion"):
            paths.append(("POST", "/projects", b'{"name": "Another"}'))
        context = multiprocessing.get_context("spawn")
        end, results = context.Event(), context.Queue()
        process = context.Process(target=_probe, args=(self.address, paths, end, results), daemon=True)
        process.start()
        results.get(timeout=60)  # it has started
        yield
        end.set()
        asked = results.get(timeout=120)
        process.join()
        self.tell(f"{name}: others read", [one for method, one in asked if method == "GET"], p95=OTHERS_MS)
        if writes:
            self.tell(f"{name}: others write", [one for method, one in asked if method == "POST"])


def _probe(address: tuple[str, int], paths: list[tuple[str, str, bytes]], end: Any, results: Any) -> None:
    asked: list[tuple[str, Asked]] = []
    results.put("started")
    while not end.is_set():
        for method, path, body in paths:
            asked.append((method, ask(address, method, path, body)))
            time.sleep(0.02)
    results.put(asked)


def at_once(n: int, call: Callable[[int], Any]) -> list[Any]:
    """Call a function n times at once, each in a thread of its own; return what it gave."""
    start = threading.Barrier(n)

    def one(number: int) -> Any:
        start.wait()
        return call(number)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


def pages(bench: Bench) -> None:
    project, one = bench.project, f"{bench.project}/recordings/{bench.ids[len(bench.ids) // 2]}"
    of_labels, of_values = (f"{project}/datasets/{row['id']}" for row in bench.server.ask("GET", f"{project}/datasets"))
    rows = f"{project}/recordings"
    paths = {
        "projects": "/projects", "recordings": rows, "last page": f"{rows}?page=400",
        "by label": f"{rows}?sort=label", "by duration": f"{rows}?sort=duration&order=desc",
        "of a label": f"{rows}?label=MI", "search": f"{rows}?search=19999",
        "with findings": f"{rows}?findings_only=true",
        "a recording": one, "its signal": f"{one}/signal", "its measurements": f"{one}/measurements",
        "datasets": f"{project}/datasets", "label chart": of_labels, "values": of_values,
        "labels in files": f"{project}/datasets/in-files", "imports": f"{project}/imports", "jobs": f"{project}/jobs",
        "runs": f"{project}/runs", "models": f"{project}/models", "predictions": f"{project}/predictions",
    }  # fmt: skip
    for name, path in paths.items():
        cpu_s = bench.server.cpu_s()
        asked = [bench.get(path) for _ in range(10)]
        cpu = f"{100 * (bench.server.cpu_s() - cpu_s):.0f} CPU-ms"
        bench.tell(f"page: {name}", asked, p95=PAGE_MS, note=cpu)


def lists(bench: Bench) -> None:
    until = time.monotonic() + 20
    asked: list[Asked] = []
    while time.monotonic() < until:
        asked += at_once(200, lambda _: bench.get(f"{bench.project}/recordings"))
    bench.tell("lists: 200 at once", asked, most=10_000)


def streams(bench: Bench) -> None:
    url = get_settings().resolved_database_url
    with write_session(url) as session:
        project = bench.project.rpartition("/")[2]
        watched = [jobs.create(session, project, "projects.demo", {}).id for _ in range(20)]
    begun = time.perf_counter()
    opened = []
    for number in range(500):
        connection = bench.server.connect()
        connection.request("GET", f"/api/v1{bench.project}/jobs/{watched[number % 20]}/stream")
        opened.append(connection)
    answers = [connection.getresponse() for connection in opened]
    asked = [Asked(1000 * (time.perf_counter() - begun), answer.status) for answer in answers if answer.readline()]
    for number in range(20):
        with write_session(url) as session:
            jobs.add_event(session, watched[number], "log", {"text": "news"})
        time.sleep(0.4)
    for connection in opened:
        connection.close()
    bench.tell("streams: 500 speak", asked, note=f"{bench.server.process.num_threads()} threads")


def zips(bench: Bench) -> None:
    bodies = []
    for number in range(50):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for i in range(20 * number, 20 * number + 20):
                archive.writestr(f"zipped-{i}.csv", csv_bytes(i))
        bodies.append(form({f"{number}.zip": buffer.getvalue()}, rate="500", units_per_mv="1000"))
    path = f"{bench.project}/recordings"
    bench.tell("zips: 50 at once", at_once(50, lambda i: ask(bench.address, "POST", path, *bodies[i])))


def table(bench: Bench) -> None:
    lines = "".join(f"records/{i // 1000:03}/ecg-{i:05}.csv,{LABELS[i % 5]}\n" for i in range(200_000))
    body, kind = form({"labels.csv": f"file_name,label\n{lines}".encode()})
    bench.tell("table: 200,000 rows", [ask(bench.address, "POST", f"{bench.project}/datasets", body, kind)])


def deletion(bench: Bench) -> None:
    bench.tell("deletion: 20,000 recordings", [ask(bench.address, "DELETE", bench.project)])


def mixed(bench: Bench) -> None:
    """Let people do what they do, each with a pause between two requests."""
    project, until = bench.project, time.monotonic() + 60 * bench.minutes
    (dataset, *_) = bench.server.ask("GET", f"{project}/datasets")
    reads: list[Asked] = []
    writes: list[Asked] = []

    def person(number: int) -> None:
        chance = random.Random(number)
        time.sleep(3 * chance.random())
        while time.monotonic() < until:
            one = chance.choice(bench.ids)
            what = chance.random()
            if what < 0.02:
                body = form({f"mixed-{chance.random()}.csv": csv_bytes(chance.randrange(10**6))}, rate="500")
                writes.append(ask(bench.address, "POST", f"{project}/recordings", *body))
            else:
                page = chance.randrange(1, 300)
                parts = [f"recordings?page={page}", f"recordings/{one}", f"recordings/{one}/signal", "jobs", "imports"]
                parts += [f"recordings?search={one[:3]}", f"datasets/{dataset['id']}"] if what < 0.1 else []
                reads.append(bench.get(f"{project}/{chance.choice(parts)}"))
            time.sleep(chance.uniform(0.5, 3.5))

    at_once(bench.users, person)
    bench.tell(f"mixed: {bench.users} people, {bench.minutes:g} min, reads", reads, p95=MIXED_MS)
    if writes:
        bench.tell("mixed: uploads", writes)


LOADS: dict[str, Load] = {"lists": lists, "streams": streams, "zips": zips, "table": table, "deletion": deletion}
ALONE: dict[str, Load] = {"pages": pages, "mixed": mixed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--only", default=",".join(KINDS), help="one kind or several, with commas between them")
    chosen = parser.parse_args()
    only = [name for name in KINDS if name in chosen.only.split(",")]
    if unknown := set(chosen.only.split(",")) - set(KINDS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose among {', '.join(KINDS)}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running(Path(folder) / "data") as server:
        bench = Bench(server, chosen.recordings, chosen.users, chosen.minutes)
        for name in only:
            if name in ALONE:
                ALONE[name](bench)
            else:
                with bench.probing(name):
                    LOADS[name](bench)
        print(bench.table())
        memory = server.process.memory_info().rss / 2**20
        print(f"load of the machine {os.getloadavg()[0]:.1f}, cores {os.cpu_count()}, web process {memory:.0f} MiB")


if __name__ == "__main__":
    main()
