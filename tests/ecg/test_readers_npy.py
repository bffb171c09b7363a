"""NumPy arrays: shapes, types, stacks, declared units, and hostile headers."""

import contextlib
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UndeclaredError, UnreadableFileError
from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read

DATA = Path("../shared/data")
real = pytest.mark.skipif(not DATA.exists(), reason="the real files of ../shared/data are not here")
MV = ReadOptions(rate=500, units_per_mv=1)


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def many(data: bytes, options: ReadOptions | None = MV, limits: Limits | None = None, name: str = "d/a.npy"):
    return read(FileSet((SourceFile(name, data),)), options, limits)


def ecg(n: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 700, (12, n)).round()


@real
def test_real_arrays_equal_what_was_saved():
    for name in ("derived_ptbxl_00001_500hz.npy", "dummy_ecg.npy"):
        path = DATA / "formats/npy_csv" / name
        (recording,) = many(path.read_bytes())
        np.testing.assert_allclose(recording.signal, np.load(path), rtol=1e-7)
    (dummy,) = many((DATA / "formats/npy_csv/dummy_ecg.npy").read_bytes(), ReadOptions(500, 1000))
    assert not {"amplitude", "heart_rate"} & {f.code for f in check(dummy)}


@real
def test_a_compressed_stack_with_rate_and_unit_declares_itself():
    recordings = many((DATA / "ludb/ludb_100hz.npz").read_bytes(), None, name="x/ludb.npz")
    z = np.load(DATA / "ludb/ludb_100hz.npz")
    assert len(recordings) == 100
    assert [r.name for r in recordings[:2]] == ["x/ludb[0]", "x/ludb[1]"]
    for recording, x in zip(recordings, z["x"], strict=True):
        np.testing.assert_allclose(recording.signal, x * float(z["unit_mv"]), rtol=0, atol=1e-6)
        assert recording.rate == 100
        assert not any("assumed" in note for note in recording.notes)


@real
def test_normalised_data_is_refused_as_mv_and_read_as_arbitrary_quickly_and_small():
    data = (DATA / "ptbxl/ptbxl_zscored_100hz.npz").read_bytes()
    with pytest.raises(UndeclaredError, match=r"unit_sd.*Declare the unit 'arbitrary'"):
        many(data, None)
    start = time.process_time()
    recordings = many(data, ReadOptions(unit="arbitrary"))
    assert time.process_time() - start < 5
    assert len(recordings) == 1625
    assert {r.unit for r in recordings} == {"arbitrary"}
    assert sum(r.signal.nbytes for r in recordings) == 1625 * 12 * 1000 * 4


@settings(deadline=None, max_examples=80)
@given(
    kind=st.sampled_from(["<i2", ">i2", "<i4", ">i8", "<f2", "<f4", ">f4", "<f8", ">f8", "<u2"]),
    shape=st.sampled_from(["kn", "nk", "rkn", "rnk"]),
    fortran=st.booleans(),
    seed=st.integers(0, 20),
)
def test_any_type_byte_order_memory_order_and_shape_reads_equal(kind, shape, fortran, seed):
    x = np.stack([ecg(seed=seed), ecg(seed=seed + 1)])
    x = (np.abs(x) if "u" in kind else x).astype(kind)
    stack = x[:1] if len(shape) == 2 else x
    array = stack if shape.endswith("kn") else stack.swapaxes(1, 2)
    array = array[0] if len(shape) == 2 else array
    recordings = many(npy(np.asfortranarray(array) if fortran else np.ascontiguousarray(array)))
    assert [r.name for r in recordings] == (["d/a.npy"] if len(shape) == 2 else ["d/a[0]", "d/a[1]"])
    for recording, expected in zip(recordings, stack, strict=True):
        np.testing.assert_array_equal(recording.signal, expected.astype(np.float32))


def test_the_declared_unit_and_rate_apply_whatever_the_amplitude():
    """The original platform guessed µV or mV from the largest value."""
    for scale in (1.0, 1e-3, 1e3):
        (recording,) = many(npy(ecg() * scale), ReadOptions(rate=250, units_per_mv=200))
        assert recording.rate == 250
        np.testing.assert_allclose(recording.signal, ecg() * scale / 200, rtol=1e-6)
    with pytest.raises(UndeclaredError, match=r"states no sampling rate.*states no unit"):
        many(npy(ecg()), None)


def test_integers_and_whole_decimals_keep_their_step():
    for array, step in ((ecg().astype("i2"), 1e-3), (ecg(), 1e-3), (ecg() / 10, 1e-4), (ecg() * np.pi, None)):
        (recording,) = many(npy(array), ReadOptions(500, 1000))
        if step is None:
            assert recording.step is None
        else:
            assert recording.step is not None
            np.testing.assert_allclose(recording.step, step)


