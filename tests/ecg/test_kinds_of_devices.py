"""Files of devices of the kinds that went wrong once, each generated in many forms, against independent oracles."""

import re
import struct

import numpy as np
import pyedflib
import pytest
import wfdb
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, UndeclaredError, UnreadableFileError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.readers.dicom.group import padded
from tests import scp_files
from tests.samples import LEADS, microvolts, wfdb_pair

SLOW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUICK = settings(deadline=None, max_examples=150)


def many(name: str, data: bytes, options: ReadOptions | None = None):
    return read(FileSet((SourceFile(name, data),)), options)


# --- DICOM padding ---------------------------------------------------------------------------------------------------


@QUICK
@given(
    value=st.sampled_from([0, 7, -32768]),
    start=st.integers(0, 400),
    length=st.integers(0, 500),
    seed=st.integers(0, 20),
)
def test_padding_is_what_all_leads_hold_for_a_while_and_no_single_zero(value, start, length, seed):
    x = microvolts(seed, 1000, 500)
    stop = min(start + length, 1000)
    x[:, start:stop] = value
    found = padded(x, value, 500)
    others = np.concatenate([x[:, :start], x[:, stop:]], axis=1)
    beyond = not others.size or not (others.min() <= value <= others.max())
    for row, marks in zip(x, found, strict=True):
        if beyond:
            np.testing.assert_array_equal(marks, row == value)
        elif stop - start >= 55:  # 0.1 s and what may stand beside it by chance
            assert marks[start:stop].all()
            assert marks.sum() <= stop - start + 4
        elif stop - start < 45:
            assert not marks.any()


# --- SCP pointers ----------------------------------------------------------------------------------------------------


@SLOW
@example(off=-93, numbers_={3})  # into the pointers, which look like headers
@example(off=-152, numbers_={6})
@given(off=st.integers(-300, 300), numbers_=st.sets(st.sampled_from([3, 6]), min_size=1))
def test_sections_are_found_by_their_headers_where_the_pointers_are_off(off, numbers_):
    x = microvolts(1, 300)[[0, 1, 6, 7, 8, 9, 10, 11]]
    whole = scp_files.record({
        3: scp_files.leads(scp_files.EIGHT, [(1, 300)] * 8),
        6: scp_files.block(list(x), 1000, 10_000),
    })  # fmt: skip
    data = bytearray(whole)
    for number in numbers_:
        at = 6 + 16 + 10 * number + 6
        (index,) = struct.unpack_from("<I", data, at)
        struct.pack_into("<I", data, at, max(0, index + off))
    (right,), (recording,) = many("a.scp", whole), many("a.scp", bytes(data))
    np.testing.assert_array_equal(recording.signal, right.signal)


# --- WFDB ------------------------------------------------------------------------------------------------------------


@SLOW
@given(
    folder=st.sampled_from(["ge_median_beats/", "records500/00000/", "a\\b\\", "../x/", "12/"]),
    name=st.sampled_from(["r1", "00001"]),
)
def test_a_folder_in_a_header_does_no_harm_and_the_record_is_the_one_of_the_header(tmp_path_factory, folder, name):
    header, data = wfdb_pair(name, 3, 200)
    plain = tmp_path_factory.mktemp("plain")
    (plain / f"{name}.hea").write_bytes(header)
    (plain / f"{name}.dat").write_bytes(data)
    oracle = wfdb.rdrecord(str(plain / name)).p_signal.T
    foldered = header.replace(f"{name} 12".encode(), f"{folder}{name} 12".encode(), 1)
    foldered = foldered.replace(f"{name}.dat".encode(), f"{folder}{name}.dat".encode())
    (files,) = group([SourceFile(f"{name}.hea", foldered), SourceFile(f"{name}.dat", data)])
    (recording,) = read(files)
    np.testing.assert_allclose(recording.signal, oracle, rtol=0, atol=1e-6)
    assert recording.record_id == name


@SLOW
@given(segments=st.integers(2, 5), lost=st.integers(1, 4))
def test_a_master_that_announces_more_or_fewer_segments_takes_all_of_them_along_and_is_refused(segments, lost):
    said = segments + lost if lost % 2 else max(1, segments - lost)
    assume(said != segments)
    files = []
    lines = [f"m/{said} 12 100 {200 * segments}"]
    for number in range(segments):
        header, data = wfdb_pair(f"s{number}", number, 200)
        files += [SourceFile(f"s{number}.hea", header), SourceFile(f"s{number}.dat", data)]
        lines.append(f"s{number} 200")
    sets = group([SourceFile("m.hea", "\n".join(lines).encode()), *files])
    assert [len(one.files) for one in sets] == [1 + 2 * segments]
    with pytest.raises(UnreadableFileError, match=f"announces {said} segments and describes {segments}"):
        read(sets[0])


