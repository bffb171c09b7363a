"""What the API says of a recording's beats, waves, quality and aligned form."""

import json
import struct

import numpy as np
import pytest
from scipy.signal import find_peaks

from tests.api_calls import Api
from tests.samples import csv_file, microvolts


def _recording(api: Api, data: bytes = b"", **options: str) -> str:
    report = api.upload({"a.csv": data or csv_file(3, n=1000)}, **({"rate": "100"} | options))
    return report["outcomes"][0]["recording_ids"][0]


def _signal(api: Api, recording_id: str, **query: str) -> tuple[np.ndarray, dict]:
    answer = api.client.get(api.url(f"/recordings/{recording_id}/aligned"), params=query)
    assert answer.status_code == 200, answer.text
    (length,) = struct.unpack_from("<I", answer.content)
    header = json.loads(answer.content[4 : 4 + length])
    samples = np.frombuffer(answer.content, "<i2", offset=4 + length).reshape(12, header["n_samples"])
    return np.where(samples == -32768, np.nan, samples * np.array(header["step"])[:, None]), header


def test_the_beats_of_a_made_ecg_are_found_where_they_were_put(api: Api) -> None:
    measured = api.get(f"/recordings/{_recording(api)}/measurements")
    peaks, _ = find_peaks(microvolts(3)[1], height=500)
    np.testing.assert_allclose(measured["r_peaks_s"], peaks / 100, atol=0.011)
    assert measured["heart_rate"] == pytest.approx(60, abs=0.5)
    assert [round(beat["r_peak"] * 100) for beat in measured["waves"]] == [
        round(100 * peak) for peak in measured["r_peaks_s"]
    ]
    assert all(beat["qrs_onset"] < beat["r_peak"] < beat["qrs_offset"] for beat in measured["waves"])
    # V5 was made with 1.1 mV of R.
    assert measured["r_mv"]["V5"] == pytest.approx(1.0, abs=0.15)
    assert measured["quality"]["overall"] == "usable"
    assert set(measured["quality"]["leads"]) == set(measured["st_mv"])


def test_what_cannot_be_measured_is_null_with_a_reason(api: Api) -> None:
    flat = "\n".join(
        [",".join(["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{i}" for i in range(1, 7))])] + ["0," * 11 + "0"] * 1000
    )
    measured = api.get(f"/recordings/{_recording(api, flat.encode())}/measurements")
    assert measured["heart_rate"] is None
    assert measured["qrs_ms"] is None
    assert len(measured["reasons"]["heart_rate"]) > 10
    assert measured["waves"] == []
    assert measured["quality"]["overall"] == "unusable"


def test_a_recording_without_a_scale_has_intervals_but_no_millivolts(api: Api) -> None:
    measured = api.get(f"/recordings/{_recording(api, unit='arbitrary')}/measurements")
    assert measured["heart_rate"] == pytest.approx(60, abs=0.5)
    assert measured["st_mv"] == {}
    assert "mV" in measured["reasons"]["st_mv"]


def test_the_aligned_recording_has_its_r_peaks_a_second_apart(api: Api) -> None:
    recording_id = _recording(api)
    signal, header = _signal(api, recording_id)
    assert (header["n_samples"], header["rate"], header["unit"]) == (1000, 100, "mV")
    peaks, _ = find_peaks(np.nan_to_num(signal[1]), height=0.5)
    assert set(np.diff(peaks)) == {100}
    beat, header = _signal(api, recording_id, aggregate="median")
    assert header["n_samples"] == 100
    assert beat[1].max() == pytest.approx(1.0, abs=0.1)


def test_an_unknown_recording_or_scale_is_refused(api: Api) -> None:
    recording_id = _recording(api)
    assert api.client.get(api.url("/recordings/none/measurements")).status_code == 404
    assert api.client.get(api.url("/recordings/none/aligned")).status_code == 404
    answer = api.client.get(api.url(f"/recordings/{recording_id}/aligned"), params={"scale": "cubic"})
    assert answer.status_code == 422
    assert answer.json().keys() == {"error", "detail"}
