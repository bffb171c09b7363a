"""Predicting: one recording in the request, files without storing them, many as a job with CSV that is CSV."""

import csv
import io
import json

import numpy as np
import onnxruntime
import pytest

from backend.db.session import read_session
from backend.ecg import recording as ecg
from backend.ecg.preprocess import preset
from backend.ecg.synthesize import CLASSES
from backend.ml.patient import encode
from backend.ml.spec import ModelSpec
from backend.services import predictions, recordings
from backend.services.recording_facts import facts_of
from backend.settings import get_settings
from backend.storage import storage_of
from tests.api_calls import Api, refusal
from tests.samples import csv_file, wfdb_pair, zip_file
from tests.trained import Trained
from workers.lifecycle import run
from workers.predictions import predict


def _by_hand(api: Api, trained: Trained, recording_id: str) -> np.ndarray:
    """Return the probabilities of the downloaded file, run with plain onnxruntime."""
    onnx = api.client.get(api.url(f"/models/{trained.model_id}/onnx")).content
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    spec = json.loads(session.get_modelmeta().custom_metadata_map["exchangeai"])
    assert spec["preprocessing"]["preset"] == "clinical"
    with read_session(get_settings().resolved_database_url) as database:
        row = recordings.get(database, api.project, recording_id)
        from backend.ecg.preprocess import preset

        x = preset("clinical")(recordings.signal(storage_of(get_settings()), row), row.rate)
    logits = session.run(None, {session.get_inputs()[0].name: x[None].astype(np.float32)})[0][0]
    if spec["calibration"] is not None:  # a temperature: one slope for all labels
        logits = logits * np.array(spec["calibration"]["slopes"])
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def _predict_all(api: Api, trained: Trained, dataset_id: str | None = None) -> dict:
    """Queue a prediction and do its job here; return the prediction."""
    answer = api.client.post(api.url("/predictions"), json={"model_id": trained.model_id, "dataset_id": dataset_id})
    assert answer.status_code == 202, answer.text
    run(answer.json()["job"]["id"], predict)
    shown: dict = api.get(f"/predictions/{answer.json()['id']}")
    assert shown["job"]["status"] == "done", shown["job"]
    return shown


