"""Names that only count channels are no leads, whatever they look like; names of leads with words around them are."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, MissingLeadsError
from backend.ecg.leads import LEADS, canonical_lead, leads_among, place_leads
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests.ecg_tables import ecg, one, table

CHEST_FIRST = (*LEADS[6:], *LEADS[:6])
NUMBERED = ["V{}", "D{}", "L{}", "Lead {}", "ECG {}", "ECG_{}", "ch_{}", "C{}", "channel {}"]
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


def header(pattern: str) -> list[str]:
    return [pattern.format(i) for i in range(1, 13)]


@pytest.mark.parametrize("names", [*map(header, NUMBERED), ROMAN])
def test_numbered_columns_are_no_leads_also_where_partial_recordings_are_kept(names):
    with pytest.raises(MissingLeadsError):
        one(table(ecg(60).T, header=names), ReadOptions(rate=500, units_per_mv=1, partial=True))
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(zip(names, ecg(60), strict=True))), stream)
    with pytest.raises(MissingLeadsError):
        read(
            FileSet((SourceFile("a.parquet", stream.getvalue()),)),
            ReadOptions(rate=500, units_per_mv=1, partial=True),
        )


@pytest.mark.parametrize("pattern", NUMBERED)
def test_numbered_columns_are_read_in_the_declared_order(pattern):
    x = ecg(60)
    options = ReadOptions(rate=500, units_per_mv=1, leads=CHEST_FIRST)
    recording = one(table(x[[LEADS.index(lead) for lead in CHEST_FIRST]].T, header=header(pattern)), options)
    np.testing.assert_allclose(recording.signal, x, atol=1e-6)
    assert "leads" in recording.declared


def test_numbered_variables_of_matlab_are_no_leads():
    stream = io.BytesIO()
    scipy.io.savemat(stream, {f"V{i + 1}": row for i, row in enumerate(ecg(60))})
    with pytest.raises(EcgError):
        read(FileSet((SourceFile("a.mat", stream.getvalue()),)), ReadOptions(500, 1, partial=True))


@pytest.mark.parametrize(
    "names",
    [
        LEADS, [*LEADS, "V7", "V8", "V9"], [*LEADS, "V3R", "V4R"], [*LEADS, "X", "Y", "Z"],
        ["I", "II", "III", "aVR", "aVL", "aVF", "C1", "C2", "C3", "C4", "C5", "C6"],
        ["D1", "D2", "D3", "VR", "VL", "VF", "V1", "V2", "V3", "V4", "V5", "V6"],
    ],
)  # fmt: skip
def test_real_names_of_leads_are_those_leads_in_any_set(names):
    assert leads_among(names)[:12] == list(LEADS)


@settings(deadline=None, max_examples=60)
@given(last=st.integers(10, 64), others=st.lists(st.sampled_from(["time", "ECG", "resp", "I", "II"]), max_size=3))
def test_from_ten_on_chest_leads_are_counted_channels(last, others):
    names = [*others, *(f"V{i}" for i in range(1, last + 1))]
    assert set(leads_among(names)) <= {None, "I", "II"}


@pytest.mark.parametrize(
    "written", ["Ableitung {}", "ECG {}-Ref", "{} (limb)", "{} (chest lead)", "EKG {}", "MDC_ECG_LEAD_{}", "Lead {}"]
)
def test_leads_with_words_around_them_are_found(written):
    assert [canonical_lead(written.format(lead)) for lead in LEADS] == list(LEADS)
    assert canonical_lead("Ableitung") is None
    assert canonical_lead("(limb)") is None


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 99), names=st.sampled_from([("VR", "VL", "VF"), ("aVR", "aVL", "aVF")]))
def test_the_unipolar_leads_of_wilson_are_replaced_by_the_augmented_ones(seed, names):
    limbs = np.random.default_rng(seed).normal(0, 1, (2, 400)).astype(np.float32)
    one_, two = limbs
    augmented = np.stack([-(one_ + two) / 2, one_ - two / 2, two - one_ / 2])
    chest = np.zeros((6, 400), np.float32)
    kept = place_leads(np.concatenate([limbs, augmented, chest]), ("I", "II", *names, *LEADS[6:]))
    np.testing.assert_allclose(kept.signal[3:6], augmented, atol=1e-6)
    assert kept.derived == ("III",)
    wilson = place_leads(np.concatenate([limbs, augmented / 1.5, chest]), ("I", "II", *names, *LEADS[6:]))
    if names[0] == "VR":
        np.testing.assert_allclose(wilson.signal[3:6], augmented, atol=1e-6)
        assert wilson.derived == ("III", "aVR", "aVL", "aVF")
        assert wilson.left_out == names
    else:  # what a file calls augmented is kept as it is
        np.testing.assert_allclose(wilson.signal[3:6], augmented / 1.5, atol=1e-6)
