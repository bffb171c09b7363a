"""The stored form of signals: what goes in comes out, small and fast, and damage is noticed."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from backend.ecg.recording import Recording
from backend.ecg.signal_file import decode_signal, encode_signal

FORMATS = Path("../shared/data/formats")
real = pytest.mark.skipif(not FORMATS.exists(), reason="the real files of ../shared/data are not here")


def recording(signal: np.ndarray, step: float | np.ndarray | None = None, rate: float = 500.0) -> Recording:
    steps = None if step is None else np.broadcast_to(np.asarray(step, float), 12).copy()
    return Recording(signal=signal.astype(np.float32), rate=rate, name="a", format="x", step=steps)


STEPS = st.sampled_from([0.001, 0.005, 0.00488, 0.00125, 1 / 204.8, 1 / 200, 1e-6, 1.0, 0.00061035, 1 / 3])


@settings(deadline=None, max_examples=150)
@given(step=STEPS, bits=st.integers(2, 24), n=st.integers(1, 50), rate=st.floats(20, 1e5), seed=st.integers(0, 99))
def test_integers_times_a_step_come_back_as_the_same_float32(step, bits, n, rate, seed):
    rng = np.random.default_rng(seed)
    integers = rng.integers(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1), (12, n))
    signal = (integers * step).astype(np.float32)
    signal[rng.random((12, n)) < 0.05] = np.nan
    data = encode_signal(recording(signal, step, rate))
    decoded, decoded_rate = decode_signal(data)
    assert decoded_rate == rate
    assert decoded.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(decoded), np.isnan(signal))
    np.testing.assert_allclose(decoded, signal, rtol=2.5e-7, atol=1e-7)
    assert len(data) - 12 * n * (2 if bits <= 16 else 4) < 150


@settings(deadline=None, max_examples=50)
@given(n=st.integers(1, 50), seed=st.integers(0, 99), step=st.sampled_from([None, 0.001]))
def test_any_other_signal_comes_back_bit_by_bit(n, seed, step):
    signal = np.random.default_rng(seed).normal(size=(12, n)).astype(np.float32) * np.float32(np.pi)
    signal[3, 0] = np.nan
    decoded, _ = decode_signal(encode_signal(recording(signal, step)))
    assert decoded.tobytes() == signal.tobytes()


def test_each_lead_has_its_own_step():
    steps = np.linspace(0.001, 0.005, 12)
    integers = np.random.default_rng(0).integers(-3000, 3000, (12, 100))
    data = encode_signal(recording(integers * steps[:, None], steps))
    assert len(data) < 2 * 12 * 100 + 150
    np.testing.assert_allclose(decode_signal(data)[0], integers * steps[:, None], rtol=1e-6)


def test_a_lead_of_nothing_but_nan_and_values_out_of_range_are_kept():
    signal = np.zeros((12, 5), np.float32)
    signal[2] = np.nan
    signal[1, 1] = 40.0  # 40,000 steps
    signal[0, 0] = 1e9
    for step in (0.001, 1e-9):
        np.testing.assert_array_equal(decode_signal(encode_signal(recording(signal, step)))[0], signal)


@real
@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["wfdb/00001_hr.hea", "wfdb/00001_hr.dat"], None),
        (["wfdb/ludb_1.hea", "wfdb/ludb_1.dat"], None),
        (["wfdb_mat/A0001.hea", "wfdb_mat/A0001.mat"], None),
        (["dicom/mortara_anonymous_ecg.dcm"], None),
        (["dicom/ecgprocess_example1.dcm"], None),
        (["dicom/ge_marquette_test_ecg.dcm"], None),
        (["npy_csv/derived_ptbxl_00001_500hz.csv"], ReadOptions(500, 1)),
        (["text/tereshchenko_testing_ecg.txt"], ReadOptions(500, 1000)),
        (["npy_csv/dummy_ecg.npy"], ReadOptions(500, 1000)),
    ],
)
def test_every_real_file_of_integers_is_stored_in_16_bits_without_loss(names, options):
    (files,) = group([SourceFile(name, (FORMATS / name).read_bytes()) for name in names])
    (original,) = read(files, options)
    data = encode_signal(original)
    assert len(data) < 2 * original.signal.size + 150
    decoded, rate = decode_signal(data)
    np.testing.assert_allclose(decoded, original.signal, rtol=1.2e-7, atol=1e-9)
    assert rate == original.rate


@settings(deadline=None, max_examples=100)
@given(position=st.integers(0, 340), value=st.integers(0, 255))
def test_a_changed_byte_is_noticed(position, value):
    data = bytearray(encode_signal(recording(np.zeros((12, 9)), 0.001)))
    position %= len(data)
    if data[position] == value:
        return
    data[position] = value
    with pytest.raises(UnreadableFileError, match="Import the recording again"):
        decode_signal(bytes(data))


@given(st.binary(max_size=300), st.integers(0, 400))
def test_cut_and_foreign_bytes_are_noticed(foreign, cut):
    data = encode_signal(recording(np.zeros((12, 9)), 0.001))
    for bad in (foreign, data[: min(cut, len(data) - 1)], data + b"\0", b"XECG\x01\x00" + foreign):
        with contextlib.suppress(UnreadableFileError):
            decode_signal(bad)
            pytest.fail("damage was not noticed")


def test_a_sample_takes_two_bytes():
    integers = np.random.default_rng(0).integers(-3000, 3000, (12, 5000))
    assert len(encode_signal(recording(integers / 1000, 0.001))) < 121_000


def test_a_read_file_survives_storing_with_its_gaps():
    x = np.round(np.random.default_rng(0).normal(size=(40, 12)), 3)
    lines = [",".join(f"{v:.3f}" for v in row) for row in x]
    lines[7] = "," * 11
    (original,) = read(FileSet((SourceFile("a.csv", "\n".join(lines).encode()),)), ReadOptions(500, 1))
    decoded, _ = decode_signal(encode_signal(original))
    np.testing.assert_array_equal(decoded, original.signal)
    assert np.isnan(decoded[:, 7]).all()


def test_a_step_too_small_for_any_device_is_not_used():
    signal = np.linspace(-1, 1, 12 * 50, dtype=np.float32).reshape(12, 50)
    recording = Recording(signal, 500, "a", "x", step=np.full(12, 1e-45))
    stored, _ = decode_signal(encode_signal(recording))
    np.testing.assert_array_equal(stored, signal)
    zeros = Recording(np.zeros((12, 50), np.float32), 500, "a", "x", step=np.full(12, 1e-45))
    assert not decode_signal(encode_signal(zeros))[0].any()
