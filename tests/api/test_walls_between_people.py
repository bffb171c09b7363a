"""What projects share in local mode, models and evaluations, is there only for who may see where it comes from."""

import pytest
from sqlalchemy import update

from backend.db.session import read_session, write_session
from backend.db.tables import Evaluation, Job, Model
from backend.errors import ConflictError
from backend.services import exchange_listing, members, rounds, users
from backend.services.person import Person, acting
from tests.accounts import House
from tests.api_calls import refusal
from tests.trained import Trained


def test_the_models_of_a_foreign_project_are_not_there(trained_house: House, trained: Trained) -> None:
    house, other = trained_house, trained_house.project("Other")
    eva = house.user("eva", **{other: "admin"})
    with house.client(house.by_session(eva)) as api:
        api.project = other
        assert api.client.get("/api/v1/models").json()["items"] == []
        assert "Tiny" not in api.client.get(api.url("/models")).text
        for path in ("", "/onnx", "/package", "/weights", "/card"):
            refusal(api.client.get(api.url(f"/models/{trained.model_id}{path}")), 404, "NotFoundError")
        used = (
            (f"/models/{trained.model_id}/predict", {"recording_id": "1"}),
            ("/predictions", {"model_id": trained.model_id}),
        )
        for path, body in used:
            refusal(api.client.post(api.url(path), json=body), 404, "NotFoundError")
        with write_session(house.settings.resolved_database_url) as session:
            members.grant(session, trained.project_id, users.get(session, eva), "viewer")
        assert [one["name"] for one in api.client.get("/api/v1/models").json()["items"]] == ["Tiny"]


def test_an_evaluation_on_foreign_ecgs_is_shown_to_nobody_who_may_not_see_them(
    trained_house: House, trained: Trained
) -> None:
    house, mine = trained_house, trained_house.project("Mine")
    both = house.user("both", **{mine: "admin", trained.project_id: "viewer"})
    eva = house.user("eva", **{mine: "admin"})
    asked = {
        "model_id": trained.model_id, "dataset_id": trained.dataset_id, "dataset_project_id": trained.project_id,
        "include_seen": True,
    }  # fmt: skip
    with house.client(house.by_session(eva)) as api:
        api.project = mine
        refusal(api.client.post(api.url("/evaluations"), json=asked), 404, "NotFoundError")
        with house.client(house.by_session(both)) as other:
            made = other.client.post(api.url("/evaluations"), json=asked)
            assert made.status_code == 202, made.text
            evaluation = made.json()["id"]
            assert [one["id"] for one in other.client.get(api.url("/evaluations")).json()] == [evaluation]
        assert api.client.get(api.url("/evaluations")).json() == []
        for path in ("", "/csv", "/parquet", "/report", "/recordings?label=NORM&cell=true_positive"):
            refusal(api.client.get(api.url(f"/evaluations/{evaluation}{path}")), 404, "NotFoundError")


def test_the_cells_of_a_foreign_evaluation_are_no_list_for_who_sees_only_its_ecgs(
    trained_house: House, trained: Trained
) -> None:
    house, mine = trained_house, trained_house.project("Mine")
    both = house.user("both", **{mine: "admin", trained.project_id: "viewer"})
    eva = house.user("eva", **{trained.project_id: "viewer"})
    asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id, "dataset_project_id": trained.project_id}
    with house.client(house.by_session(both)) as api:
        evaluation = api.client.post(
            f"/api/v1/projects/{mine}/evaluations", json=asked | {"include_seen": True}
        ).json()["id"]
        cell = f"recordings?evaluation_id={evaluation}&evaluated_label=NORM&cell=true_positive"
        refusal(api.client.get(f"/api/v1/projects/{trained.project_id}/{cell}"), 404, "NotFoundError")  # it goes on
        with write_session(house.settings.resolved_database_url) as session:
            session.execute(update(Job).where(Job.kind.startswith("evaluations")).values(status="done"))
        assert api.client.get(f"/api/v1/projects/{trained.project_id}/{cell}").status_code == 200
    with house.client(house.by_session(eva)) as api:
        refusal(api.client.get(f"/api/v1/projects/{trained.project_id}/{cell}"), 404, "NotFoundError")


def test_why_a_model_cannot_be_deleted_names_no_foreign_project(trained_house: House, trained: Trained) -> None:
    house, secret = trained_house, trained_house.project("Secret study")
    root = house.user("root", is_admin=True)
    trainer = house.user("tom", **{trained.project_id: "trainer"})
    with house.client(house.by_session(root)) as api:
        asked = {"model_id": trained.model_id, "dataset_id": trained.dataset_id, "include_seen": True}
        body = asked | {"dataset_project_id": trained.project_id}
        assert api.client.post(f"/api/v1/projects/{secret}/evaluations", json=body).status_code == 202
    with write_session(house.settings.resolved_database_url) as session:
        session.execute(update(Job).values(status="done"))
        assert session.query(Evaluation).count() == 1
    with house.client(house.by_session(trainer)) as api:
        answer = api.client.delete(f"/api/v1/projects/{trained.project_id}/models/{trained.model_id}")
        text = refusal(answer, 409, "ConflictError")
        assert "a project that you cannot see (1 evaluation)" in text
        assert "Secret study" not in text


def test_where_a_shared_model_is_kept_is_told_of_no_foreign_project(trained_house: House, trained: Trained) -> None:
    house, mine = trained_house, trained_house.project("Mine")
    with read_session(house.settings.resolved_database_url) as session:
        key = session.get_one(Model, trained.model_id).onnx_key
        for person, sees in (
            (Person(id="eva", name="eva", via="session", roles={mine: "admin"}), False),
            (Person(id="both", name="both", via="session", roles={trained.project_id: "viewer"}), True),
        ):
            with acting(person):
                assert bool(exchange_listing._here(session).get(key)) == sees
                if sees:
                    assert rounds.held(session, key).id == trained.model_id
                else:
                    with pytest.raises(ConflictError):
                        rounds.held(session, key)


def test_a_model_of_a_foreign_project_is_as_unknown_as_none(trained_house: House, trained: Trained) -> None:
    house, mine = trained_house, trained_house.project("Mine")
    eva = house.user("eva", **{mine: "admin"})
    with house.client(house.by_session(eva)) as api:
        api.project = mine
        said = [
            refusal(api.client.patch(api.url(f"/models/{one}"), json={"name": "X"}), 404, "NotFoundError")
            for one in (trained.model_id, "0" * 32)
        ]
        assert said[0].replace(trained.model_id, "") == said[1].replace("0" * 32, "")
