"""Whom a model is judged on: nobody who belongs together with somebody that it, or an ancestor, has learned from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import Model, Recording, new_id
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Identity
from backend.ml.evaluation.patients import patients_of
from backend.services import datasets, evaluations, examples, projects, seen
from backend.settings import get_settings
from tests.trained import Trained


def _copied(session: Session, row: Recording, **changed: object) -> Recording:
    columns = {column.name: getattr(row, column.name) for column in Recording.__table__.columns}
    one = Recording(**columns | {"id": new_id(), "patient_id": None, "patient_alike": None} | changed)
    session.add(one)
    session.flush()
    return one


def _other_signal(number: int) -> dict[str, object]:
    return {"signal_key": f"{number:064x}", "fingerprint": None, "source_sha256": f"{number + 1000:064x}"}


def test_whoever_is_known_by_one_signal_is_not_judged_by_another_in_a_project_with_other_pseudonyms(
    trained: Trained,
) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
        learnt = session.get_one(Recording, _ids_seen(session, model, "training")[0])
        other = projects.create(session, "Elsewhere").id
        known = _copied(session, learnt, project_id=other, patient_id="p-00000000000000aa", file_name="known.hea")
        later = _copied(
            session, learnt, project_id=other, patient_id="p-00000000000000aa", file_name="later.hea",
            **_other_signal(1),
        )  # fmt: skip
        fresh = _copied(
            session, learnt, project_id=other, patient_id="p-00000000000000bb", file_name="fresh.hea",
            **_other_signal(2),
        )  # fmt: skip
        chain = seen.list_of(session, model)
        said = seen.in_groups(session, chain, other, [known.id, later.id, fresh.id])
        assert [said[one.id].status for one in (known, later, fresh)] == ["training", "training", "no"]
        assert said[later.id].how == "patient"
        labels = model.spec["labels"]
        text = f"file_name,label\nknown.hea,{labels[0]}\nlater.hea,{labels[0]}\nfresh.hea,{labels[1]}\n"
        dataset_id = datasets.create(session, other, text.encode(), "here.csv").id
        row = evaluations.create(session, trained.project_id, model.id, dataset_id, dataset_project_id=other)
        _, cohort = evaluations.cohort_of(session, row)
        assert [one.example.file_name for one in cohort.members] == ["fresh.hea"]
        assert sum(one.n for one in cohort.left_out if one.reason == "seen") == 2
        assert not row.facts["external"]


def _ids_seen(session: Session, model: Model, status: str) -> list[str]:
    ids = session.scalars(select(Recording.id).where(Recording.project_id == model.project_id)).all()
    said = seen.seen_by(session, model, model.project_id, ids)
    return [one for one in ids if said[one].status == status]


@given(st.integers(1, 6), st.booleans())
def test_a_window_of_a_file_is_known_by_another_window_of_it_in_every_project(windows: int, salted: bool) -> None:
    whole = [Identity(f"{n:032x}", f"{n:064x}", None, source="ab" * 32) for n in range(windows + 1)]
    chain = [seen_list.seen_in("Base", {"train": whole[:1]}, "one project")]
    chain = seen_list.salted(chain, b"salt") if salted else chain
    elsewhere = [one._replace(recording_id=f"{n + 100:032x}") for n, one in enumerate(whole[1:])]
    assert {one.status for one in seen.look_up(chain, elsewhere).values()} == {"training"}
    others = [one._replace(source=f"{n:064x}") for n, one in enumerate(elsewhere)]
    assert {one.status for one in seen.look_up(chain, others).values()} == {"no"}


@pytest.mark.parametrize(("kind", "patients"), [("ishne", 2), ("npy", 4)])
def test_windows_of_a_file_of_one_patient_are_one_patient_where_nobody_is_named(
    trained: Trained, kind: str, patients: int
) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        like = session.scalars(select(Recording).limit(1)).one()
        project = projects.create(session, "Windows").id
        lines = ["file_name,label"]
        for n, (source, index) in enumerate([("a", 0), ("a", 1), ("a", 2), ("b", 0)]):
            changed = _other_signal(n) | {"source_sha256": source * 64, "index": index, "format": kind}
            _copied(session, like, project_id=project, file_name=f"{n}.ecg", **changed)
            lines.append(f"{n}.ecg,x")
        dataset = datasets.create(session, project, "\n".join([*lines, ""]).encode(), "w.csv")
        rows = examples.load(session, dataset)
        assert patients_of(len(rows), [row.patient_id for row in rows]).n == patients
        assert rows[3].patient_id is None
