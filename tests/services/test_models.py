"""Models as rows: taken in once, deleted with their bytes, offered or not, continued by what is fine-tuned of them."""

import io
import json
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch
from safetensors.torch import load as load_safetensors
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.session import write_session
from backend.db.tables import Model, Recording, Run
from backend.ecg.errors import LimitError
from backend.errors import ConflictError, InvalidInputError, NotFoundError, UserError
from backend.isolation import model_check
from backend.ml.inference.trial import ImportedWeights
from backend.ml.metadata import METADATA_KEY, to_metadata
from backend.ml.packaging.package import MODEL, WEIGHTS
from backend.ml.spec import EXTERNAL, ModelSpec
from backend.services import model_import, models, project_deletion, projects
from backend.services.model_declared import Declared
from backend.settings import Settings, get_settings
from backend.storage import Storage, storage_of
from tests.model_files import LABELS, SPEC, contents, files, graph, package, rezipped
from tests.stores import blobs_of
from tests.trained import Trained

OF_WEIGHTS = Declared(
    architecture="inception_time", architecture_config=SPEC.config, labels=LABELS, task="multi_label",
    preset="exchangeai", units_per_mv=1,
)  # fmt: skip
NOTHING = Declared()
OF_GRAPH = Declared(labels=("a", "b"), task="single_label", preset="clinical", rate=100, units_per_mv=1)
SHARED = Path(__file__).parents[3] / "shared" / "data" / "models"


