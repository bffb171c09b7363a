"""Cross-validated runs that are done, with outputs of one's own choice, and ECGs that are unlike each other."""

import numpy as np

from backend.db.session import write_session
from backend.db.tables import Dataset, Job, Run, utc_now
from backend.services import examples, jobs, out_of_fold, run_division, runs
from backend.services.known_truth import truth
from backend.settings import Settings
from tests.samples import LEADS


def unlike(seed: int, n: int = 500) -> bytes:
    """Return a CSV of smoothed noise in µV: no other is nearly the same, so that patients alone tie recordings."""
    noise = np.random.default_rng(seed).normal(0, 300, (len(LEADS), n + 20))
    signal = np.stack([np.convolve(lead, np.ones(21) / 4, "valid") for lead in noise]).round().astype(int)
    return "\n".join([",".join(LEADS), *(",".join(map(str, row)) for row in signal.T.tolist())]).encode() + b"\n"


def finish(settings: Settings, run_id: str, noise: float, seconds: float = 10, seed: int = 0) -> None:
    """Have a run done whose models tell the labels under so much noise, of a seed the same for all runs."""
    with write_session(settings.resolved_database_url) as session:
        run = session.get_one(Run, run_id)
        known = {one.recording_id: one for one in examples.load(session, session.get_one(Dataset, run.dataset_id))}
        labelled, _ = runs.split_examples(session, run)
        folds = run_division.folds_of(run)
        assert folds is not None
        order = {one: place for place, one in enumerate(sorted(known))}
        y = truth(labelled, run.facts["labels"], run.facts["columns"], run.facts["task"])
        drawn = np.random.default_rng(seed).normal(size=(folds.repeats, len(order), y.shape[1]))
        for repeat in range(folds.repeats):
            for fold in range(folds.k):
                rows = folds.tests(repeat, fold)
                ids = [labelled[row].recording_id for row in rows.tolist()]
                hard = drawn[repeat, [order[one] for one in ids]]
                out_of_fold.add(session, run_id, repeat, fold, ids, (y[rows] + noise * hard).astype(np.float32))
        job = session.get_one(Job, run.job_id)
        job.started_at = utc_now()
        jobs.finish(session, job, "done")
        job.finished_at = job.started_at.fromtimestamp(job.started_at.timestamp() + seconds, job.started_at.tzinfo)
