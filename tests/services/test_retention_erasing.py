"""What retention erases goes as a patient does, every row and byte of it; what else there is of the patient stays."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from backend.db.session import read_session, write_session
from backend.db.tables import DatasetEntry, Housekeeping, Recording, RetentionRule, Run, utc_now
from backend.services import audit, retention, retention_pass
from backend.services.housekeeping import OWED
from backend.services.person import LOCAL
from backend.settings import get_settings
from backend.storage import storage_of
from tests.accounts import House
from tests.api_calls import Api
from tests.samples import csv_file
from tests.stores import blobs_of
from tests.trained import Trained

OLD = datetime(2020, 1, 1, tzinfo=UTC)
SOON = timedelta(days=9)


def _age(ids: list[str]) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        session.execute(update(Recording).where(Recording.id.in_(ids)).values(created_at=OLD))


def _rule(project_id: str, days: int = 365) -> None:
    with write_session(get_settings().resolved_database_url) as session:
        retention.put(session, project_id, days, "Ethics vote 12/2020", LOCAL)


def _pass() -> None:
    settings = get_settings()
    retention_pass.run(settings, storage_of(settings), utc_now() + SOON)


def test_rows_bytes_and_names_go_and_models_are_flagged(trained: Trained, trained_api: Api) -> None:
    settings = get_settings()
    url = settings.resolved_database_url
    with read_session(url) as session:
        gone = list(session.get_one(Run, trained.run_id).split["train"][:3])
        rows = [session.get_one(Recording, one) for one in gone]
        needles = [one.id for one in rows] + [one.file_name for one in rows] + [one.signal_key for one in rows]
        keys = {one.signal_key for one in rows}
    _age(gone)
    _rule(trained.project_id)
    trained_api.client.post(trained_api.url("/retention/holds"), json={"reason": "Another matter"})
    held = trained_api.get("/retention/holds")[0]
    assert trained_api.client.delete(trained_api.url(f"/retention/holds/{held['id']}")).status_code == 204
    everything = _bytes()
    assert all(needle.encode() in everything for needle in needles)
    _pass()
    assert {one["id"] for one in trained_api.recordings(size=500)}.isdisjoint(gone)
    assert not keys & set(blobs_of(storage_of(settings)))
    left = _bytes()
    assert [needle for needle in needles if needle.encode() in left] == []
    assert trained_api.get(f"/models/{trained.model_id}")["n_erased"] == 3
    with read_session(url) as session:
        assert not set(session.get_one(Run, trained.run_id).split["train"]) & set(gone)
        assert session.get(Housekeeping, OWED) is None
        assert session.get_one(RetentionRule, trained.project_id).n_erased == 3


def _bytes() -> bytes:
    folder = get_settings().data_dir
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "queue" not in path.parts]
    return b"".join(path.read_bytes() for path in files)


def test_what_a_patient_has_beside_stays_with_its_labels_and_names(api: Api) -> None:
    old = api.upload({"a.csv": csv_file(1)}, rate="500")["outcomes"][0]["recording_ids"]
    new = api.upload({"b.csv": csv_file(2)}, rate="500")["outcomes"][0]["recording_ids"]
    table = "file_name,label,patient_id\na.csv,NORM,MRN-1\nb.csv,AFIB,MRN-1\nlater.csv,NORM,MRN-1\n"
    dataset = api.dataset(table)
    _age(old)
    _rule(api.project)
    _pass()
    assert [one["id"] for one in api.recordings()] == new
    with read_session(get_settings().resolved_database_url) as session:
        entries = session.scalars(select(DatasetEntry).order_by(DatasetEntry.row)).all()
        assert [(one.file_name, one.recording_id) for one in entries] == [("b.csv", new[0]), ("later.csv", None)]
        assert len({one.patient_id for one in entries}) == 1
        assert (entries[0].patient_id or "").startswith("p-")
    assert api.get(f"/datasets/{dataset['id']}")["id"] == dataset["id"]


def test_a_file_of_the_same_name_that_stays_keeps_its_name_and_outcome(api: Api) -> None:
    old = api.upload({"ecg.csv": csv_file(1)}, rate="500")["outcomes"][0]["recording_ids"]
    kept = api.upload({"ecg.csv": csv_file(2)}, rate="500")
    _age(old)
    _rule(api.project)
    _pass()
    assert [one["file_name"] for one in api.recordings()] == ["ecg.csv"]
    outcomes = api.get(f"/imports/{kept['import_id']}/outcomes")["items"]
    assert [(one["file_name"], one["status"]) for one in outcomes] == [("ecg.csv", "imported")]


def test_the_audit_log_names_what_went_and_that_the_rule_did_it(house: House) -> None:
    root = house.user("root", is_admin=True)
    with house.client(house.by_session(root)) as api:
        (gone,) = api.upload({"a.csv": csv_file(1)}, rate="500")["outcomes"][0]["recording_ids"]
        _age([gone])
        answer = api.client.put(api.url("/retention"), json={"days": 365, "reason": "Ethics vote"})
        assert answer.status_code == 200, answer.text
        _pass()
        _pass()
    lines = [one for one in house.lines() if one["action"] == retention_pass.ACTION]
    assert [(one["person"], one["via"], one["project_id"]) for one in lines] == [
        ("retention rule", "retention", api.project)
    ]
    assert lines[0]["subject"] == {"recordings": [gone], "n_recordings": 1, "days": 365}
    assert "put_retention" in {one["action"] for one in house.lines()}
    settings = house.settings
    assert audit.verify(settings.resolved_database_url, settings.resolved_secret_key).fault == ""
    assert "a.csv" not in json.dumps(house.lines())
