"""Drift checks over the API: what is found and listed, what is refused, and where it is told again."""

import io
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.session import write_session
from backend.db.tables import DatasetEntry, Model, Run
from backend.ml.evaluation.drift.profile import Profile
from backend.ml.packaging.package import PROFILE, read_package
from backend.settings import get_settings
from tests.api_calls import Api, refusal
from tests.samples import csv_file
from tests.simulated_files import files_and_table
from tests.trained import Trained, result_of
from workers.drift_checks import check
from workers.evaluations import evaluate
from workers.lifecycle import run
from workers.predictions import predict


def _dataset(api: Api, n: int, rate: str) -> str:
    files, table = files_and_table(n)
    api.upload(files, rate=rate)
    made: str = api.dataset(table, name="Next door")["id"]
    return made


def _checked(api: Api, model_id: str, dataset_id: str) -> dict[str, Any]:
    answer = api.client.post(api.url("/drift-checks"), json={"model_id": model_id, "dataset_id": dataset_id})
    assert answer.status_code == 202, answer.text
    made = answer.json()
    assert answer.headers["Location"] == api.url(f"/drift-checks/{made['id']}")
    assert made["result"] is None
    run(made["job"]["id"], check)
    assert result_of(get_settings(), made["job"]["id"])["drift_check_id"] == made["id"]
    shown: dict[str, Any] = api.get(f"/drift-checks/{made['id']}")
    return shown


def test_ecgs_of_a_rate_declared_wrongly_are_found_listed_and_told_beside_what_is_done_with_them(
    trained_api: Api, trained: Trained
) -> None:
    dataset_id = _dataset(trained_api, 20, rate="250")
    shown = _checked(trained_api, trained.model_id, dataset_id)
    result = shown["result"]
    assert result["verdict"] == "very different"
    assert any(one["kind"] == "rate" for one in result["findings"])
    assert (result["n"], result["n_patients"], result["how"]) == (20, 20, "permutation")
    assert [one["id"] for one in trained_api.get("/drift-checks", model_id=trained.model_id)] == [shown["id"]]
    page = trained_api.get(f"/drift-checks/{shown['id']}/recordings", size=3)
    assert page["total"] == result["n_odd"] >= len(page["items"])
    for one in page["items"]:
        assert one["file_name"].startswith("new/")
        assert one["reasons"]
    body = {"model_id": trained.model_id, "dataset_id": dataset_id}
    for noun, work in (("evaluations", evaluate), ("predictions", predict)):
        made = trained_api.client.post(trained_api.url(f"/{noun}"), json=body).json()
        run(made["job"]["id"], work)
        told = {one["kind"]: one["text"] for one in trained_api.get(f"/{noun}/{made['id']}")["cautions"]}
        assert "declared wrongly" in told["drift"]
        if noun == "evaluations":
            assert "declared wrongly" in trained_api.client.get(trained_api.url(f"/{noun}/{made['id']}/report")).text
    assert (
        trained_api.client.delete(trained_api.url(f"/recordings/{page['items'][0]['recording_id']}")).status_code == 204
    )
    assert trained_api.get(f"/drift-checks/{shown['id']}/recordings")["total"] == page["total"] - 1
    assert trained_api.client.delete(trained_api.url(f"/drift-checks/{shown['id']}")).status_code == 204
    assert trained_api.get("/drift-checks") == []
    assert "drift" not in {one["kind"] for one in trained_api.get(f"/evaluations/{_first(trained_api)}")["cautions"]}


def _first(api: Api) -> str:
    found: str = api.get("/evaluations")[0]["id"]
    return found


def test_what_the_model_has_learned_from_is_left_out(trained_api: Api, trained: Trained) -> None:
    shown = _checked(trained_api, trained.model_id, trained.dataset_id)
    assert shown["result"]["n"] == 12
    assert [one["n"] for one in shown["left_out"]] == [48]
    assert shown["result"]["verdict"] == "too few"


