"""A look before an upload: what would be read is shown, and nothing is stored."""

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest

from tests.api_calls import Api, Files, refusal
from tests.samples import LEADS, csv_file, microvolts, npy_file, wfdb_pair, zip_file


def _preview(api: Api, files: Files, **options: str) -> dict[str, Any]:
    named = files.items() if hasattr(files, "items") else files
    parts = [("files", (name, data, "application/octet-stream")) for name, data in named]
    answer = api.client.post(api.url("/recordings/preview"), files=parts, data=options)
    assert answer.status_code == 200, answer.text
    assert api.get("/recordings")["total"] == api.get("/imports")["total"] == 0
    shown: dict[str, Any] = answer.json()
    return shown


def _signal(shown: dict[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    payload = base64.b64decode(shown["signal"])
    (length,) = struct.unpack_from("<I", payload)
    header = json.loads(payload[4 : 4 + length])
    samples = np.frombuffer(payload, "<i2", offset=4 + length).reshape(12, header["n_samples"])
    return samples * np.array(header["step"])[:, None], header


def test_a_file_that_leaves_things_open_shows_what_the_declaration_makes_of_it(api: Api) -> None:
    shown = _preview(api, {"a.csv": csv_file(3, n=1500)}, rate="100", units_per_mv="1000")
    values, header = _signal(shown)
    assert (header["rate"], header["n_samples"]) == (100, 1000)
    np.testing.assert_allclose(values, microvolts(3, 1500)[:, :1000] / 1000, atol=1e-9)
    span = (microvolts(3, 1500).max(axis=1) - microvolts(3, 1500).min(axis=1)).max() / 1000
    assert shown["peak_to_peak_mv"] == pytest.approx(span, abs=1e-6)
    assert shown["heart_rate"] == pytest.approx(60, rel=0.1)
    expected = {
        "file_name": "a.csv", "format": "csv", "left_open": ["rate", "unit"], "rate": 100, "unit": "mV",
        "n_recordings": 1, "duration_s": 15, "leads": list(LEADS), "missing_leads": [], "error": None,
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    assert [finding["code"] for finding in shown["findings"]] == ["duration"]


def test_another_declaration_shows_another_ecg(api: Api) -> None:
    shown = _preview(api, {"a.csv": csv_file(3)}, rate="500", units_per_mv="1")
    assert (shown["rate"], shown["duration_s"]) == (500, 2)
    assert shown["heart_rate"] == pytest.approx(300, rel=0.1)
    assert shown["peak_to_peak_mv"] > 500
    assert "amplitude" in [finding["code"] for finding in shown["findings"]]
    assert _preview(api, {"a.csv": csv_file(3)}, rate="500", unit="arbitrary")["peak_to_peak_mv"] is None


def test_the_order_of_unnamed_leads_is_the_declared_one(api: Api) -> None:
    order = [*LEADS[6:], *LEADS[:6]]
    shown = _preview(api, {"a.npy": npy_file(3)}, rate="100", units_per_mv="1000", leads=",".join(order))
    assert "leads" in shown["left_open"]
    assert shown["leads"] == order
    np.testing.assert_allclose(np.roll(_signal(shown)[0], 6, axis=0), microvolts(3) / 1000, atol=1e-9)


def test_a_set_that_states_everything_leaves_nothing_open(api: Api) -> None:
    shown = _preview(api, dict(zip(("r.hea", "r.dat"), wfdb_pair("r"), strict=True)))
    assert (shown["file_name"], shown["format"], shown["left_open"], shown["error"]) == ("r.hea", "wfdb", [], None)


@pytest.mark.parametrize("unit", ["NU", "adu"])
def test_a_unit_that_is_no_voltage_is_left_open_and_offered_to_be_read_without_a_scale(api: Api, unit: str) -> None:
    """With the page's usual declaration such a record was read as µV, and nobody was asked."""
    header, data = wfdb_pair("r")
    files = {"r.hea": header.replace(b"/mV", f"/{unit}".encode()), "r.dat": data}
    usual = _preview(api, files, rate="500", unit="mV", units_per_mv="1000")
    assert (usual["left_open"], usual["unit"], usual["error"]) == (["unit"], "mV", None)
    undeclared = _preview(api, files)
    assert undeclared["error"]
    for shown in (usual, undeclared):
        assert [{key: value for key, value in one.items() if value is not None} for one in shown["offers"]] == [
            {"unit": "arbitrary"}
        ]
    taken = _preview(api, files, rate="500", unit="arbitrary")
    assert (taken["unit"], taken["offers"], taken["error"]) == ("arbitrary", [], None)


def test_a_record_that_is_not_calibrated_is_not_offered_what_changes_nothing(api: Api) -> None:
    header, data = wfdb_pair("r")
    shown = _preview(api, {"r.hea": header.replace(b" 1000.0(0)/mV", b" 0"), "r.dat": data})
    assert (shown["left_open"], shown["offers"]) == (["unit"], [])


def test_of_a_zip_the_first_readable_set_that_leaves_something_open_is_shown(api: Api) -> None:
    header, data = wfdb_pair("r")
    files = {
        "0.txt": b"?",
        "r.hea": header,
        "r.dat": data,
        "empty.csv": b"",
        "n.csv": csv_file(1),
        "z.npy": npy_file(1),
    }
    assert _preview(api, {"s.zip": zip_file(files)}, rate="100")["file_name"] == "s.zip/n.csv"
    del files["n.csv"], files["z.npy"]
    assert _preview(api, {"s.zip": zip_file(files)})["file_name"] == "s.zip/r.hea"


@pytest.mark.parametrize(
    "files",
    [
        {"a.csv": b""}, {"a.csv": b"hello"}, {"a.bin": b"\0\1\2"}, {"a.zip": b"PK\x03\x04 broken"},
        {"a.hea": wfdb_pair("a")[0]}, {"a.zip": zip_file({})},
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(api: Api, files: dict[str, bytes]) -> None:
    shown = _preview(api, files)
    assert len(shown["error"]) > 20
    assert (shown["signal"], shown["rate"], shown["n_recordings"]) == (None, None, 0)


def test_a_stack_shows_its_first_recording_and_says_how_many_there_are(api: Api) -> None:
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.stack([microvolts(seed) for seed in range(4)]))
    shown = _preview(api, {"s.npy": buffer.getvalue()}, rate="100", units_per_mv="1000")
    assert shown["n_recordings"] == 4
    np.testing.assert_allclose(_signal(shown)[0], microvolts(0) / 1000, atol=1e-9)


def test_an_impossible_declaration_is_refused(api: Api) -> None:
    answer = api.client.post(api.url("/recordings/preview"), files={"files": ("a.csv", csv_file())}, data={"rate": "0"})
    refusal(answer, 422, "UndeclaredError")
