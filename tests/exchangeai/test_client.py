"""The client against a running platform: folders in, a training followed, predictions and models out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import exchangeai as ex
from tests.api_examples import TABLE
from tests.platform_process import Platform, running_platform
from tests.samples import csv_file, microvolts, wfdb_pair
from tests.trained import QUICK, TINY

DEMO = 100  # recordings: whatever the lot of a patient, 40 train, of fewer no picture is kept for the drift check


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("client")) as platform:
        yield platform


@pytest.fixture
def client(platform: Platform) -> ex.Client:
    return ex.Client(platform.address)


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    folder = tmp_path / "Bögen"
    (folder / "b").mkdir(parents=True)
    for n in range(3):
        (folder / "b" / f"ecg {n}.csv").write_bytes(csv_file(n))
    for name, data in zip(("record.hea", "record.dat"), wfdb_pair("record", n=1000, rate=100), strict=True):
        (folder / name).write_bytes(data)
    (folder / "notes.bin").write_bytes(b"\0\1\2")
    return folder


def test_a_folder_is_sent_with_progress_and_every_file_has_its_outcome(client: ex.Client, ward: Path) -> None:
    project = client.create_project("Ward 3")
    heard: list[tuple[int, int]] = []
    report = project.upload(ward, rate=100, units_per_mv=1000, progress=lambda done, total: heard.append((done, total)))
    assert (report["imported"], report["refused"], len(report["outcomes"])) == (4, 1, 5)
    total = sum(one.stat().st_size for one in ward.rglob("*") if one.is_file())
    assert heard[-1] == (total, total)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    names = [one["file_name"] for one in project.recordings()]
    assert names == ["b/ecg 0.csv", "b/ecg 1.csv", "b/ecg 2.csv", "record.hea"]
    assert project.upload(ward, rate=100, units_per_mv=1000)["duplicate"] == 4
    first = next(project.recordings(search="ecg 1"))
    signal, rate = project.signal(first["id"])
    np.testing.assert_allclose(signal, microvolts(1) / 1000, atol=1e-6)
    assert rate == first["rate"] == 100
    assert len(list(project.imports())) == 2
    (back,) = ex.read(project.download(first["id"], ward.parent / "back.csv", "csv"))
    np.testing.assert_allclose(back.signal, signal, atol=1e-6)
    assert len(project.embeddings([first["id"]])[0]["embedding"] or []) == 512
    assert project.measurements(first["id"])["n_beats"] >= 0


def test_labels_are_given_compared_exported_and_frozen(client: ex.Client, ward: Path) -> None:
    project = client.create_project("Readers")
    project.upload(ward, rate=100, units_per_mv=1000)
    labelling = project.annotations
    made = labelling.create("Rhythm", ["NORM", {"name": "AFIB", "key": "a"}], n_readers=2)
    first, second, *_ = (one["id"] for one in project.recordings())
    labelling.say(made["id"], first, ["NORM"], reader="Dr. Ä")
    assert labelling.say(made["id"], first, ["AFIB"], reader="Dr. Ä", note="changed")["number"] == 2
    labelling.say(made["id"], first, ["AFIB"], reader="Dr. B")
    labelling.say(made["id"], second, ["NORM"], reader="Dr. B")
    assert labelling.agreement(made["id"])["pairs"][0]["n"] == 1
    rows = labelling.export(made["id"], ward.parent / "labels.csv").read_text().splitlines()
    assert [row.split(",")[2] for row in rows] == ["label", "AFIB", "NORM"]
    assert labelling.freeze(made["id"], fewest_readers=2)["n_matched"] == 1
    assert next(labelling.label_sets())["n_versions"] == 1


def test_lists_are_followed_over_all_pages(client: ex.Client) -> None:
    made = [client.create_project(f"page {n}").id for n in range(5)]
    assert [one["id"] for one in client.items("/projects", size=2)][:5] == made[::-1]


def test_errors_carry_the_words_of_the_platform(client: ex.Client, ward: Path) -> None:
    with pytest.raises(ex.NotFoundError, match="There is no project"):
        client.project("nowhere")
    project = client.create_project("Errors")
    with pytest.raises(ex.NotFoundError, match="There is no recording") as found:
        project.recording("none")
    assert (found.value.status, found.value.error) == (404, "NotFoundError")
    with pytest.raises(ex.RefusedError, match="String should have at least 1 character"):
        client.create_project("")
    project.upload(ward / "record.hea")  # alone: refused in the report, no exception
    with pytest.raises(ex.RefusedError):
        project.attach_labels(ward / "notes.bin")
    with pytest.raises(ex.UnreachableError, match="cannot be reached"):
        ex.Client("http://127.0.0.1:9", retries=0).health()
    with pytest.raises(ex.UnreachableError, match="no address"):
        ex.Client("ward 3")


def test_labels_are_attached_to_what_was_sent(client: ex.Client, ward: Path, tmp_path: Path) -> None:
    project = client.create_project("Labels")
    project.upload([ward / "record.hea", ward / "record.dat"])
    (tmp_path / "labels.csv").write_text(TABLE)
    dataset = project.attach_labels(tmp_path / "labels.csv", name="Dr. A", choice={"labels": ["label"]})
    assert (dataset["name"], dataset["n_matched"]) == ("Dr. A", 1)
    assert [one["id"] for one in project.datasets()] == [dataset["id"]]


def test_a_training_is_followed_and_its_model_used_here_and_there(
    client: ex.Client, platform: Platform, tmp_path: Path, ward: Path
) -> None:
    platform.wait_for_workers()
    project, filling = client.create_demo(n_recordings=DEMO)
    dataset = filling.wait()["dataset_id"]
    run, training = project.train(
        dataset,
        name="Tiny",
        architecture="inception_time",
        architecture_config=TINY,
        training=QUICK,
        split={"method": "holdout"},
    )
    heard: list[ex.Event] = []
    model_id = training.wait(heard.append)["model_id"]
    assert [one.number for one in heard] == list(range(1, len(heard) + 1))
    assert [one.payload["epoch"] for one in heard if one.kind == "epoch"] == [1, 2]
    assert [one.number for one in training.events(after=heard[-3].number)] == [heard[-2].number, heard[-1].number]
    assert next(project.runs())["id"] == run["id"]
    beside = project.side_by_side(run["id"], "no such run")
    assert ([one["id"] for one in beside["runs"]], beside["gone"]) == ([run["id"]], ["no such run"])
    assert next(project.models("prediction"))["id"] == model_id

    package = project.download_model(model_id, tmp_path / "model.zip")
    assert not list(tmp_path.glob(".*"))
    here = ex.load_model(package).predict(ward / "record.hea")[0]
    there = project.predict_files(model_id, [ward / "record.hea", ward / "record.dat"])[0]["prediction"]
    assert there is not None
    np.testing.assert_allclose(
        list(here.outputs.values()), [one.get("probability") for one in there["labels"]], atol=1e-6
    )
    prediction, job = project.predict(model_id, dataset)
    assert job.wait()["prediction_id"] == prediction["id"]
    results = list(project.results(prediction["id"]))
    assert len(results) == DEMO
    one = project.predict_recording(model_id, results[0]["recording_id"])
    assert one["predicted"] == results[0]["predicted"]
    evaluation, job = project.evaluate(model_id, dataset, include_seen=True)
    job.wait()
    assert project.evaluation(evaluation["id"])["result"]["evaluation"]["macro_auroc"]
    tested, stress = project.stress(evaluation["id"])
    assert stress.wait()["stress_test_id"] == tested["id"]
    assert (project.stress_test(evaluation["id"])["result"] or {})["n"] == DEMO
    checked, check = project.check_drift(model_id, dataset)
    assert check.wait()["drift_check_id"] == checked["id"]
    shown = project.drift_check(checked["id"])
    result = shown["result"] or {}
    told = [one["why"] for one in shown["left_out"]]
    assert all("learned from" in why for why in told), told
    assert result["n"] + sum(one["n"] for one in shown["left_out"]) == DEMO
    assert [one["id"] for one in project.drift_checks(model_id)] == [checked["id"]]
    assert len(list(project.odd_recordings(checked["id"]))) == result["n_odd"]
    with pytest.raises(ex.ConflictError, match="already"):
        job.cancel()
    with pytest.raises(ex.ConflictError, match="here already"):
        project.import_model(package)
    other = client.create_project("Next door")
    assert other.import_model(package, name="Theirs")["name"] == "Theirs"


def test_a_job_that_ends_badly_raises(client: ex.Client) -> None:
    project, filling = client.create_demo(n_recordings=5000)
    filling.cancel()
    with pytest.raises(ex.JobFailedError, match="cancelled"):
        filling.wait()
    project.delete()
    with pytest.raises(ex.NotFoundError):
        project.info()
