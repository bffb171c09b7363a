"""Damaged WFDB records: whatever their bytes, they are read or refused, and nothing else."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError
from backend.ecg.readers import FileSet, SourceFile, group, read
from backend.ecg.readers.wfdb.reader import read_wfdb_signals
from tests.ecg.wfdb_files import FORMATS, ramp, record, written

real = pytest.mark.skipif(not FORMATS.exists(), reason="the real files of ../shared/data are not here")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_records_only_ever_raise_errors_of_the_tree(tmp_path, data):
    path = tmp_path / "rec.hea"
    files = record(tmp_path / "rec") if path.exists() else written(tmp_path, ramp(9), "212")
    parts = [bytearray(file.data) for file in files.files]
    for part in parts:
        for _ in range(data.draw(st.integers(0, 3))):
            part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
        del part[data.draw(st.integers(len(part) // 2, len(part))) :]
    damaged = [SourceFile(file.name, bytes(part)) for file, part in zip(files.files, parts, strict=True)]
    for one in group(damaged):
        with contextlib.suppress(EcgError):
            assert read(one)


@real
@settings(deadline=None, max_examples=40)
@given(position=st.integers(0, 880), value=st.integers(0, 255), cut=st.integers(0, 881))
def test_damaged_flac_signals_only_ever_raise_errors_of_the_tree(position, value, cut):
    files = record(FORMATS / "wfdb/flacformats")
    data = bytearray(files.files[2].data)
    data[position] = value
    damaged = SourceFile(files.files[2].name, bytes(data[: max(cut, position)]))
    with contextlib.suppress(EcgError):
        read_wfdb_signals(FileSet((*files.files[:2], damaged, files.files[3])))
