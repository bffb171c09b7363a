"""The order of leads in arrays: whatever the list of names is called, no lead is taken for another."""

import io
from collections.abc import Callable

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read

MV = ReadOptions(rate=500, units_per_mv=1)
TRUTH = np.round(np.random.default_rng(5).normal(0, 0.7, (12, 60)), 3)
CHEST_FIRST = (*LEADS[6:], *LEADS[:6])
NAMES = (
    "leads", "ch_names", "lead", "channel", "electrodes", "columns", "names", "labels", "label", "lead_list",
    "channel_order", "derivations", "ableitungen", "sig_name", "whatever",
)  # fmt: skip


def rows(order: tuple[str, ...]) -> np.ndarray:
    return TRUTH[[LEADS.index(lead) for lead in order]]


def npz(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    stream = io.BytesIO()
    np.savez(stream, x=signal, **{name: np.array(order)})
    return "a.npz", stream.getvalue()


def npz_text(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    stream = io.BytesIO()
    np.savez(stream, x=signal, **{name: np.array(", ".join(order))})
    return "a.npz", stream.getvalue()


def matlab(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"ecg": signal, name: np.array(order, dtype=object)})
    return "a.mat", stream.getvalue()


def structures(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    """EEGLAB keeps the names as a field of an array of structures, one a channel."""
    stream = io.BytesIO()
    places = np.array([(one,) for one in order], dtype=[(name, object)])
    scipy.io.savemat(stream, {"EEG": {"data": signal, "chanlocs": places}})
    return "a.mat", stream.getvalue()


def hdf5(fill: Callable[[h5py.File], object]) -> tuple[str, bytes]:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        fill(file)
    return "a.h5", stream.getvalue()


def attribute(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    return hdf5(lambda file: file.create_dataset("ecg", data=signal).attrs.__setitem__(name, list(order)))


def root_attribute(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    return hdf5(lambda file: (file.create_dataset("ecg", data=signal), file.attrs.__setitem__(name, list(order))))


def scale(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    """NetCDF keeps them as the coordinate of an axis."""

    def fill(file: h5py.File) -> None:
        data = file.create_dataset("ecg", data=signal)
        names = file.create_dataset(name, data=np.array(order, dtype="S4"))
        names.make_scale(name)
        data.dims[0].attach_scale(names)

    return hdf5(fill)


def groups(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    """A group for each recording, and the names once, elsewhere."""

    def fill(file: h5py.File) -> None:
        file["first/ecg"], file["second/ecg"] = signal, signal
        file[f"meta/{name}"] = np.array(order, dtype="S4")

    return hdf5(fill)


def parquet(order: tuple[str, ...], name: str, signal: np.ndarray) -> tuple[str, bytes]:
    stream = io.BytesIO()
    pq.write_table(pa.table({"ecg_id": [1, 2], "signal": [signal.tolist()] * 2, name: [list(order)] * 2}), stream)
    return "a.parquet", stream.getvalue()


FORMATS = (npz, npz_text, matlab, structures, attribute, root_attribute, scale, groups, parquet)


def read_file(file: tuple[str, bytes], options: ReadOptions = MV):
    return read(FileSet((SourceFile(*file),)), options)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format_", FORMATS)
def test_the_list_of_leads_is_the_order_whatever_it_is_called(format_, name):
    for recording in read_file(format_(CHEST_FIRST, name, rows(CHEST_FIRST))):
        np.testing.assert_allclose(recording.signal, TRUTH, atol=1e-6)
        assert "leads" not in recording.declared
        assert not recording.labels


@settings(deadline=None, max_examples=60)
@given(
    order=st.permutations(LEADS),
    name=st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).filter(lambda text: text[0] != "_"),
    format_=st.sampled_from((npz, npz_text, matlab, attribute, parquet)),
    turned=st.booleans(),
)
def test_in_any_order_and_under_any_name_each_lead_is_itself_or_the_file_is_refused(order, name, format_, turned):
    if name in ("x", "ecg", "signal", "ecg_id"):
        name += "s_"
    signal = rows(tuple(order))
    try:
        found = read_file(format_(tuple(order), name, signal.T if turned else signal))
    except EcgError:
        return
    for recording in found:
        np.testing.assert_allclose(recording.signal, TRUTH, atol=1e-6)


def test_two_lists_in_differing_orders_are_refused_and_two_in_one_are_read():
    def file(second: tuple[str, ...]) -> tuple[str, bytes]:
        stream = io.BytesIO()
        np.savez(stream, x=rows(CHEST_FIRST), ch_names=np.array(CHEST_FIRST), names=np.array(second))
        return "a.npz", stream.getvalue()

    (recording,) = read_file(file(CHEST_FIRST))
    np.testing.assert_allclose(recording.signal, TRUTH, atol=1e-6)
    with pytest.raises(UnreadableFileError, match=r"differing orders \(ch_names, names\).*'leads'"):
        read_file(file(LEADS))


def test_a_list_in_another_order_that_does_not_fit_the_signal_is_refused_and_one_in_the_same_order_is_not():
    def file(order: tuple[str, ...]) -> tuple[str, bytes]:
        stream = io.BytesIO()
        np.savez(stream, x=TRUTH, rhythm_of=np.array(order))
        return "a.npz", stream.getvalue()

    with pytest.raises(UnreadableFileError, match=r"lists 3 leads in another order"):
        read_file(file(("V1", "II", "V5")))
    (recording,) = read_file(file(("II", "V1", "V5")))
    np.testing.assert_allclose(recording.signal, TRUTH, atol=1e-6)


def test_a_list_with_other_channels_among_the_leads_places_the_leads():
    stream = io.BytesIO()
    signal = np.concatenate([TRUTH[:1] * 3, rows(CHEST_FIRST)])
    np.savez(stream, x=signal, ch_names=np.array(["Resp", *CHEST_FIRST]))
    (recording,) = read_file(("a.npz", stream.getvalue()))
    np.testing.assert_allclose(recording.signal, TRUTH, atol=1e-6)
    assert "Left out, being none of the twelve leads: Resp." in recording.notes


def test_names_of_classes_are_no_leads():
    stream = io.BytesIO()
    x = np.stack([TRUTH, TRUTH, TRUTH])
    np.savez(stream, x=x, y=np.eye(3), classes=np.array(["1", "2", "3"]), group=np.array(["R", "L", "F"]))
    found = read_file(("a.npz", stream.getvalue()))
    assert [one.labels for one in found] == [
        {"1": 1.0, "2": 0.0, "3": 0.0},
        {"1": 0.0, "2": 1.0, "3": 0.0},
        {"1": 0.0, "2": 0.0, "3": 1.0},
    ]


def test_in_a_long_table_of_parquet_the_order_is_found_in_a_column_of_any_name():
    stream = io.BytesIO()
    short = rows(CHEST_FIRST)[:, :21].tolist()
    table = pa.table({"ecg_id": list(range(80)), "signal": [short] * 80, "reihenfolge": [",".join(CHEST_FIRST)] * 80})
    pq.write_table(table, stream)
    for recording in read_file(("a.parquet", stream.getvalue())):
        np.testing.assert_allclose(recording.signal, TRUTH[:, :21], atol=1e-6)
