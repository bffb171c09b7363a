"""Numbers in the form of an ECG that are none, tables of several recordings, and times that contradict each other."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests.ecg_tables import MV, ecg, one

N = 200
IDS = {
    "patient_id": [f"P{i:04}" for i in range(N)],
    "file_name": [f"a{i}.dcm" for i in range(N)],
    "ecg_id": [10_000 + 3 * i for i in range(N)],
    "record": [f"HR{i:05}" for i in range(N)],
    "age": [40 + i % 50 for i in range(N)],
    "sex": [i % 2 for i in range(N)],
    "label": [("AF", "SR")[i % 2] for i in range(N)],
    "diagnosis": [i % 5 for i in range(N)],
}


def csv(n: int = N, columns: dict[str, list[object]] | None = None, x: np.ndarray | None = None) -> str:
    x = ecg(n) if x is None else x
    columns = columns or {}
    lines = [",".join([*columns, *LEADS])]
    cells = zip(*columns.values(), strict=True) if columns else ((),) * n
    lines += [",".join(map(str, (*first, *row))) for first, row in zip(cells, x.T, strict=True)]
    return "\n".join(lines) + "\n"


def many(data: bytes, name: str, options: ReadOptions = MV):
    return read(FileSet((SourceFile(name, data),)), options)


def parquet(columns: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", list(IDS))
def test_a_table_of_one_row_a_recording_is_no_ecg(name):
    with pytest.raises(EcgError, match=r"a row for each recording.*attach it under Labels"):
        one(csv(columns={name: IDS[name]}))
    with pytest.raises(EcgError, match=r"a row for each recording.*attach it under Labels"):
        many(parquet({name: IDS[name], **dict(zip(LEADS, ecg(N), strict=True))}), "a.parquet")


@pytest.mark.parametrize(
    "columns",
    [
        {"id": list(range(N))}, {"id": list(range(1, N + 1))}, {"ecg_id": [7] * N}, {"age": [63] * N},
        {"rhythm": ["SR"] * 120 + ["AF"] * 80}, {"label": [i // 40 % 2 for i in range(N)]},
        {"y": [round(np.sin(i / 9), 3) for i in range(N)]}, {"y": [round(700 * np.sin(i / 9)) for i in range(N)]},
    ],
)  # fmt: skip
def test_counters_one_identifier_labels_of_parts_and_frank_leads_make_no_table_of_it(columns):
    np.testing.assert_allclose(one(csv(columns=columns)).signal, ecg(N), atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.integers(20, 130), min_size=2, max_size=4),
    name=st.sampled_from(["recording_no", "ecg_nr", "trace", "Patient", "case", "study_number", "Aufnahme", "subject"]),
    texts=st.booleans(),
)
def test_recordings_below_one_another_are_never_joined(sizes, name, texts):
    x = ecg(sum(sizes))
    ids = [f"r{i}" if texts else i for i, size in enumerate(sizes) for _ in range(size)]
    try:
        found = many(csv(columns={name: ids}, x=x).encode(), "a.csv")
    except UnreadableFileError:
        assert texts  # texts in a column without a telling name are no numbers
        return
    assert [one.n_samples for one in found] == sizes
    np.testing.assert_allclose(np.concatenate([one.signal for one in found], axis=1), x, atol=1e-6)
    if name in ("Patient", "subject"):
        assert {one.record_id for one in found} == {None}


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n"])
def test_an_empty_line_between_two_long_blocks_is_refused_and_one_with_times_that_go_on_is_read(gap):
    lines = csv(240).splitlines(keepends=True)
    with pytest.raises(UnreadableFileError, match="an empty line parts the table"):
        one("".join(lines[:121]) + gap + "".join(lines[121:]))
    timed = csv(240, {"time (s)": [f"{i * 0.004:.3f}" for i in range(240)]}).splitlines(keepends=True)
    assert one("".join(timed[:121]) + gap + "".join(timed[121:])).rate == 250
    every = gap.join(csv(240).splitlines()) + "\n"
    np.testing.assert_allclose(one(every + "\n\n").signal, ecg(240), atol=1e-6)


@pytest.mark.parametrize("column", [[f"{i * 0.002:.3f}" for i in range(N)], list(range(N)), list(range(7, 7 + N))])
@pytest.mark.parametrize("place", [0, 5, 11])
def test_a_column_that_rises_evenly_is_never_a_lead(column, place):
    x = np.insert(ecg(N)[:11], place, np.array(column, float), axis=0)
    text = "\n".join(",".join(map(str, row)) for row in x.T) + "\n"
    with pytest.raises(UnreadableFileError, match=f"column {place + 1} rises evenly"):
        one(text)
    stream = io.BytesIO()
    np.save(stream, x)
    with pytest.raises(UnreadableFileError, match=f"column {place + 1} rises evenly"):
        many(stream.getvalue(), "a.npy")


def test_a_table_of_nothing_but_zeros_and_ones_is_no_ecg():
    classes = (np.arange(300)[:, None] % 12 == np.arange(12)).astype("i8")
    stream = io.BytesIO()
    np.save(stream, classes)
    text = "\n".join(",".join(map(str, row)) for row in classes) + "\n"
    for data, name in ((stream.getvalue(), "y.npy"), (text.encode(), "y.csv")):
        with pytest.raises(UnreadableFileError, match=r"nothing but 0 and 1.*attach it under Labels"):
            many(data, name)
    np.testing.assert_array_equal(one(csv(x=np.zeros((12, 60)), n=60)).signal, 0)


def test_facts_beside_the_name_of_a_lead_are_none_of_its_samples():
    x = ecg(60)
    header = "lead,fs,age," + ",".join(f"s{i}" for i in range(60))
    lines = [f"{lead},500,63,{','.join(map(str, row))}" for lead, row in zip(LEADS, x, strict=True)]
    np.testing.assert_allclose(one("\n".join([header, *lines]) + "\n").signal, x, atol=1e-6)
    columns = {"lead": list(LEADS), "fs": [500] * 12} | {f"s{i:02}": x[:, i] for i in range(60)}
    (recording,) = many(parquet(columns), "a.parquet")
    np.testing.assert_allclose(recording.signal, x, atol=1e-6)


def test_rates_that_contradict_each_other_are_refused_and_rounded_ones_are_not():
    times = [f"{i * 0.004:.3f}" for i in range(N)]
    with pytest.raises(UnreadableFileError, match="state 500 Hz, and its times 250 Hz"):
        one("Sampling rate: 500 Hz\n" + csv(columns={"time (s)": times}))
    assert one("Sampling rate: 250 Hz\n" + csv(columns={"time (s)": times})).rate == 250
    with pytest.raises(UnreadableFileError, match="two columns of times state 250 and 500 Hz"):
        one(csv(columns={"time (s)": times, "timestamp": [1577959872004 + 2 * i for i in range(N)]}))
    both = {"time (s)": times, "timestamp": [1577959872004 + 4 * i for i in range(N)]}
    assert one(csv(columns=both)).rate == 250
    rounded = [round(i * 1000 / 360) for i in range(N)]
    assert one("Sampling rate: 360 Hz\n" + csv(columns={"time (ms)": rounded})).rate == 360


@pytest.mark.parametrize("y", [np.arange(30) % 3, np.eye(5)[np.arange(30) % 5]])
def test_labels_alone_are_refused_with_where_to_put_them(y):
    stream, several = io.BytesIO(), io.BytesIO()
    np.save(stream, y)
    np.savez(several, ecg_id=np.arange(30), label=np.arange(30) % 3)
    table = parquet({"exam_id": list(range(40)), "AF": [True, False] * 20})
    for data, name in ((stream.getvalue(), "y.npy"), (several.getvalue(), "y.npz"), (table, "y.parquet")):
        with pytest.raises(EcgError, match="attach it under Labels"):
            many(data, name)
