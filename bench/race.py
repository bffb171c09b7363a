"""Two projects with the same file: one deletes it while it is uploaded to the other. How often are its bytes lost?

    python bench/race.py [--rounds 500]

The product's own web process on a Postgres server of its own (on SQLite there is one writer at a time). In each round a
file is uploaded to the first project; then it is deleted there and uploaded to the second at the same moment, and the
second is asked for it. Every answer must be the file, byte for byte.
"""

import argparse
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import numpy as np

from bench.faults_servers import postgres
from bench.server import running


def csv_bytes(seed: int) -> bytes:
    """Return a file of 60 samples that no other round has."""
    x = np.random.default_rng(seed).integers(-900, 900, (60, 12))
    return ("I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6\n" + "\n".join(",".join(map(str, row)) for row in x)).encode()


def upload(client: httpx.Client, project: str, data: bytes) -> str:
    """Upload a file; return the address of its recording."""
    path = f"/projects/{project}/recordings"
    answer = client.post(path, files=[("files", ("a.csv", data))], data={"rate": "100", "units_per_mv": "1000"})
    return f"{path}/{answer.json()['outcomes'][0]['recording_ids'][0]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ThreadPoolExecutor(2) as pool:
        service, url = postgres(Path(folder) / "postgres")
        lost = 0
        try:
            with (
                running(Path(folder) / "data", database_url=url) as server,
                httpx.Client(base_url=f"http://{server.host}:{server.port}/api/v1", timeout=60) as client,
            ):
                here, there = (client.post("/projects", json={"name": name}).json()["id"] for name in "AB")
                for number in range(chosen.rounds):
                    data, start = csv_bytes(number), threading.Barrier(2)
                    old = upload(client, here, data)

                    def delete(old: str = old, start: threading.Barrier = start) -> None:
                        start.wait()
                        client.delete(old)

                    def send(data: bytes = data, start: threading.Barrier = start) -> str:
                        start.wait()
                        return upload(client, there, data)

                    deleted, sent = pool.submit(delete), pool.submit(send)
                    deleted.result()
                    lost += client.get(f"{sent.result()}/original").content != data
        finally:
            service.kill()
    print(f"{lost} of {chosen.rounds} uploads lost their bytes")


if __name__ == "__main__":
    main()
