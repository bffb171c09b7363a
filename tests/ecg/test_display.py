"""The payload of the canvas: round trip, layout in bytes, damage."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.ecg.display import from_payload, to_payload
from backend.ecg.errors import UnreadableFileError
from backend.ecg.leads import LEADS

SIGNALS = hnp.arrays(
    np.float32,
    st.tuples(st.just(12), st.integers(1, 60)),
    elements=st.one_of(
        st.floats(-(2.0**100), 2.0**100, width=32), st.floats(-5, 5, width=32), st.sampled_from([np.nan, np.inf, 0.0])
    ),
)


@settings(deadline=None, max_examples=150)
@given(signal=SIGNALS, rate=st.floats(20, 100_000))
def test_round_trip_is_exact_to_half_a_step_and_keeps_what_is_missing(signal, rate):
    back, header = from_payload(to_payload(signal, rate))
    finite = np.isfinite(signal)
    np.testing.assert_array_equal(np.isnan(back), ~finite)
    step = np.asarray(header["step"])[:, np.newaxis]
    error = np.abs(np.where(finite, back.astype(np.float64) - signal, 0))
    assert (error <= 0.502 * step + 1e-6 * np.abs(np.where(finite, signal, 0))).all()
    assert header["rate"] == rate
    assert header["n_samples"] == signal.shape[1]
    assert header["leads"] == list(LEADS)
    assert header["unit"] == "mV"


@settings(deadline=None, max_examples=60)
@given(
    raw=hnp.arrays(np.int16, (12, 50), elements=st.integers(-32767, 32767)),
    step=st.sampled_from([0.001, 0.00488, 0.0025, 1.0]),
)
def test_with_the_recordings_own_step_its_integers_come_through_exactly(raw, step):
    signal = (raw * step).astype(np.float32)
    payload = to_payload(signal, 500, step=np.full(12, step))
    back, header = from_payload(payload)
    assert header["step"] == [step] * 12
    samples = np.frombuffer(payload, dtype="<i2", offset=len(payload) - raw.size * 2).reshape(raw.shape)
    np.testing.assert_array_equal(samples, raw)
    np.testing.assert_array_equal(back, signal)


def test_a_lead_too_large_for_its_step_is_scaled_and_the_others_keep_theirs():
    signal = np.zeros((12, 10), dtype=np.float32)
    signal[3, 5], signal[4, 5] = 40.0, 2.0
    back, header = from_payload(to_payload(signal, 500, step=np.full(12, 0.001)))
    assert header["step"][3] == pytest.approx(40 / 32767)
    assert header["step"][4] == 0.001
    np.testing.assert_allclose(back, signal, rtol=1e-6)


def test_the_layout_is_length_then_json_then_little_endian_integers_at_a_multiple_of_four():
    signal = np.zeros((12, 3), dtype=np.float32)
    signal[0] = [0.001, np.nan, -0.002]
    payload = to_payload(signal, 250.0, unit="arbitrary", step=np.full(12, 0.001))
    (length,) = struct.unpack("<I", payload[:4])
    assert (4 + length) % 4 == 0
    assert set(json.loads(payload[4 : 4 + length])) == {"rate", "n_samples", "leads", "unit", "step"}
    assert json.loads(payload[4 : 4 + length])["unit"] == "arbitrary"
    assert payload[4 + length : 4 + length + 6] == struct.pack("<3h", 1, -32768, -2)
    assert len(payload) == 4 + length + 2 * 36


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_payload_are_refused(data):
    with pytest.raises(UnreadableFileError):
        from_payload(data)


def test_a_cut_payload_is_refused():
    payload = to_payload(np.zeros((12, 100), dtype=np.float32), 500)
    for keep in (0, 3, 10, len(payload) - 1, len(payload) - 2):
        with pytest.raises(UnreadableFileError, match="no whole"):
            from_payload(payload[:keep])