def _csv(api: Api, prediction: dict) -> list[list[str]]:
    answer = api.client.get(api.url(f"/predictions/{prediction['id']}/csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.reader(io.StringIO(answer.content.decode(), newline=""), strict=True))


def test_the_answer_in_the_request_is_that_of_the_job_and_of_plain_onnxruntime(
    trained_api: Api, trained: Trained
) -> None:
    prediction = _predict_all(trained_api, trained)
    rows = trained_api.get(f"/predictions/{prediction['id']}/results", size=3)["items"]
    for row in rows:
        answer = trained_api.client.post(
            trained_api.url(f"/models/{trained.model_id}/predict"), json={"recording_id": row["recording_id"]}
        ).json()
        at_once = [label["probability"] for label in answer["labels"]]
        np.testing.assert_allclose(at_once, row["probabilities"], atol=1e-6)
        np.testing.assert_allclose(at_once, _by_hand(trained_api, trained, row["recording_id"]), atol=1e-5)
        assert answer["predicted"] == row["predicted"] == [answer["labels"][int(np.argmax(at_once))]["label"]]
        assert sum(at_once) == pytest.approx(1, abs=1e-5)


def test_the_csv_export_is_csv_with_a_row_a_recording(trained_api: Api, trained: Trained) -> None:
    header, *rows = _csv(trained_api, _predict_all(trained_api, trained))
    labels = trained_api.get(f"/models/{trained.model_id}")["labels"]
    numbers = [f"probability_{label}" for label in labels]
    assert header == ["file_name", "recording", "predicted", *numbers, "error", "known", "seen"]
    assert len(rows) == 60
    assert {len(row) for row in rows} == {len(header)}
    assert all(row[2] in labels and abs(sum(map(float, row[3:-3])) - 1) < 1e-4 for row in rows)
    assert {row[-2] for row in rows} <= {*labels}
    assert {row[-1] for row in rows} == {"training", "validation", "test"}


def test_a_file_name_that_a_spreadsheet_would_run_is_made_harmless_in_the_csv(
    trained_api: Api, trained: Trained
) -> None:
    hostile = ["=HYPERLINK('http:evil.example','a')", "+1+1", "-1+cmd", "@SUM(A1)", "a,b;c.csv"]
    trained_api.upload({name: csv_file(number) for number, name in enumerate(hostile)}, rate="100")
    rows = {row[0] for row in _csv(trained_api, _predict_all(trained_api, trained))}
    assert not [cell for cell in rows if cell[:1] in ("=", "+", "-", "@")]
    assert {f"'{name}" for name in hostile[:4]} | {hostile[4]} <= rows


def test_a_prediction_of_labelled_recordings_says_how_good_it_was(trained_api: Api, trained: Trained) -> None:
    prediction = _predict_all(trained_api, trained, trained.dataset_id)
    assert (prediction["n_results"], prediction["n_errors"]) == (60, 0)
    assert sum(prediction["counts"].values()) == 60
    assert prediction["evaluation"]["n"] == 60
    assert 0 <= prediction["evaluation"]["macro_auroc"]["value"] <= 1


def test_a_dataset_of_foreign_labels_is_predicted_without_scores_and_without_an_error(
    trained_api: Api, trained: Trained
) -> None:
    names = [row["file_name"] for row in trained_api.recordings(size=10)]
    dataset = trained_api.dataset("file_name,label\n" + "".join(f"{name},Chagas\n" for name in names))["id"]
    prediction = _predict_all(trained_api, trained, dataset)
    assert (prediction["n_results"], prediction["evaluation"]) == (10, None)


def test_a_dataset_with_some_foreign_labels_is_scored_on_the_known_ones(trained_api: Api, trained: Trained) -> None:
    names = [row["file_name"] for row in trained_api.recordings(size=10)]
    table = "".join(f"{name},{'NORM' if n % 2 else 'Chagas'}\n" for n, name in enumerate(names))
    prediction = _predict_all(trained_api, trained, trained_api.dataset(f"file_name,label\n{table}")["id"])
    assert prediction["evaluation"]["n"] == 5
    assert prediction["evaluation"]["macro_auroc"]["value"] is None  # one class only: undefined, not 0 or 1


def test_a_model_of_one_label_is_scored_only_on_recordings_with_one_of_its_labels(
    trained_api: Api, trained: Trained
) -> None:
    names = [row["file_name"] for row in trained_api.recordings(size=6)]
    table = "".join(f"{name},NORM;AFIB\n" if n < 2 else f"{name},NORM\n" for n, name in enumerate(names))
    prediction = _predict_all(trained_api, trained, trained_api.dataset(f"file_name,label\n{table}")["id"])
    assert (prediction["n_results"], prediction["evaluation"]["n"]) == (6, 4)
    assert sum(map(sum, prediction["evaluation"]["confusion"])) == 4


def test_a_newer_table_of_values_says_nothing_of_a_model_of_labels(trained_api: Api, trained: Trained) -> None:
    one = trained_api.recordings(size=1)[0]

    def known() -> list[str]:
        asked = {"recording_id": one["id"]}
        answer = trained_api.client.post(trained_api.url(f"/models/{trained.model_id}/predict"), json=asked)
        found: list[str] = answer.json()["known"]
        return found

    (label,) = before = known()
    assert label in CLASSES
    trained_api.dataset(f"file_name,value:Age (years)\n{one['file_name']},57\n")
    assert known() == before


def test_results_are_paged(trained_api: Api, trained: Trained) -> None:
    prediction = _predict_all(trained_api, trained)
    pages = [trained_api.get(f"/predictions/{prediction['id']}/results", page=page, size=25) for page in (1, 2, 3, 4)]
    assert [len(page["items"]) for page in pages] == [25, 25, 10, 0]
    assert len({row["recording_id"] for page in pages for row in page["items"]}) == 60


def test_a_prediction_taken_up_again_does_not_predict_twice(trained_api: Api, trained: Trained) -> None:
    prediction = _predict_all(trained_api, trained)
    from backend.db.session import write_session
    from backend.db.tables import Job

    with write_session(get_settings().resolved_database_url) as session:
        session.get_one(Job, prediction["job"]["id"]).status = "queued"
    run(prediction["job"]["id"], predict)
    assert trained_api.get(f"/predictions/{prediction['id']}")["n_results"] == 60


@pytest.mark.parametrize(
    ("status", "words"),
    [("queued", "has not begun"), ("running", "still going on"), ("failed", "failed"), ("cancelled", "was cancelled")],
)
def test_results_of_a_prediction_that_is_not_done_are_only_given_to_who_asks_for_a_part(
    trained_api: Api, trained: Trained, status: str, words: str
) -> None:
    from backend.db.session import write_session
    from backend.db.tables import Job

    prediction = _predict_all(trained_api, trained)
    with write_session(get_settings().resolved_database_url) as session:
        session.get_one(Job, prediction["job"]["id"]).status = status
    for part in ("results", "csv"):
        path = trained_api.url(f"/predictions/{prediction['id']}/{part}")
        assert words in refusal(trained_api.client.get(path), 409, "ConflictError")
        assert trained_api.client.get(path, params={"partial": True}).status_code == 200


def test_nothing_to_predict_is_said_at_once(trained_api: Api, trained: Trained) -> None:
    empty = trained_api.dataset("file_name,label\nnowhere.csv,A\n")["id"]
    body = {"model_id": trained.model_id, "dataset_id": empty}
    assert "recording" in refusal(
        trained_api.client.post(trained_api.url("/predictions"), json=body), 422, "InvalidInputError"
    )


def test_a_prediction_needs_a_model(trained_api: Api) -> None:
    refusal(trained_api.client.post(trained_api.url("/predictions"), json={"model_id": "none"}), 404, "NotFoundError")
    body = {"recording_id": trained_api.recordings()[0]["id"]}
    refusal(trained_api.client.post(trained_api.url("/models/none/predict"), json=body), 404, "NotFoundError")


def test_files_are_predicted_without_being_stored(trained_api: Api, trained: Trained) -> None:
    header, data = wfdb_pair("r1")
    sent = [
        ("r1.hea", header),
        ("r1.dat", data),
        ("bad.csv", b"?"),
        ("s.zip", zip_file({"2.csv": csv_file(2)})),
        ("b.zip", b"PK\x03\x04"),
    ]
    before = trained_api.get("/recordings")["total"]
    answer = trained_api.client.post(
        trained_api.url(f"/models/{trained.model_id}/predict-files"),
        files=[("files", part) for part in sent],
        data={"rate": "100", "units_per_mv": "1000"},
    )
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert [item["prediction"] is None for item in shown] == [False, True, False, True]
    assert [item["file_name"] for item in shown if item["error"]] == ["bad.csv", "b.zip"]
    for item in shown:
        if item["prediction"]:
            assert sum(label["probability"] for label in item["prediction"]["labels"]) == pytest.approx(1, abs=1e-5)
    assert trained_api.get("/recordings")["total"] == before


def test_a_very_old_patient_is_as_old_in_a_file_as_in_the_store() -> None:
    """A stored age above 89 is 90; a network that looks at it must answer alike."""
    told = []

    class Looking:
        spec = ModelSpec(
            architecture="dsail_snu", labels=("A", "B"), task="multi_label", preprocessing=preset("clinical"),
            takes_patient=True,
        )  # fmt: skip

        def answers(self, _signal, _rate, patient):
            told.append(patient[0].tolist())
            return np.zeros((1, 2), np.float32), None

    recording = ecg.Recording(
        signal=np.zeros((12, 1000), np.float32), rate=100, name="a", format="csv", patient=ecg.Patient(None, 97.0, "F")
    )
    predictions.answer_recording(Looking(), recording)
    assert told == [encode(facts_of(recording)["age"], "F").tolist()]
    assert told[0][0] == np.float32(0.9)


def test_a_short_recording_is_predicted_with_a_word_of_warning(trained_api: Api, trained: Trained) -> None:
    report = trained_api.upload({"short.csv": csv_file(1, n=300)}, rate="100")
    body = {"recording_id": report["outcomes"][0]["recording_ids"][0]}
    answer = trained_api.client.post(trained_api.url(f"/models/{trained.model_id}/predict"), json=body).json()
    assert any("3 s" in note and "padded" in note for note in answer["notes"])


def test_a_deleted_model_takes_its_predictions_and_its_file_along(trained_api: Api, trained: Trained) -> None:
    prediction = _predict_all(trained_api, trained)
    assert trained_api.client.delete(trained_api.url(f"/models/{trained.model_id}")).status_code == 204
    refusal(trained_api.client.get(trained_api.url(f"/predictions/{prediction['id']}")), 404, "NotFoundError")
    assert trained_api.get("/predictions") == []
    refusal(trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/onnx")), 404, "NotFoundError")


def test_a_deleted_recording_leaves_the_prediction_of_the_others(trained_api: Api, trained: Trained) -> None:
    prediction = _predict_all(trained_api, trained)
    trained_api.client.delete(trained_api.url(f"/recordings/{trained_api.recordings()[0]['id']}"))
    assert trained_api.get(f"/predictions/{prediction['id']}")["n_results"] == 59
    assert len(_csv(trained_api, prediction)) == 60


def test_the_onnx_file_is_downloaded_under_the_name_of_the_model(trained_api: Api, trained: Trained) -> None:
    trained_api.client.patch(trained_api.url(f"/models/{trained.model_id}"), json={"name": "Über/Modell: 1"})
    answer = trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/onnx"))
    assert answer.headers["content-disposition"].endswith("''%C3%9Cber_Modell_%201.onnx")
    assert len(answer.content) == trained_api.get(f"/models/{trained.model_id}")["onnx_bytes"]


def test_a_download_touches_no_job_of_anybody(trained_api: Api, trained: Trained) -> None:
    other = trained_api.client.post("/api/v1/projects/demo", json={"n_recordings": 50}).json()
    trained_api.client.get(trained_api.url(f"/models/{trained.model_id}/onnx"))
    _csv(trained_api, _predict_all(trained_api, trained))
    answer = trained_api.client.get(trained_api.url(f"/jobs/{other['job']['id']}", other["project"]["id"]))
    assert answer.json()["status"] == "queued"
    assert len(list((trained.folder / "queue" / "messages").iterdir())) >= 1  # its message is still in the queue
