"""How long it takes to say of 20,000 recordings whether a model and its two ancestors have seen them.

python -m bench.seen
"""

import hashlib
import os
import time
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")

from sqlalchemy import insert

from backend.db.migrate import upgrade
from backend.db.session import read_session, write_session
from backend.db.tables import Model, Recording
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Identity
from backend.services import projects, seen

N = 20_000


def main() -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        upgrade(url)
        hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(N)]
        many = [Identity(one[:32], one, one[::-1], (f"p-{number // 2:016x}",)) for number, one in enumerate(hashes)]
        with write_session(url) as session:
            project = projects.create(session, "Many")
            session.execute(insert(Recording), [_row(project.id, one) for one in many])
            one = seen_list.seen_in("Base", {"train": many[::2], "test": many[1::2]}, project.id)
            for name, salt in (("plain", b""), ("salted", b"0123456789abcdef")):
                listed = seen_list.to_bytes(seen_list.salted([one] * 3, salt) if salt else [one] * 3)
                session.add(
                    Model(id=name, project_id=project.id, name=name, architecture="", onnx_key=name, seen=listed)
                )
        for name in ("plain", "salted"):
            took = []
            for _ in range(7):
                with read_session(url) as session:
                    model = session.get_one(Model, name)
                    began = time.perf_counter(), time.process_time()
                    said = seen.seen_by(session, model, model.project_id, [one.recording_id for one in many])
                    took.append((time.perf_counter() - began[0], time.process_time() - began[1]))
            assert len(said) == N
            wall, used = min(took)
            print(
                f"{name:>7}: {N:,} recordings, three models: {wall * 1000:.0f} ms ({used * 1000:.0f} ms of processor)"
            )


def _row(project_id: str, one: Identity) -> dict[str, object]:
    return {
        "id": one.recording_id, "project_id": project_id, "source_sha256": one.signal_key, "index": 0,
        "file_name": one.recording_id, "name": one.recording_id, "format": "wfdb", "rate": 500.0, "n_samples": 5000,
        "signal_key": one.signal_key, "fingerprint": one.fingerprint, "patient_id": one.patients[0],
    }  # fmt: skip


if __name__ == "__main__":
    main()
