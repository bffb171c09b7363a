"""How many patients stand behind the counts of a model's card: ten recordings may be of one patient."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.db.session import write_session
from backend.db.tables import Dataset, DatasetEntry, Model, Run
from backend.services.exchange_patients import patients_of
from backend.settings import get_settings
from tests.trained import Trained


def _with(rows: Sequence[DatasetEntry], ids: Sequence[str], label: str) -> list[DatasetEntry]:
    return [row for row in rows if row.recording_id in ids and label in row.labels]


def test_recordings_of_one_patient_count_once_and_those_without_one_each(trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        model, run = session.get_one(Model, trained.model_id), session.get_one(Run, trained.run_id)
        rows = session.scalars(select(DatasetEntry).where(DatasetEntry.dataset_id == trained.dataset_id)).all()
        expected = {
            part: {
                label: len({row.patient_id or row.recording_id for row in _with(rows, ids, label)})
                for label in run.facts["labels"]
            }
            for part, ids in run.split.items()
        }
        assert patients_of(session, model) == expected
        for row in rows:
            row.patient_id = "p-0123456789abcdef"
        session.flush()
        told = patients_of(session, model)
        assert told is not None
        assert {n for part in told.values() for n in part.values()} <= {0, 1}
        session.delete(session.get_one(Dataset, trained.dataset_id))
        session.flush()
        session.expire_all()
        assert patients_of(session, session.get_one(Model, trained.model_id)) is None
