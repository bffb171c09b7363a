"""Partial recordings: kept where asked for, shown, and left out of all that needs twelve leads, aloud."""

import json
import struct

import numpy as np
import pytest

from tests.api_calls import Api, refusal
from tests.samples import csv_file, microvolts
from tests.trained import TINY, Trained
from workers.lifecycle import run
from workers.predictions import predict

LACKING = ["V2", "V3", "V4", "V5", "V6"]


def _partial(seed: int = 0, n: int = 1000) -> bytes:
    """Return a CSV of leads I, II and V1 in µV."""
    rows = (",".join(map(str, row)) for row in microvolts(seed, n)[[0, 1, 6]].T)
    return "\n".join(["I,II,V1", *rows]).encode() + b"\n"


def _mixed(api: Api, n: int = 12) -> str:
    """Upload n complete and two partial recordings with labels; return the id of the dataset."""
    files = {f"{number}.csv": csv_file(number) for number in range(n)}
    report = api.upload(files | {"p1.csv": _partial(91), "p2.csv": _partial(92)}, rate="100", partial="true")
    assert report["imported"] == n + 2
    rows = [f"{name},{'AB'[index % 2]}" for index, name in enumerate([*files, "p1.csv", "p2.csv"])]
    dataset = api.dataset("file_name,label\n" + "\n".join(rows) + "\n")
    assert (dataset["n_matched"], dataset["n_partial"]) == (n + 2, 2)
    return str(dataset["id"])


def test_without_being_asked_for_a_partial_recording_is_refused(api: Api) -> None:
    (outcome,) = api.upload({"p.csv": _partial()}, rate="100")["outcomes"]
    assert outcome["status"] == "refused"
    assert "V2" in outcome["detail"]
    (again,) = api.upload({"p.csv": _partial()}, rate="100", partial="true")["outcomes"]
    assert again["status"] == "imported"


def test_a_partial_recording_is_shown_with_gaps_for_what_is_missing(api: Api) -> None:
    api.upload({"p.csv": _partial(3)}, rate="100", partial="true")
    (row,) = api.recordings()
    assert row["missing_leads"] == LACKING
    assert set(row["derived_leads"]) == {"III", "aVR", "aVL", "aVF"}
    assert row["declared"]["partial"] is True
    payload = api.client.get(api.url(f"/recordings/{row['id']}/signal")).content
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    samples = np.frombuffer(payload, "<i2", offset=4 + length).reshape(12, header["n_samples"])
    assert (samples[7:] == -32768).all()
    np.testing.assert_allclose(samples[6] * header["step"][6], microvolts(3)[6] / 1000, atol=1e-9)


def test_a_run_leaves_partial_recordings_out_and_says_how_many(api: Api) -> None:
    dataset_id = _mixed(api)
    answer = api.client.post(
        api.url("/runs"), json={"dataset_id": dataset_id, "architecture": "inception_time", "architecture_config": TINY}
    )
    assert answer.status_code == 202, answer.text
    facts = answer.json()["facts"]
    assert "2 recordings that lack leads were left out." in facts["notes"]
    assert sum(part["n"] for part in facts["counts"].values()) == 12


def test_a_dataset_of_partial_recordings_alone_cannot_be_learnt(api: Api) -> None:
    api.upload({f"{n}.csv": _partial(n) for n in range(3)}, rate="100", partial="true")
    dataset_id = api.dataset("file_name,label\n0.csv,A\n1.csv,B\n2.csv,A\n")["id"]
    answer = api.client.post(api.url("/runs"), json={"dataset_id": dataset_id})
    assert "lack leads" in refusal(answer, 422, "InvalidInputError")


def test_a_partial_recording_is_not_predicted_and_the_others_are(trained_api: Api, trained: Trained) -> None:
    api = trained_api
    report = api.upload({"p.csv": _partial(), "c.csv": csv_file()}, rate="100", partial="true")
    partial = report["outcomes"][0]["recording_ids"][0]
    address = api.url(f"/models/{trained.model_id}/predict")
    text = refusal(api.client.post(address, json={"recording_id": partial}), 422, "MissingLeadsError")
    assert ", ".join(LACKING) in text
    answer = api.client.post(api.url("/predictions"), json={"model_id": trained.model_id})
    run(answer.json()["job"]["id"], predict)
    rows = api.get(f"/predictions/{answer.json()['id']}/results", size=500)["items"]
    assert {row["file_name"]: row["error"] for row in rows if row["error"]} == {"p.csv": text}
    assert len(rows) == api.get("/recordings")["total"]


@pytest.mark.parametrize("partial", ["true", "false"])
def test_a_partial_file_is_answered_with_what_it_lacks_among_the_others(
    trained_api: Api, trained: Trained, partial: str
) -> None:
    parts = [("files", ("p.csv", _partial())), ("files", ("c.csv", csv_file()))]
    address = trained_api.url(f"/models/{trained.model_id}/predict-files")
    answer = trained_api.client.post(
        address, files=parts, data={"rate": "100", "units_per_mv": "1000", "partial": partial}
    )
    assert answer.status_code == 200, answer.text
    first, second = answer.json()
    assert "V2" in first["error"]
    assert second["prediction"]["file_name"] == "c.csv"
