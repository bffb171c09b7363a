"""Both ways with the original platform: its bare ONNX files are taken in, and ours have what it reads them by."""

import ast
import shutil
from pathlib import Path

import onnx
import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Model
from backend.errors import InvalidInputError
from backend.services import models, predictions, runs
from backend.settings import get_settings
from tests.shared_folder import SharedFolder, begin_pull, describe, pull, push, read_list
from tests.trained import QUICK, Trained, result_of
from workers.lifecycle import run
from workers.predictions import predict
from workers.runs import train

ORIGINALS = Path(__file__).parents[3] / "shared" / "data" / "models"
NAMES = ("InceptionTime_untrained.onnx", "XceptionTime_untrained.onnx", "xc_super_pretrained.onnx")
pytestmark = pytest.mark.skipif(not ORIGINALS.exists(), reason="the original platform's models are not on this machine")


def _graph(path: Path) -> tuple[list[str], list[str], dict[str, str]]:
    """Return names of inputs and outputs, and the metadata."""
    model = onnx.load(path)
    properties = {one.key: one.value for one in model.metadata_props}
    return [one.name for one in model.graph.input], [one.name for one in model.graph.output], properties


def test_the_originals_files_are_listed_unverified_with_what_they_say_and_hardly_read(
    trained: Trained, shared: SharedFolder
) -> None:
    for name in NAMES:
        shutil.copy(ORIGINALS / name, shared.path / name)
        (shared.path / name).chmod(0o644)
    found = {item.place: item for item in read_list(get_settings(), shared.add(get_settings()))}
    assert set(found) == set(NAMES)
    for name, item in found.items():
        assert (item.signature, item.listing, item.fingerprint) == ("unsigned", None, "")
        assert item.bare is not None
        assert item.bare.spec is not None
        assert list(item.bare.spec.labels) == ast.literal_eval(_graph(ORIGINALS / name)[2]["target_keys"])
        assert item.bare.read < 0.2 * item.bare.size
    spec = found["xc_super_pretrained.onnx"].bare.spec  # type: ignore[union-attr]
    assert (spec.preprocessing.units_per_mv, spec.preprocessing.rate) == (1000, 100)


@pytest.mark.parametrize("name", NAMES)
def test_an_original_model_is_pulled_predicts_and_is_fine_tuned(
    trained: Trained, shared: SharedFolder, name: str
) -> None:
    settings = get_settings()
    shutil.copy(ORIGINALS / name, shared.path / name)
    exchange_id = shared.add(settings, access="read")
    read_list(settings, exchange_id)
    with pytest.raises(InvalidInputError, match="nobody has signed it"):
        begin_pull(settings, trained.project_id, exchange_id, name)
    done = pull(settings, trained.project_id, exchange_id, name, unverified=True)
    assert done.job.status == "done", done.job.error
    url = settings.resolved_database_url
    with write_session(url) as session:
        model = models.get(session, trained.project_id, str(done.model_id))
        assert model.onnx_bytes == (ORIGINALS / name).stat().st_size
        assert any("unverified" in note for note in model.manifest["notes"])
        prediction = predictions.create(session, trained.project_id, model.id, None)
        asked = {"training": QUICK | {"method": "head"}, "split": {"method": "holdout"}}
        request = runs.Request(trained.dataset_id, base_model_id=model.id, **asked)
        training = runs.create(session, trained.project_id, request)
        ids = prediction.id, prediction.job_id, training.job_id
    run(ids[1], predict)
    run(ids[2], train)
    with read_session(url) as session:
        row = predictions.get(session, trained.project_id, ids[0])
        assert predictions.summary(session, row)[:2] == (60, 0)
        made = session.get_one(Model, result_of(settings, ids[2])["model_id"])
        assert made.manifest["lineage"][0]["sha256"] == model.onnx_key


def test_a_model_published_for_the_original_has_each_key_and_name_that_it_reads(
    trained: Trained, shared: SharedFolder
) -> None:
    """The original loads every *.onnx of the folder, evaluates `target_keys`, and asks for `arg0` and `self_1_1`."""
    settings = get_settings()
    describe(settings, trained.model_id)
    exchange_id = shared.add(settings)
    done = push(settings, trained.project_id, exchange_id, trained.model_id, also_onnx=True)
    assert done.job.status == "done", done.job.error
    assert [path.name for path in shared.path.glob("*.onnx")] == ["tiny.onnx"]
    inputs, outputs, ours = _graph(shared.path / "tiny.onnx")
    their_inputs, their_outputs, theirs = _graph(ORIGINALS / "xc_super_pretrained.onnx")
    assert (inputs, outputs) == (their_inputs, their_outputs) == (["arg0"], ["self_1_1"])
    with read_session(settings.resolved_database_url) as session:
        model = session.get_one(Model, trained.model_id)
    assert set(theirs) <= set(ours)
    assert ast.literal_eval(ours["target_keys"]) == model.spec["labels"]
    assert float(ours["sampling_rate"]) == model.spec["preprocessing"]["rate"]
    assert ours["standardizer"] in ("None", "meanStd", "minMax")
    assert ours["scale"] in ("milliVolt", "mikroVolt")
    for key in ("target_keys", "sampling_rate", "standardizer", "scale"):
        assert isinstance(ours[key], str)
    shape = [
        one.dim_value or one.dim_param
        for one in onnx.load(shared.path / "tiny.onnx").graph.input[0].type.tensor_type.shape.dim
    ]
    assert shape[1:] == [12, round(model.spec["preprocessing"]["rate"] * model.spec["preprocessing"]["window_s"])]
    assert isinstance(shape[0], str)  # any number of ECGs at once
    found = {item.place for item in read_list(settings, exchange_id)}
    assert found == {"tiny/1", "tiny.onnx"}
    again = push(settings, trained.project_id, exchange_id, trained.model_id, also_onnx=True)
    assert again.job.status == "failed"
    assert len(list(shared.path.glob("*.onnx"))) == 1