def test_the_profile_goes_with_the_package_and_is_used_where_the_training_is_not(
    trained_api: Api, trained: Trained
) -> None:
    package = trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/package")).content
    held = read_package(io.BytesIO(package), 1 << 29)
    assert held.profile is not None
    assert 40 <= Profile.from_bytes(held.profile).n <= 48
    assert set(held.manifest.files) >= {PROFILE}
    trained_api.project = trained_api.new_project(name="Elsewhere")
    files = {"file": ("model.zip", package)}
    taken = trained_api.client.post(trained_api.url("/models"), files=files).json()
    shown = _checked(trained_api, taken["id"], _dataset(trained_api, 20, rate="250"))
    assert shown["result"]["verdict"] == "very different"
    assert shown["result"]["how"] == "covariance"


def test_an_older_model_gets_its_profile_from_its_training_or_says_that_nothing_is_known(
    trained_api: Api, trained: Trained
) -> None:
    dataset_id = _dataset(trained_api, 20, rate="500")

    def forget(run_too: bool) -> None:
        with write_session(get_settings().resolved_database_url) as session:
            model = session.get_one(Model, trained.model_id)
            model.profile = None
            model.run_id = None if run_too else model.run_id

    forget(run_too=False)
    assert _checked(trained_api, trained.model_id, dataset_id)["result"]["n"] == 20
    with write_session(get_settings().resolved_database_url) as session:
        assert session.get_one(Model, trained.model_id).profile is not None
    forget(run_too=True)
    body = {"model_id": trained.model_id, "dataset_id": dataset_id}
    answer = trained_api.client.post(trained_api.url("/drift-checks"), json=body)
    assert "It is not known what the ECGs were like" in refusal(answer, 409, "ConflictError")


def test_what_cannot_be_checked_is_refused(trained_api: Api, trained: Trained) -> None:
    for body in (
        {"model_id": "nobody", "dataset_id": trained.dataset_id},
        {"model_id": trained.model_id, "dataset_id": "x"},
    ):
        refusal(trained_api.client.post(trained_api.url("/drift-checks"), json=body), 404, "NotFoundError")
    body = {"model_id": trained.model_id, "dataset_id": _dataset(trained_api, 2, rate="500")}
    waiting = trained_api.client.post(trained_api.url("/drift-checks"), json=body).json()
    answer = trained_api.client.delete(trained_api.url(f"/drift-checks/{waiting['id']}"))
    assert "Cancel it first" in refusal(answer, 409, "ConflictError")
    answer = trained_api.client.delete(trained_api.url(f"/models/{trained.model_id}"))
    assert "drift check" in refusal(answer, 409, "ConflictError")
    trained_api.client.post(trained_api.url(f"/jobs/{waiting['job']['id']}/cancel"))
    assert trained_api.get(f"/drift-checks/{waiting['id']}")["job"]["status"] == "cancelled"


@pytest.mark.parametrize("erased", [True, False])
def test_when_somebody_of_the_training_is_erased_the_profile_goes(
    trained_api: Api, trained: Trained, erased: bool
) -> None:
    trained_api.upload({"one.csv": csv_file(1)})
    trained_api.dataset("file_name,NORM,patient\none.csv,1,MRN-1\n")
    with write_session(get_settings().resolved_database_url) as session:
        run_id = session.get_one(Model, trained.model_id).run_id
        assert run_id == trained.run_id
    patient = "MRN-1" if not erased else _patient_of_training(trained)
    answer = trained_api.client.post(trained_api.url("/patients/erase"), json={"patient": patient})
    assert answer.status_code == 200, answer.text
    with write_session(get_settings().resolved_database_url) as session:
        assert (session.get_one(Model, trained.model_id).profile is None) == erased


def _patient_of_training(trained: Trained) -> str:
    with write_session(get_settings().resolved_database_url) as session:
        ids = session.get_one(Run, trained.run_id).split["train"]
        found = session.scalar(select(DatasetEntry.patient_id).where(DatasetEntry.recording_id.in_(ids)))
    assert found
    return str(found)
