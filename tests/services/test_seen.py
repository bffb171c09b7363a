"""Whether a model has seen a recording: by its id, its signal, a copy, its patient; in bulk; as old models tell it."""

import hashlib

import numpy as np
from sqlalchemy import insert

from backend.db.session import read_session, write_session
from backend.db.tables import Model, Recording, Run
from backend.ml.data import seen_list
from backend.ml.data.seen_list import Identity
from backend.services import models, projects, runs, seen
from backend.settings import Settings, get_settings
from tests.trained import Trained


def _identity(number: int, patient: str | None = None) -> Identity:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return Identity(digest[:32], digest, digest[::-1], (patient,) if patient else ())


def test_a_recording_is_known_again_by_id_signal_copy_and_patient_and_what_was_trained_on_counts_first() -> None:
    train, test = [_identity(1, "p-0000000000000001"), _identity(2)], [_identity(3)]
    models_seen = [seen_list.seen_in("Base", {"train": train, "test": [*test, train[1]]}, "project")]
    other = _identity(9)
    asked = {
        "recording": Identity(train[0].recording_id, other.signal_key, None),
        "signal": Identity(other.recording_id[::-1], train[1].signal_key, None),
        "copy": Identity("a" * 32, other.signal_key, train[0].fingerprint[:16] + "0" * 48),  # two bands of eight
        "patient": Identity("b" * 32, other.signal_key, None, ("p-0000000000000001",)),
        "": Identity("c" * 32, other.signal_key, train[0].fingerprint[:8] + "0" * 56),  # one band is chance
    }
    for salt in (b"", b"salt of a package"):
        listed = seen_list.salted(models_seen, salt) if salt else models_seen
        listed = seen_list.from_bytes(seen_list.to_bytes(listed))
        for how, identity in asked.items():
            (said,) = seen.look_up(listed, [identity]).values()
            assert (said.status, said.how) == ("training" if how else "no", how), (salt, how)
        assert seen.look_up(listed, test)[test[0].recording_id].status == "test"


def test_a_salted_list_holds_no_number_of_the_plain_one_and_two_salts_have_none_in_common() -> None:
    plain = [seen_list.seen_in("Base", {"train": [_identity(n, f"p-{n:016x}") for n in range(50)]}, "project")]
    lists = [plain[0], *(seen_list.salted(plain, salt)[0] for salt in (b"one", b"two"))]
    numbers = [set(np.concatenate(list(one.parts["train"].values())).tolist()) for one in lists]
    assert all(not numbers[a] & numbers[b] for a, b in ((0, 1), (0, 2), (1, 2)))
    assert lists[1].pseudonyms != "project"
    assert seen_list.same_pseudonyms(lists[1], "project")
    assert not seen_list.same_pseudonyms(lists[1], "other")


def test_a_model_knows_its_own_parts_and_one_without_its_run_does_not(trained: Trained) -> None:
    with read_session(get_settings().resolved_database_url) as session:
        model, run = session.get_one(Model, trained.model_id), session.get_one(Run, trained.run_id)
        said = seen.seen_by(session, model, model.project_id, [one for ids in run.split.values() for one in ids])
        for part, status in (("train", "training"), ("validation", "validation"), ("test", "test")):
            assert {said[one].status for one in run.split[part]} == {status}


def test_a_model_of_an_earlier_version_knows_what_its_run_knows_and_keeps_it_when_the_run_goes(
    trained: Trained,
) -> None:
    url = get_settings().resolved_database_url
    with write_session(url) as session:
        model, run = session.get_one(Model, trained.model_id), session.get_one(Run, trained.run_id)
        split, model.seen, run.seen = run.split, None, None
        session.flush()
        assert (
            seen.seen_by(session, model, model.project_id, split["train"][:1])[split["train"][0]].status == "training"
        )
        runs.delete(session, run)
    with read_session(url) as session:
        said = seen.seen_by(
            session,
            session.get_one(Model, trained.model_id),
            trained.project_id,
            [one for ids in split.values() for one in ids],
        )
        assert [said[one].status for one in split["validation"]] == ["validation"] * len(split["validation"])
        assert "no" not in {one.status for one in said.values()}


def test_of_a_model_that_tells_nothing_it_is_not_known_what_it_has_seen(trained: Trained) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        run = session.get_one(Run, trained.run_id)
        model = session.get_one(Model, trained.model_id)
        ids, model.seen, model.run_id, model.onnx_key = run.split["train"], None, None, "f" * 64
        session.flush()
        assert {one.status for one in seen.seen_by(session, model, model.project_id, ids).values()} == {"not known"}


def test_what_a_model_tells_itself_counts_before_what_the_same_file_tells_elsewhere(installed: Settings) -> None:
    with write_session(installed.resolved_database_url) as session:
        for name in ("a", "b"):
            project = projects.create(session, name)
            listed = seen_list.to_bytes([seen_list.seen_in(f"List of {name}", {}, project.id)])
            session.add(Model(id=name, project_id=project.id, name=name, architecture="", onnx_key="same", seen=listed))
        session.add(Model(id="c", project_id=project.id, name="c", architecture="", onnx_key="same"))
        session.flush()
        told = {name: seen.list_of(session, session.get_one(Model, name))[0].name for name in "abc"}
    assert told == {"a": "List of a", "b": "List of b", "c": "c"}


def test_twenty_thousand_recordings_are_looked_up_at_once(installed: Settings) -> None:
    url = installed.resolved_database_url
    with write_session(url) as session:
        project = projects.create(session, "Many")
        many = [_identity(n, f"p-{n // 2:016x}") for n in range(20_000)]
        session.execute(insert(Recording), [_row(project.id, one) for one in many])
        listed = seen_list.seen_in("Base", {"train": many[::2], "test": many[1::2]}, project.id)
        model = Model(
            project_id=project.id, name="Model", architecture="cnn", onnx_key="0" * 64, spec={},
            seen=seen_list.to_bytes([listed, listed]),
        )  # fmt: skip
        session.add(model)
        session.flush()
        model_id = model.id
    with read_session(url) as session:
        model = models.get(session, project.id, model_id)
        said = seen.seen_by(session, model, project.id, [one.recording_id for one in many])
    assert len(said) == 20_000
    assert {one.status for one in said.values()} == {"training"}  # by the patient, where not itself


def _row(project_id: str, one: Identity) -> dict[str, object]:
    return {
        "id": one.recording_id, "project_id": project_id, "source_sha256": one.signal_key, "index": 0,
        "file_name": one.recording_id, "name": one.recording_id, "format": "wfdb", "rate": 500.0, "n_samples": 5000,
        "signal_key": one.signal_key, "fingerprint": one.fingerprint, "patient_id": one.patients[0],
    }  # fmt: skip
