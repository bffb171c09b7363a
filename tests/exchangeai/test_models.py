"""Models in Python: the answers of the platform, and no PyTorch."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import exchangeai as ex
from backend.ecg.recording import Patient
from backend.services import embeddings
from tests.api_calls import Api
from tests.samples import csv_file

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision", "onnx", "onnxscript", "fastapi", "sqlalchemy", "celery"):
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, Blocked())
import exchangeai as ex
from backend.ecg.recording import Patient
recording, = ex.read(sys.argv[1], rate=500, units_per_mv=1000)
assert ex.load_model(sys.argv[2]).predict(recording).outputs
assert ex.measure(recording).n_beats >= 0
assert ex.embed(recording).shape == (512,)
assert ex.preprocess(recording).shape == (12, 1000)
ex.Client("http://127.0.0.1:9")
print("done")
"""


@pytest.fixture
def package(trained_api: Api, tmp_path: Path) -> Path:
    model = trained_api.get("/models")[0]["id"]
    path = tmp_path / "model.zip"
    path.write_bytes(trained_api.client.get(trained_api.url(f"/models/{model}/package")).content)
    (tmp_path / "model.onnx").write_bytes(trained_api.client.get(trained_api.url(f"/models/{model}/onnx")).content)
    return path


def test_a_package_answers_as_the_platform_does(trained_api: Api, package: Path) -> None:
    head, *lines = csv_file(1, n=5000).decode().splitlines()
    timed = "\n".join([f"time (s),{head}", *(f"{n / 250:.3f},{line}" for n, line in enumerate(lines))])
    files = {"a.csv": timed.encode()}  # states 250 Hz, so that what is declared is not used, and a note says so
    model = trained_api.get("/models")[0]["id"]
    sent = [("files", (name, data)) for name, data in files.items()]
    declared = {"rate": "500", "units_per_mv": "1000"}
    answer = trained_api.client.post(trained_api.url(f"/models/{model}/predict-files"), files=sent, data=declared)
    (expected,) = (one["prediction"] for one in answer.json())
    loaded = ex.load_model(package)
    (given,) = loaded.predict(files["a.csv"], name="a.csv", rate=500, units_per_mv=1000)
    assert list(given.outputs) == [one["label"] for one in expected["labels"]] == list(loaded.labels)
    np.testing.assert_allclose(
        list(given.outputs.values()), [one["probability"] for one in expected["labels"]], atol=1e-6
    )
    assert list(given.predicted) == expected["predicted"]
    assert list(given.notes) == expected["notes"]
    assert given.notes
    for one in expected["labels"]:
        if one["probability_low"] is not None:
            assert given.intervals is not None
            assert given.intervals[one["label"]] == pytest.approx((one["probability_low"], one["probability_high"]))


def test_a_bare_onnx_file_answers_the_same(package: Path) -> None:
    recording = ex.simulate("AFIB", seed=4)
    whole, bare = ex.load_model(package), ex.load_model(package.with_suffix(".onnx"))
    assert whole.predict(recording) == bare.predict(recording)
    assert whole.card.startswith("# ")
    assert bare.card == ""
    assert whole.manifest is not None
    assert whole.predict([recording, recording])[1] == whole.predict(recording)


def test_what_is_no_model_is_refused_with_a_reason(tmp_path: Path, package: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    damaged = bytearray(package.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    (tmp_path / "damaged.zip").write_bytes(damaged)
    (tmp_path / "w.safetensors").write_bytes(b"\0" * 20)
    for name in ("no.onnx", "damaged.zip", "w.safetensors", "missing.onnx"):
        with pytest.raises(ex.ModelInvalidError):
            ex.load_model(tmp_path / name)


def test_a_partial_recording_is_not_predicted(package: Path) -> None:
    header = b"I,II\n" + b"0.1,0.2\n" * 1000
    (partial,) = ex.read(header, name="two.csv", rate=100, units_per_mv=1, partial=True)
    for ask in (ex.load_model(package).predict, ex.embed, ex.preprocess):
        with pytest.raises(ex.EcgError, match="lacks leads"):
            ask(partial)


@pytest.mark.usefixtures("installed")
def test_an_embedding_is_that_of_the_platform() -> None:
    recording = ex.simulate("NORM", seed=5)
    expected = embeddings.embed_recording(recording).embedding
    np.testing.assert_allclose(ex.embed(recording), expected, atol=1e-5)
    np.testing.assert_allclose(ex.embed([recording])[0], expected, atol=1e-5)
    with pytest.raises(ex.ModelInvalidError, match="cardx"):
        ex.embed(recording, "nothing")


def test_reading_and_predicting_need_no_torch_no_web_and_no_database(package: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv_file(1, n=5000))
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKED, tmp_path / "a.csv", package], capture_output=True, text=True, cwd=tmp_path
    )
    assert ran.stdout.strip() == "done", ran.stderr


def test_age_and_sex_reach_the_model_as_on_the_platform(package: Path) -> None:
    loaded, told = ex.load_model(package), []
    answers = loaded._predictor.answers

    def listening(signal, rate, patient=None):
        told.append(patient)
        return answers(signal, rate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaded._predictor, "answers", listening)
        old = replace(ex.simulate("NORM", seed=1), patient=Patient("p", 97.0, "F"))
        loaded.predict(old)
    np.testing.assert_allclose(told[0], [[0.9, 1, 1, 0]])  # ages above 89 are kept as 90
