"""Parquet tables as pandas and pyarrow write them, and what damaged ones get."""

import contextlib
import io
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, read
from tests.samples import microvolts

MV = ReadOptions(rate=100, units_per_mv=1000)


def parquet(columns: dict[str, object] | pa.Table, metadata: dict[str, str] | None = None, **how: object) -> bytes:
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    if metadata:
        table = table.replace_schema_metadata(metadata)
    stream = io.BytesIO()
    pq.write_table(table, stream, **how)
    return stream.getvalue()


def many(data: bytes, options: ReadOptions | None = None, limits: Limits | None = None):
    return read(FileSet((SourceFile("d/a.parquet", data),)), options, limits)


def one(data: bytes, options: ReadOptions | None = None):
    (recording,) = many(data, options)
    return recording


def wide(seed: int = 0, n: int = 1000) -> dict[str, np.ndarray]:
    return dict(zip(LEADS, microvolts(seed, n), strict=True))


def expect(recording, seed: int = 0, n: int = 1000) -> None:
    np.testing.assert_allclose(recording.signal, microvolts(seed, n) / 1000, rtol=1e-6)


@pytest.mark.parametrize("kind", ["i2", "i4", "i8", "f4", "f8"])
@pytest.mark.parametrize("packing", ["none", "snappy", "gzip", "zstd"])
def test_leads_as_columns_are_read_in_every_type_and_packing(kind, packing):
    recording = one(parquet({name: row.astype(kind) for name, row in wide().items()}, compression=packing), MV)
    expect(recording)
    assert (recording.format, recording.rate, recording.declared) == ("parquet", 100, ("rate", "unit"))
    assert recording.step is not None


def test_units_of_column_names_and_a_time_column_go_first():
    columns = {"time (ms)": np.arange(1000) * 4.0} | {f"{lead}_uV": row for lead, row in wide().items()}
    recording = one(parquet(columns), ReadOptions(rate=100, units_per_mv=5))
    expect(recording)
    assert (recording.rate, recording.declared) == (250, ())


def test_times_of_day_and_the_index_of_pandas_give_the_rate():
    index = pd.date_range("2020-01-01", periods=1000, freq="2ms")
    stream = io.BytesIO()
    pd.DataFrame(wide(), index=index).to_parquet(stream)
    recording = one(stream.getvalue(), ReadOptions(units_per_mv=1000))
    expect(recording)
    assert (recording.rate, recording.declared) == (500, ("unit",))
    assert recording.start == datetime(2020, 1, 1)
    frame = pd.DataFrame(wide())
    frame.attrs = {"fs": 257, "unit": "uV"}
    stream = io.BytesIO()
    frame.to_parquet(stream)
    recording = one(stream.getvalue())
    expect(recording)
    assert (recording.rate, recording.declared) == (257, ())


def test_the_metadata_of_the_file_state_rate_and_unit():
    recording = one(parquet(wide(), {"sampling_rate": "400", "units": "uV", "comment": "Mrs Smith"}))
    expect(recording)
    assert (recording.rate, recording.declared) == (400, ())
    assert "Smith" not in str(recording)


def test_a_column_of_identifiers_divides_the_table_into_recordings():
    tables = [pa.table({"ecg_id": np.full(500, 7 + seed), **wide(seed, 500)}) for seed in (0, 1)]
    recordings = many(parquet(pa.concat_tables(tables)), MV)
    assert [r.name for r in recordings] == ["d/a[0]", "d/a[1]"]
    for seed, recording in enumerate(recordings):
        expect(recording, seed, 500)
        assert recording.patient.id is None
    by_patient = many(parquet(pa.concat_tables(tables).rename_columns(["patient_id", *LEADS])), MV)
    assert [r.patient.id for r in by_patient] == ["7", "8"]
    mixed = pa.concat_tables([tables[0], tables[1], tables[0]])
    with pytest.raises(UnreadableFileError, match=r"rows of one 'ecg_id' in several places\. Sort it by"):
        many(parquet(mixed), MV)


def test_one_row_a_recording_with_a_list_a_lead():
    rows = [{lead: microvolts(seed)[i].tolist() for i, lead in enumerate(LEADS)} for seed in (0, 1)]
    recordings = many(
        parquet(pa.Table.from_pylist([row | {"fs": 257, "age": 50, "sex": "F", "patient_id": "P7"} for row in rows])),
        ReadOptions(units_per_mv=1000),
    )
    assert [r.name for r in recordings] == ["d/a[0]", "d/a[1]"]
    for seed, recording in enumerate(recordings):
        expect(recording, seed)
        assert (recording.rate, recording.declared) == (257, ("unit",))
        assert (recording.patient.id, recording.patient.age, recording.patient.sex) == ("P7", 50, "F")


