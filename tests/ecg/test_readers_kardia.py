"""AliveCor Kardia JSON against an independent library: partial recordings only, and what odd files get."""

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from backend.ecg.recording import Recording, Statement
from tests.samples import LEADS, microvolts

NAMES = ("leadI", "leadII", "leadIII", "AVR", "AVL", "AVF")
SIGNAL = microvolts(9, 300, 300)[:6].astype(int) * 2  # steps of 500 nV
PARTIAL = ReadOptions(partial=True)


def block(rows: Any, **more: object) -> dict[str, object]:
    return {"frequency": 300, "mainsFrequency": 50, "amplitudeResolution": 500, "samples": rows, **more}


def kardia(leads: int = 6, **more: object) -> dict[str, Any]:
    rows = {name: row.tolist() for name, row in zip(NAMES[:leads], SIGNAL, strict=False)}
    filtered = {name: [value + 7 for value in row] for name, row in rows.items()}
    return {
        "id": "epg", "patientID": "p-17", "heartRate": 61, "duration": 1000, "recordedAt": "2021-04-16T15:19:09+05:30",
        "algorithmDetermination": "afib", "note": "felt dizzy", "tags": ["at work"],
        "data": {"raw": block(rows), "enhanced": block(filtered)},
        "deviceInfo": {"hardwareType": "kardia_6l", "serialNumber": "20042543K"},
        "qtMeasurement": {"qt": {"Value": 354}, "rr": {"Value": 666.5}, "qtcb": {"Value": 433}}, **more,
    }  # fmt: skip


def one(tree: Any, options: ReadOptions | None = PARTIAL, limits: Limits | None = None) -> Recording:
    data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    (recording,) = read(FileSet((SourceFile("a.json", data),)), options, limits)
    return recording


@pytest.mark.parametrize("leads", [1, 6])
def test_the_leads_equal_an_independent_library(leads: int, tmp_path: Path):
    from ecgdatakit import FileParser

    recording = one(kardia(leads))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(kardia(leads)))
    other = FileParser().parse(path)
    assert (other.leads[0].units, other.leads[0].sampling_rate) == ("mV", recording.rate)
    for theirs in other.leads:
        np.testing.assert_allclose(recording.signal[LEADS.index(theirs.label)], theirs.samples, rtol=0, atol=1e-6)
    np.testing.assert_allclose(recording.signal[:leads], SIGNAL[:leads] * 500e-6, rtol=0, atol=1e-6)
    assert recording.missing == LEADS[leads:]
    assert recording.format == "kardia"


def test_without_partial_the_refusal_names_it():
    with pytest.raises(MissingLeadsError, match="partial"):
        one(kardia(), None)


def test_the_facts_are_kept_and_notes_tags_and_serial_numbers_are_not():
    recording = one(kardia())
    assert recording.patient.id == "p-17"
    assert recording.start == datetime(2021, 4, 16, 15, 19, 9)
    assert recording.device.model == "AliveCor kardia_6l"
    assert recording.device.measurements == {"heart_rate": 61, "qt": 354, "rr": 666.5, "qtc": 433}
    assert recording.device.statements == (Statement("afib", "Kardia", "Possible atrial fibrillation"),)
    assert "Left out: the filtered copy of the signal (enhanced)." in recording.notes
    assert not any(word in repr(recording) for word in ("dizzy", "work", "20042543K"))
    assert one(kardia(algorithmDetermination="Mr Smith")).device.statements == ()


def test_the_filtered_signal_is_taken_where_there_is_no_other():
    tree = kardia(1)
    del tree["data"]["raw"]
    np.testing.assert_allclose(one(tree).signal[0], (SIGNAL[0] + 7) * 500e-6, rtol=0, atol=1e-6)


def test_null_and_nan_are_missing_samples():
    tree = kardia(1)
    tree["data"]["raw"]["samples"]["leadI"][3] = None
    tree["data"]["raw"]["samples"]["leadI"][5] = float("nan")
    recording = one(tree)
    assert np.flatnonzero(np.isnan(recording.signal[0])).tolist() == [3, 5]
    np.testing.assert_allclose(recording.signal[0, 6:], SIGNAL[0, 6:] * 500e-6, rtol=0, atol=1e-6)


def test_what_is_left_open_is_asked_for():
    tree = kardia(1)
    del tree["data"]["raw"]["amplitudeResolution"]
    with pytest.raises(UndeclaredError, match="one mV"):
        one(tree)
    recording = one(tree, ReadOptions(partial=True, units_per_mv=2000))
    np.testing.assert_allclose(recording.signal[0], SIGNAL[0] / 2000, rtol=0, atol=1e-6)
    tree = kardia(1)
    tree["data"]["raw"]["frequency"] = None
    with pytest.raises(UndeclaredError, match="sampling rate"):
        one(tree)


@pytest.mark.parametrize(
    "rows", [{"leadI": "1,2"}, {"leadI": [1, "2"]}, {"leadI": [[1], [2]]}, {"leadI": [True]}, [1, 2], {}, {"leadI": []}]
)
def test_samples_that_are_no_lists_of_numbers_are_refused(rows):
    with pytest.raises(EcgError):
        one(kardia(1) | {"data": {"raw": block(rows)}})


def test_twelve_lead_recordings_deep_nesting_and_too_long_leads_are_refused():
    with pytest.raises(UnreadableFileError, match="12L"):
        one({"recordedAt": "2021-04-16", "data12L": {"samples": [1, 2]}})
    deep = b'{"recordedAt": 1, "data12L": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    with pytest.raises(EcgError):
        one(deep)
    with pytest.raises(LimitError):
        one(kardia(), limits=Limits(samples=100))
    with pytest.raises(LimitError):
        one(b'{"recordedAt": 1, "data12L": [' + b"[]," * 1_000_001 + b"1]}")
    with pytest.raises(UnreadableFileError, match="damaged JSON"):
        one(json.dumps(kardia()).encode()[:-20])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_raises_nothing_but_errors_of_ecgs(data):
    tree = kardia(2)
    for part in tree["data"].values():
        part["samples"] = {name: row[:10] for name, row in part["samples"].items()}
    small = json.dumps(tree).encode()
    damaged = bytearray(small[: data.draw(st.integers(1, len(small)))] if data.draw(st.booleans()) else small)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        one(bytes(damaged))
