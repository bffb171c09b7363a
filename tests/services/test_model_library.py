"""Every model of the installation may be used in every project: found, predicted with, evaluated, trained from."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import Evaluation, Model, Prediction, Project, Recording, Run, new_id
from backend.errors import ConflictError, NotFoundError
from backend.services import evaluations, model_library, models, predictions, projects, runs
from backend.services.prediction_results import count_seen
from backend.settings import Settings, get_settings
from backend.storage import storage_of
from tests.trained import QUICK, Trained, result_of
from workers.lifecycle import run
from workers.predictions import predict
from workers.projects import demo
from workers.runs import train


@pytest.fixture
def session(installed: Settings) -> Iterator[Session]:
    with write_session(installed.resolved_database_url) as session:
        yield session


def _model(session: Session, project: Project, name: str, **columns: object) -> Model:
    score = columns.pop("score", None)
    task = columns.pop("task", "multi_label")
    measure = "macro_r2" if task == "regression" else "macro_auroc"
    evaluation = {} if score is None else {measure: {"value": score, "low": None, "high": None, "withheld": None}}
    model = Model(
        project_id=project.id, name=name, architecture="s4", spec={"task": task, "labels": ["A"]},
        evaluation=evaluation, **{"onnx_key": f"{name:0>64}"[-64:], **columns},
    )  # fmt: skip
    session.add(model)
    session.flush()
    return model


def _names(session: Session, project: Project, purpose: model_library.Purpose | None = None) -> list[str]:
    return [model.name for model in model_library.offered(session, project.id, purpose)]


def test_own_models_stand_first_and_in_each_project_the_best_by_its_own_test(session: Session) -> None:
    ward, heart = projects.create(session, "Ward"), projects.create(session, "heart")
    for name, score, task in (
        ("untested", None, "multi_label"), ("good", 0.9, "multi_label"), ("values", 0.99, "regression"),
        ("best", 0.95, "multi_label"),
    ):  # fmt: skip
        _model(session, ward, f"w {name}", score=score, task=task)
        _model(session, heart, f"h {name}", score=score, task=task)
    order = ["best", "good", "values", "untested"]
    assert _names(session, ward) == [f"w {name}" for name in order] + [f"h {name}" for name in order]
    assert _names(session, heart) == [f"h {name}" for name in order] + [f"w {name}" for name in order]


def test_a_file_that_several_projects_hold_is_named_once_the_own_one_first(session: Session) -> None:
    ward, heart, third = (projects.create(session, name) for name in ("Ward", "Heart", "Third"))
    first = _model(session, heart, "original", onnx_key="a" * 64)
    _model(session, ward, "copy", onnx_key="a" * 64)
    _model(session, heart, "CardX", origin="shipped")
    assert _names(session, ward) == ["copy"]
    assert [model.id for model in model_library.offered(session, third.id)] == [first.id]


def test_what_is_not_offered_for_something_is_not_named_for_it(session: Session) -> None:
    ward, heart = projects.create(session, "Ward"), projects.create(session, "Heart")
    _model(session, heart, "to predict", for_training=False)
    _model(session, heart, "to train", for_prediction=False)
    assert _names(session, ward, "prediction") == ["to predict"]
    assert _names(session, ward, "training") == ["to train"]


def test_models_of_a_project_that_is_being_deleted_are_nobodys(session: Session) -> None:
    ward, heart = projects.create(session, "Ward"), projects.create(session, "Heart")
    model = _model(session, heart, "gone soon")
    assert model_library.usable(session, ward.id, model.id) is model
    projects.delete(session, heart)
    assert _names(session, ward) == []
    for look in (model_library.usable, model_library.find_usable):
        with pytest.raises(NotFoundError):
            look(session, ward.id, model.id)


def test_a_name_means_the_own_model_and_else_the_only_one_of_all_others(session: Session) -> None:
    ward, heart, third = (projects.create(session, name) for name in ("Ward", "Heart", "Third"))
    own, far = _model(session, ward, "AF"), _model(session, heart, "AF", onnx_key="b" * 64)
    assert model_library.find_usable(session, ward.id, "AF") is own
    assert model_library.find_usable(session, ward.id, far.id) is far
    with pytest.raises(ConflictError, match=far.id):
        model_library.find_usable(session, third.id, "AF")
    with pytest.raises(NotFoundError):
        model_library.find_usable(session, third.id, "nobody's")


def _second_project(settings: Settings, n: int = 60, seed: int = 2) -> tuple[str, str]:
    """Simulate another project and return its id and that of its table of labels."""
    with write_session(settings.resolved_database_url) as session:
        project, job = projects.create_demo(session, "Second", n, seed)
    run(job.id, demo)
    return project.id, result_of(settings, job.id)["dataset_id"]


def test_a_model_predicts_is_evaluated_and_is_trained_from_in_another_project(trained: Trained) -> None:
    settings = get_settings()
    url = settings.resolved_database_url
    other, dataset_id = _second_project(settings)
    with write_session(url) as session:
        prediction = predictions.create(session, other, trained.model_id, dataset_id)
        evaluation = evaluations.create(session, other, trained.model_id, dataset_id)
        request = runs.Request(
            dataset_id, base_model_id=trained.model_id, training=QUICK | {"method": "head"}, split={"method": "holdout"}
        )
        training = runs.create(session, other, request)
        assert {row.project_id for row in (prediction, evaluation, training)} == {other}
        assert {row.job.project_id for row in (prediction, training)} == {other}
        ids = prediction.id, prediction.job_id, training.job_id
    run(ids[1], predict)
    run(ids[2], train)
    made = result_of(settings, ids[2])["model_id"]
    with write_session(url) as session:
        row = predictions.get(session, other, ids[0])
        assert predictions.summary(session, row)[:2] == (60, 0)
        assert row.seen == {"no": 60}  # no recording of it was in the other project's training
        model = models.get(session, other, made)
        assert model.base_model_id == trained.model_id
        assert model.manifest["lineage"][0]["name"] == "Tiny"
        assert {one.id for one in models.list_models(session, trained.project_id)} == {trained.model_id}


def test_a_recording_that_a_model_of_another_project_has_learned_from_is_known_by_its_signal(trained: Trained) -> None:
    """The firewall holds across projects: such copies do not test a training, and an evaluation leaves them out."""
    settings = get_settings()
    with write_session(settings.resolved_database_url) as session:
        split = session.get_one(Run, trained.run_id).split
        other = projects.create(session, "Copies")
        copies = {}
        for row in session.scalars(select(Recording).where(Recording.project_id == trained.project_id)).all():
            columns = {column.name: getattr(row, column.name) for column in Recording.__table__.columns}
            copies[row.id] = new_id()
            session.add(
                Recording(
                    **columns
                    | {"id": copies[row.id], "project_id": other.id, "patient_id": None, "patient_alike": None}
                )
            )
        session.flush()
        prediction = predictions.create(session, other.id, trained.model_id, None)
        ids = prediction.id, prediction.job_id
    run(ids[1], predict)
    with write_session(settings.resolved_database_url) as session:
        counted = count_seen(session, predictions.get(session, other.id, ids[0]))
        assert counted["training"] == len(split["train"])
        assert counted["validation"] == len(split["validation"])


def test_a_model_that_other_projects_have_results_of_is_not_deleted_nor_is_its_project(trained: Trained) -> None:
    settings, storage = get_settings(), storage_of(get_settings())
    url = settings.resolved_database_url
    other, dataset_id = _second_project(settings)
    with write_session(url) as session:
        predictions.create(session, other, trained.model_id, dataset_id)
        evaluations.create(session, other, trained.model_id, dataset_id)
        for row in (*session.scalars(select(Prediction)), *session.scalars(select(Evaluation))):
            row.job.status = "done"
        request = runs.Request(
            dataset_id, base_model_id=trained.model_id, training=QUICK | {"method": "head"}, split={"method": "holdout"}
        )
        training = runs.create(session, other, request)
    with write_session(url) as session, pytest.raises(ConflictError, match="training that starts from this model"):
        models.delete(session, storage, models.get(session, trained.project_id, trained.model_id))
    with write_session(url) as session, pytest.raises(ConflictError, match="starts from one of them"):
        projects.delete(session, session.get_one(Project, trained.project_id))
    with write_session(url) as session:
        runs.get(session, other, training.id).job.status = "cancelled"
        with pytest.raises(ConflictError, match=r"“Second” \(1 prediction and 1 evaluation\)"):
            models.delete(session, storage, models.get(session, trained.project_id, trained.model_id))
        with pytest.raises(ConflictError, match="“Second”"):
            projects.delete(session, session.get_one(Project, trained.project_id))
        with pytest.raises(NotFoundError, match="change or delete it there"):
            models.get(session, other, trained.model_id)
        for row in (*session.scalars(select(Prediction)), *session.scalars(select(Evaluation))):
            session.delete(row.job)
    with write_session(url) as session:
        models.delete(session, storage, models.get(session, trained.project_id, trained.model_id))
    with write_session(url) as session:
        assert session.get(Model, trained.model_id) is None
        assert runs.get(session, other, training.id).base_model_id is None
