"""From a new project with 100 labelled ECGs to a tested model, head only from CardX: seconds of the training's job.

The ECGs are simulated and stored before the clock starts; the job is the one that page and shell start: preparing,
embedding, fitting the head, export with its proof, and evaluation of the exported file on the test part.

    python -m bench.cardx_head [--recordings 100] [--threads 2]
"""

import argparse
import os
import tempfile
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["EXCHANGEAI_DATA_DIR"] = f"{folder}/data"
        from backend.db.migrate import upgrade
        from backend.db.session import read_session, write_session
        from backend.services import models, projects, runs, shipped
        from backend.settings import get_settings
        from backend.storage import storage_of
        from workers.lifecycle import run
        from workers.projects import demo
        from workers.runs import train

        settings = get_settings()
        url = settings.resolved_database_url
        upgrade(url)
        with write_session(url) as session:
            project, job = projects.create_demo(session, "Head", options.recordings, 1)
        run(job.id, demo)
        start, cpu = time.perf_counter(), time.process_time()
        with write_session(url) as session:
            base = shipped.keep(session, storage_of(settings), project.id, "cardx")
            dataset_id = runs_dataset(session, project.id)
            wanted = {"method": "head", "threads": options.threads}
            row = runs.create(session, project.id, runs.Request(dataset_id, base_model_id=base, training=wanted))
        run(row.job_id, train)
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        with read_session(url) as session:
            (model,) = [one for one in models.list_models(session, project.id) if one.run_id == row.id]
            n, routes = model.evaluation["n"], model.manifest["routes"]
    print(f"{options.recordings} ECGs, head only from CardX, tested on {n}: {seconds:.1f} s, {cpu_seconds:.1f} CPU s")
    print("routes:", dict(zip(routes["experts"], routes["shares"], strict=True)))


def runs_dataset(session: object, project_id: str) -> str:
    """Return the dataset of the project."""
    from backend.services import datasets

    return datasets.list_datasets(session, project_id)[0].id  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