@pytest.mark.parametrize("rate", ["fs", "rate", "sampling_rate", "sampling_frequency"])
def test_rate_unit_and_leads_inside_an_npz_go_first_with_a_note(rate):
    order = list(reversed(LEADS))
    data = npz(x=ecg()[::-1].astype("i2"), unit_mv=0.005, leads=np.array(order), **{rate: 257})
    (recording,) = many(data, ReadOptions(rate=500, units_per_mv=1))
    assert recording.rate == 257
    np.testing.assert_allclose(recording.signal, ecg() * 0.005, rtol=1e-6)
    assert sum("not used" in note for note in recording.notes) == 2


def test_other_arrays_in_an_npz_are_named_in_a_note_and_two_candidates_are_refused():
    (recording,) = many(npz(ecg=ecg(), labels=np.arange(3)))
    assert "Read was 'ecg'; left out: labels." in recording.notes
    with pytest.raises(UnreadableFileError, match=r"2 arrays that may be signals \(a, b\)"):
        many(npz(a=ecg(), b=ecg()))


def test_nan_is_kept_and_infinity_refused():
    x = ecg()
    x[3, 5:9] = np.nan
    (recording,) = many(npy(x))
    assert np.isnan(recording.signal).sum() == 4
    x[0, 0] = np.inf
    with pytest.raises(UnreadableFileError, match="holds infinite"):
        many(npy(x))


def test_eight_leads_by_a_declared_order_give_twelve():
    keep = [0, 1, 6, 7, 8, 9, 10, 11]
    (recording,) = many(npy(ecg()[keep]), ReadOptions(500, 1, leads=tuple(LEADS[i] for i in keep)))
    assert recording.derived == ("III", "aVR", "aVL", "aVF")


@pytest.mark.parametrize(
    ("array", "error", "words"),
    [
        (np.zeros((12, 12)), UnreadableFileError, "cannot be told apart"),
        (np.zeros((8, 500)), UnreadableFileError, "no axis has the 12 leads.*declare the leads"),
        (np.zeros(5000), UnreadableFileError, r"expected are \(12, samples\)"),
        (np.zeros((2, 3, 12, 50)), UnreadableFileError, "Reshape it"),
        (np.zeros((12, 0)), UnreadableFileError, "shape"),
        (np.zeros((12, 50), complex), UnreadableFileError, "<c16"),
        (np.array([["a"] * 12] * 20), UnreadableFileError, "not numbers"),
    ],
)
def test_arrays_that_are_no_recordings_are_refused(array, error, words):
    with pytest.raises(error, match=words) as caught:
        many(npy(array))
    assert "d/a.npy" in str(caught.value)


def test_objects_are_never_unpickled():
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(UnreadableFileError, match=r"type '\|O'"):
        many(stream.getvalue())


def header(text: str) -> bytes:
    body = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (12, 1000000000000)}"), "96,000,000,000,000 bytes"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 12)}"), "damaged NumPy header"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (12, 50)}"), r"type '\|O'"),
        (header("{'descr': '<f8'}"), "damaged NumPy header"),
        (header("__import__('os').system('true')"), "damaged NumPy header"),
        (header("{'descr': '|U0', 'fortran_order': False, 'shape': (12, 50)}"), "type '.U0'"),
        (b"\x93NUMPY\x09\x00abc", "NumPy"),
        (b"\x93NUMPY", "no known NumPy format"),
        (npy(ecg())[:-8], "is cut off: its header promises 3,840 bytes of samples, the file has 3,832"),
    ],
)
def test_hostile_and_damaged_headers_are_refused(data, words):
    with pytest.raises(UnreadableFileError, match=words):
        many(data)


def test_limits_hold_also_inside_an_npz():
    with pytest.raises(LimitError, match="at most 1 recordings"):
        many(npy(np.zeros((2, 12, 50))), limits=Limits(records=1))
    with pytest.raises(LimitError, match="49 samples a lead"):
        many(npy(ecg(50)), limits=Limits(samples=49))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy(np.zeros((12, 1_000_000), "i2")))
    with pytest.raises(LimitError, match="zip bomb"):
        many(stream.getvalue())


def test_missing_or_doubled_lead_names_in_an_npz_are_refused():
    with pytest.raises(MissingLeadsError, match="Lead I is named twice"):
        many(npz(x=ecg(), leads=np.array(["I", *LEADS[:11]])))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_arrays_only_ever_raise_errors_of_the_tree(data):
    files = {"f8": npy(ecg()), "npz": npz(x=ecg(), fs=500), "i2": npy(ecg().astype("i2"))}
    content = bytearray(files[data.draw(st.sampled_from(sorted(files)))])
    spots = st.one_of(st.integers(0, 127), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(spots)] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        assert many(bytes(content))