@SLOW
@given(unit=st.sampled_from(["NU", "adu", "mmHg", "au", "norm"]), seed=st.integers(0, 9))
def test_any_unit_that_is_no_voltage_is_read_without_a_scale_where_that_is_declared(unit, seed):
    header, data = wfdb_pair("r", seed, 200)
    files = FileSet((SourceFile("r.hea", header.replace(b"/mV", f"/{unit}".encode())), SourceFile("r.dat", data)))
    with pytest.raises(UndeclaredError, match=unit) as caught:
        read(files)
    assert {"unit": "arbitrary"} in caught.value.offers
    (recording,) = read(files, ReadOptions(unit="arbitrary"))
    assert recording.unit == "arbitrary"
    np.testing.assert_allclose(recording.signal, microvolts(seed, 200) / 1000, rtol=1e-6)
    (scaled,) = read(files, ReadOptions(units_per_mv=2))
    assert scaled.unit == "mV"
    np.testing.assert_allclose(scaled.signal, microvolts(seed, 200) / 2000, rtol=1e-6)


@pytest.mark.parametrize("gain", ["0", "0/mV", "0.0(0)/mV", ""])
def test_no_gain_is_said_to_be_none(gain):
    header, data = wfdb_pair("r", 1, 200)
    bare = re.sub(
        rb"\.dat 16 1000\.0\(0\)/mV[^\n]* (\S+)\n", rb".dat 16 " + gain.encode() + rb" 16 0 0 0 0 \1\n", header
    )
    if not gain:
        bare = re.sub(rb"\.dat 16 [^\n]*\n", b".dat 16\n", header)
    (recording,) = read(FileSet((SourceFile("r.hea", bare), SourceFile("r.dat", data))), ReadOptions(leads=LEADS))
    assert "unit" in recording.declared
    assert any("not calibrated" in note for note in recording.notes)
    np.testing.assert_allclose(recording.signal, microvolts(1, 200) / 200, rtol=1e-6)


# --- EDF -------------------------------------------------------------------------------------------------------------


def edf(path, labels, rates) -> bytes:
    """A file as pyedflib writes it."""
    with pyedflib.EdfWriter(str(path), len(labels)) as out:
        out.setSignalHeaders([
            {"label": label, "dimension": "uV", "sample_frequency": rate, "physical_max": 3276.7,
             "physical_min": -3276.8, "digital_max": 32767, "digital_min": -32768, "prefilter": "", "transducer": ""}
            for label, rate in zip(labels, rates, strict=True)
        ])  # fmt: skip
        rows = microvolts(2, 1000)
        out.writeSamples([rows[i % 12, : 2 * rate].astype(float) for i, rate in enumerate(rates)])
    return path.read_bytes()


@SLOW
@given(
    form=st.sampled_from(["ECG{}", "Ch {}", "CH{:02}", "Lead#{}", "{}ch"]),
    order=st.permutations(LEADS),
    more=st.booleans(),
)
def test_numbered_channels_are_read_in_the_declared_order(tmp_path_factory, form, order, more):
    labels = [form.format(i) for i in range(101, 113)] + (["Resp"] if more else [])
    data = edf(tmp_path_factory.mktemp("edf") / "a.edf", labels, [100] * len(labels))
    with pytest.raises(EcgError):
        many("a.edf", data)
    (recording,) = many("a.edf", data, ReadOptions(leads=tuple(order)))
    x = microvolts(2, 1000)[:, :200] / 1000
    for row, name in enumerate(order):
        np.testing.assert_allclose(recording.signal[LEADS.index(name)], x[row], rtol=0, atol=2e-4)
    assert "leads" in recording.declared


@SLOW
@given(st.sets(st.sampled_from(LEADS), min_size=1, max_size=11), st.sampled_from([(100, 200), (250, 500)]))
def test_leads_of_two_rates_are_named_with_their_rates(tmp_path_factory, slow, rates):
    low, high = rates
    data = edf(tmp_path_factory.mktemp("edf") / "a.edf", LEADS, [low if name in slow else high for name in LEADS])
    parts = ({*slow}, {*LEADS} - slow)
    if any({*LEADS[6:]} <= part and len(part & {"I", "II", "III"}) >= 2 for part in parts):
        (recording,) = many("a.edf", data)  # one rate has all that is needed
        assert recording.rate in rates
        assert recording.missing == ()
        return
    with pytest.raises(UnreadableFileError, match="2 sampling rates") as caught:
        many("a.edf", data)
    assert f"at {low} Hz" in str(caught.value)
    assert f"at {high} Hz" in str(caught.value)