def take_in(settings: Settings, data: bytes, file_name: str, declared: Declared = NOTHING, project: str = "") -> Model:
    checked = model_import.check(io.BytesIO(data), file_name, declared, settings)
    with write_session(settings.resolved_database_url) as session:
        project_id = project or projects.create(session, "P", "").id
        return model_import.keep(session, storage_of(settings), project_id, "", checked)


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is kept: torch, which takes seconds to load in another process, is not asked."""
    monkeypatch.setattr(model_check, "check_native", lambda onnx, weights: 0.0)
    monkeypatch.setattr(model_check, "methods_of", lambda onnx: (["head"], []))


def blobs(settings: Settings) -> int:
    return len(blobs_of(storage_of(settings)))


def test_a_package_taken_in_and_written_again_is_the_same_to_the_byte(installed: Settings, storage: Storage) -> None:
    model = take_in(installed, package(), "tiny.zip")
    assert b"".join(models.package(storage, model)) == package()
    assert (model.origin, model.licence, model.parameters) == ("imported", "CC BY 4.0", 1234)
    assert (storage.get(model.onnx_key), storage.get(model.weights_key or "")) == files()
    assert models.methods(model) == ["head", "all", "head_then_all"]
    assert model.for_training
    assert any("package states" in note for note in model.manifest["notes"])


@pytest.mark.usefixtures("untried")
def test_the_same_model_is_taken_in_once_in_a_project(installed: Settings) -> None:
    model = take_in(installed, package(), "tiny.zip")
    before = blobs(installed)
    with pytest.raises(ConflictError, match="here already, as “Tiny"):
        take_in(installed, package(), "again.zip", project=model.project_id)
    assert take_in(installed, package(), "elsewhere.zip").project_id != model.project_id
    assert blobs(installed) == before == 2


@pytest.mark.usefixtures("untried")
def test_deleting_a_model_deletes_its_bytes_unless_another_has_the_same(installed: Settings, storage: Storage) -> None:
    one, other = take_in(installed, package(), "a.zip"), take_in(installed, package(), "b.zip")
    for model, left in ((one, 2), (other, 0)):
        with write_session(installed.resolved_database_url) as session:
            models.delete(session, storage, models.get(session, model.project_id, model.id))
        assert blobs(installed) == left


@pytest.mark.usefixtures("untried")
def test_deleting_a_project_deletes_the_weights_of_its_models(installed: Settings, storage: Storage) -> None:
    model = take_in(installed, package(), "a.zip")
    with write_session(installed.resolved_database_url) as session:
        projects.delete(session, projects.get(session, model.project_id))
    project_deletion.finish(installed.resolved_database_url, storage, model.project_id)
    assert blobs(installed) == 0


def test_weights_of_a_known_architecture_become_a_model(installed: Settings, storage: Storage) -> None:
    buffer = io.BytesIO()
    torch.save({"state_dict": load_safetensors(files().weights), "epoch": 3}, buffer)
    model = take_in(installed, buffer.getvalue(), "mine.pt", OF_WEIGHTS)
    spec = ModelSpec.from_json(model.spec)
    assert (model.name, spec.labels, spec.architecture) == ("mine", LABELS, "inception_time")
    assert storage.get(model.weights_key or "") == files().weights
    assert model.parity is not None
    assert model.parity <= 1e-5


@pytest.mark.parametrize(
    ("file_name", "data", "declared", "message"),
    [
        ("m.onnx", graph(), Declared(), "missing: labels, task, preset, rate"),
        ("m.onnx", graph(), replace(OF_GRAPH, task=None), "missing: task"),
        ("m.onnx", graph(), replace(OF_GRAPH, preset="exchangeai", units_per_mv=None), "units_per_mv"),
        ("m.onnx", graph(), replace(OF_GRAPH, preset="nonsense"), "no preprocessing “nonsense”; there are"),
        ("m.onnx", graph(), replace(OF_GRAPH, labels=("a", "b", "c")), "number of labels"),
        ("m.onnx", graph(), replace(OF_GRAPH, task="guess"), "single_label, multi_label or regression"),
        ("m.pt", b"\x80\x02c__builtin__\neval\nX\x01\x00\x00\x001\x85R.", replace(OF_WEIGHTS), "any program"),
        ("m.safetensors", b"?", Declared(), "missing: architecture, labels, task, preset"),
        ("m.safetensors", b"?", replace(OF_WEIGHTS, architecture="vgg"), "no architecture “vgg”"),
        ("m.safetensors", b"?", replace(OF_WEIGHTS, architecture_config={"depth": 99}), "depth"),
        ("m.pkl", b"\x80\x04.", OF_WEIGHTS, "is no model. A model is"),
        ("m", b"", OF_WEIGHTS, "is no model"),
        ("m.onnx", b"", OF_GRAPH, "“m.onnx” is empty. Download"),
    ],
)  # fmt: skip
def test_what_is_missing_or_does_not_fit_is_said(
    installed: Settings, file_name: str, data: bytes, declared: Declared, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        model_import.check(io.BytesIO(data), file_name, declared, installed)


@pytest.mark.parametrize(
    ("file_name", "message"),
    [
        ("m.onnx", r"EXCHANGEAI_MODEL_BYTES\.$"),
        ("m.pt", r"MODEL_BYTES\. .* weights alone .*docs/models\.md"),
    ],
)
def test_a_file_above_the_limit_is_refused_before_it_is_read(installed: Settings, file_name: str, message: str) -> None:
    """The published checkpoint of ECG-FM is above it; two thirds of it are the memory of an optimiser."""
    with pytest.raises(LimitError, match=message):
        model_import.check(io.BytesIO(graph()), file_name, OF_GRAPH, installed.model_copy(update={"model_bytes": 100}))


@pytest.mark.usefixtures("untried")
def test_a_model_that_is_here_with_other_weights_leaves_no_bytes_behind(installed: Settings) -> None:
    model = take_in(installed, package(), "tiny.zip")
    other = rezipped(contents(package()) | {WEIGHTS: files(8).weights})
    with pytest.raises(ConflictError, match="here already"):
        take_in(installed, other, "other.zip", project=model.project_id)
    assert blobs(installed) == 2


@pytest.mark.usefixtures("untried")
def test_weights_without_a_head_are_kept_for_training_only(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ImportedWeights(
        SPEC, has_head=False, onnx=files().onnx, weights=files().weights, parity=0, parameters=1, notes=[]
    )
    monkeypatch.setattr(model_check, "convert", lambda weights, spec: made)
    model = take_in(installed, b"weights", "body.safetensors", OF_WEIGHTS)
    assert (model.for_prediction, model.for_training, models.has_head(model)) == (False, True, False)
    assert not models.manifest(model).has_head


@pytest.mark.usefixtures("untried")
def test_a_model_without_a_head_of_its_own_never_predicts_not_even_from_its_package(
    installed: Settings, storage: Storage
) -> None:
    model = take_in(installed, rezipped(contents(package()), has_head=False), "body.zip")
    again = take_in(installed, b"".join(models.package(storage, model)), "again.zip")
    for one in (model, again):
        assert (one.for_prediction, one.for_training) == (False, True)
        with pytest.raises(ConflictError, match="no head of its own"):
            models.offer(one, prediction=True)
        if one is model:
            one.intended_use = ""
            assert "Fine-tuning only" in models.card(one)
    models.offer(model, prediction=False, training=False)
    assert not model.for_training


@pytest.mark.parametrize("name", ["model.pt", "model", "nowhere/model.zip", "folder.zip"])
def test_a_model_is_not_written_where_nobody_would_know_it_again(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(InvalidInputError, match=r"ends in \.zip, \.onnx or \.safetensors|Make the folder"):
        models.check_writable(tmp_path / name)
    models.check_writable(tmp_path / "model.ONNX")


@pytest.mark.usefixtures("untried")
def test_an_onnx_file_that_says_nothing_is_kept_with_what_its_sender_says(
    installed: Settings, storage: Storage
) -> None:
    model = take_in(installed, graph(), "theirs.onnx", OF_GRAPH)
    spec = ModelSpec.from_json(model.spec)
    assert (spec.architecture, spec.labels, spec.n_samples, spec.preprocessing.window_s) == (
        EXTERNAL,
        ("a", "b"),
        200,
        2,
    )
    kept = onnx.load_from_string(storage.get(model.onnx_key))
    assert kept.graph == onnx.load_from_string(graph()).graph
    assert {entry.key: entry.value for entry in kept.metadata_props}[METADATA_KEY] == spec.to_json()
    assert models.predictor(storage, model).spec == spec
    with pytest.raises(NotFoundError, match="only its graph is known"):
        models.weights_path(storage, model)
    assert MODEL in contents(b"".join(models.package(storage, model)))
    assert WEIGHTS not in contents(b"".join(models.package(storage, model)))


def test_an_onnx_file_that_describes_itself_is_believed_and_kept_as_it_is(
    installed: Settings, storage: Storage
) -> None:
    data = graph(metadata=to_metadata(replace(SPEC, architecture=EXTERNAL, config={}, labels=("a", "b"), codes={},
                                              label_names=(), thresholds=(), training=None)))  # fmt: skip
    model = take_in(installed, data, "own.onnx", Declared(labels=("x", "y")))
    assert storage.get(model.onnx_key) == data
    assert model.spec["labels"] == ["a", "b"]
    assert any("declared of that was not used" in note for note in model.manifest["notes"])


@pytest.mark.skipif(not SHARED.exists(), reason="the models of the original platform are not on this machine")
def test_a_model_of_the_original_platform_is_kept_as_it_is(installed: Settings, storage: Storage) -> None:
    data = (SHARED / "xc_super_pretrained.onnx").read_bytes()
    model = take_in(installed, data, "xc_super_pretrained.onnx")
    assert storage.get(model.onnx_key) == data
    assert model.spec["labels"] == ["CD", "HYP", "MI", "STTC"]
    assert model.spec["preprocessing"]["units_per_mv"] == 1000


def test_a_model_that_is_not_offered_predicts_nothing(trained: Trained, session: Session, stored: Storage) -> None:
    model = models.get(session, trained.project_id, trained.model_id)
    assert models.list_models(session, trained.project_id, "prediction") == [model]
    model.for_prediction = False
    session.flush()
    assert models.list_models(session, trained.project_id, "prediction") == []
    assert models.list_models(session, trained.project_id, "training") == [model]
    with pytest.raises(ConflictError, match="not offered for predictions"):
        models.predictor(stored, model)


def test_a_trained_model_has_a_package_that_can_be_taken_in(
    trained: Trained, session: Session, stored: Storage
) -> None:
    model = models.get(session, trained.project_id, trained.model_id)
    data = b"".join(models.package(stored, model))
    said = json.loads(contents(data)["manifest.json"])
    assert said["training_data"]["n"] == 60
    assert said["training_data"]["dataset"] in models.card(model)
    assert set(said["training_data"]["counts"]) == {"train", "validation", "test"}
    names = session.scalars(select(Recording.file_name)).all()
    assert len(names) == 60
    assert not any(name.encode() in data for name in names)
    checked = model_import.check(io.BytesIO(data), "tiny.zip", Declared(), get_settings())
    assert checked.evaluation["macro_f1"] == model.evaluation["macro_f1"]
    assert checked.weights is not None


def test_a_fine_tuned_model_continues_the_lineage_of_its_base(
    trained: Trained, session: Session, stored: Storage
) -> None:
    base = models.get(session, trained.project_id, trained.model_id)
    base.licence = "CC BY-SA 4.0"
    run = session.get(Run, trained.run_id)
    again = Run(
        project_id=run.project_id, job_id=run.job_id, base_model_id=base.id, name="Second", settings={},
        architecture="inception_time", facts=run.facts,
    )  # fmt: skip
    session.add(again)
    session.flush()
    child = models.create(session, stored, again, files().onnx, SPEC.to_dict(), {}, 0.0, 5, weights=files().weights)
    assert child.manifest["lineage"] == [
        {"name": "Tiny", "architecture": "inception_time", "sha256": base.onnx_key}, *base.manifest["lineage"],
    ]  # fmt: skip
    assert (child.base_model_id, child.licence) == (base.id, "CC BY-SA 4.0")
    models.delete(session, stored, base)
    session.flush()
    session.expire_all()
    assert session.get(Model, child.id).base_model_id is None
    assert "Fine-tuned from Tiny" in models.card(session.get(Model, child.id))


@pytest.fixture
def session(trained: Trained):
    with write_session(get_settings().resolved_database_url) as opened:
        yield opened


@pytest.fixture
def stored(trained: Trained) -> Storage:
    return storage_of(get_settings())