def test_units_of_columns_of_lists_count_and_must_agree():
    lists = {f"{lead} (uV)": [row.tolist()] for lead, row in wide().items()}
    recording = one(parquet(lists), ReadOptions(rate=100, units_per_mv=5))
    expect(recording)
    assert recording.declared == ("rate",)
    lists["V9 (mV)"], lists["V6 (mV)"] = lists["V6 (uV)"], lists.pop("V6 (uV)")
    with pytest.raises(UnreadableFileError, match="differing units"):
        one(parquet(lists))


def test_a_column_that_counts_the_rows_divides_nothing():
    assert one(parquet({"id": np.arange(1000), **wide()}), MV).n_samples == 1000


@pytest.mark.parametrize("upright", [True, False])
def test_one_row_a_recording_with_a_list_of_lists(upright):
    signals = [microvolts(seed) if upright else microvolts(seed).T for seed in (0, 1)]
    table = pa.table({"signal": pa.array([signal.tolist() for signal in signals]), "label": ["MI", "NORM"]})
    for seed, recording in enumerate(many(parquet(table), MV)):
        expect(recording, seed)
        assert recording.declared == ("rate", "unit", "leads")
    fixed = pa.array(signals[0].astype(float).tolist(), pa.list_(pa.float64(), signals[0].shape[1]))
    single = pa.table({"signal": pa.ListArray.from_arrays([0, len(fixed)], fixed)})
    assert one(parquet(single), MV).name == "d/a.parquet"
    expect(one(parquet(single), MV))


def test_unnamed_columns_and_named_rows_are_read():
    recording = one(parquet({str(i): row for i, row in enumerate(microvolts())}), MV)
    expect(recording)
    assert recording.declared == ("rate", "unit", "leads")
    lying = {"lead": list(LEADS)} | {str(i): column for i, column in enumerate(microvolts(n=300).T)}
    recording = one(parquet(lying), MV)
    expect(recording, n=300)
    assert recording.declared == ("rate", "unit")


def test_missing_values_become_nan():
    columns: dict[str, object] = dict(wide())
    columns["V2"] = pa.array([None if i < 5 else int(v) for i, v in enumerate(microvolts()[7])])
    recording = one(parquet(columns), MV)
    assert np.isnan(recording.signal[7, :5]).all()
    assert np.isnan(recording.signal).sum() == 5


def test_texts_and_bytes_beside_the_leads_are_left_out():
    columns = wide() | {"note": np.array(["Mrs Smith"] * 1000), "blob": np.array([b"x"] * 1000, object)}
    recording = one(parquet(columns), MV)
    expect(recording)
    assert any("note" in note for note in recording.notes)
    assert "Smith" not in str(recording)


def test_tables_that_are_no_recordings_are_refused():
    with pytest.raises(MissingLeadsError, match="none of the twelve leads"):
        one(parquet({"a": np.arange(50), "b": np.arange(50)}))
    with pytest.raises(UnreadableFileError, match="holds no numbers"):
        one(parquet({"a": ["x"] * 50}))
    with pytest.raises(UnreadableFileError, match="lists of differing lengths"):
        one(parquet({"signal": [[[1.0, 2.0], [3.0]]]}))


def test_promised_rows_take_no_memory():
    flat = {lead: np.zeros(3_000_000, "i2") for lead in LEADS}
    with pytest.raises(LimitError, match="expands to 288,000,000 bytes"):
        one(parquet(flat))
    with pytest.raises(LimitError, match="at most 4,096 columns and 600 values"):
        many(parquet(wide(n=51)), limits=Limits(values=600))
    with pytest.raises(LimitError, match="more than 50 samples a lead"):
        many(parquet(wide(n=51)), MV, Limits(samples=50))
    rows = pa.table({"signal": pa.array([microvolts(n=50).tolist()] * 3)})
    with pytest.raises(LimitError, match="3 recordings"):
        many(parquet(rows), MV, Limits(records=2))


def test_truncated_and_encrypted_files_are_refused():
    data = parquet(wide())
    for size in (5, 100, len(data) - 1):
        with pytest.raises(UnreadableFileError, match=r"d/a\.parquet is a damaged Parquet file"):
            one(data[:size])
    with pytest.raises(UnreadableFileError, match="encrypted"):
        one(b"PARE" + data[4:-4] + b"PARE")


@settings(deadline=None, max_examples=120, derandomize=True)
@given(st.data())
def test_damaged_files_only_ever_raise_errors_of_the_tree(data):
    content = bytearray(parquet(wide(n=60)))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(4, len(content) - 5))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(EcgError):
        assert many(bytes(content), MV)
