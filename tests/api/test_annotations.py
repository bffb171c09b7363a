"""Annotations that lie beside records: labels of files, for those who ask for them, and in what is downloaded."""

import io
import zipfile

import numpy as np
import wfdb

from backend.ecg.annotations import Annotation
from backend.ecg.writers.annotations import to_bytes
from tests.api_calls import Api
from tests.samples import wfdb_pair


def _record(name: str, *made: Annotation) -> dict[str, bytes]:
    header, samples = wfdb_pair(name, seed=len(name), n=1000)
    return {f"{name}.hea": header, f"{name}.dat": samples, f"{name}.atr": to_bytes(made)}


def test_rhythms_by_experts_become_a_dataset_where_somebody_asks(api: Api) -> None:
    normal, flutter, silent = (Annotation(0, "+", "N"), Annotation(0, "+", "AFL"), Annotation(5, "~"))
    files = _record("a", normal) | _record("bb", normal, Annotation(500, "+", "AFIB")) | _record("ccc", flutter)
    report = api.upload(files | _record("dddd", silent))
    assert report["imported"] == 4
    assert api.get("/datasets") == []
    (source,) = [one for one in api.get("/datasets/in-files") if one["name"] == "rhythms (.atr)"]
    assert source["n_recordings"] == 3
    made = api.client.post(api.url("/datasets/in-files"), json={"sources": ["rhythms (.atr)"]}).json()
    assert (sorted(made["labels"]), made["n_matched"]) == (["AFIB", "AFL", "N"], 3)
    assert made["task"] == "multi_label"


def test_a_download_has_the_r_peaks_beside_the_samples(trained_api: Api, tmp_path) -> None:
    recording = trained_api.recordings()[0]["id"]
    answer = trained_api.client.get(trained_api.url(f"/recordings/{recording}/download"), params={"format": "wfdb"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    (header,) = tmp_path.glob("*.hea")
    found = wfdb.rdann(str(header.with_suffix("")), "qrs")
    measured = trained_api.get(f"/recordings/{recording}/measurements")["r_peaks_s"]
    np.testing.assert_allclose(found.sample / found.fs, measured, atol=1e-3)
