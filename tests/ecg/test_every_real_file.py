"""Every real file of every format: equal to what an independent program reads, or rightly refused."""

from pathlib import Path

import numpy as np
import pytest

from backend.ecg.errors import MissingLeadsError, UnreadableFileError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, group, read
from tests.oracles import largest_difference, oracle_of, units_per_mv
from tests.samples import FORMATS, NO_SHARED

pytestmark = pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)


def sets() -> dict[str, FileSet]:
    paths = sorted(path for path in FORMATS.rglob("*") if path.is_file())
    files = [SourceFile(path.relative_to(FORMATS).as_posix(), path.read_bytes()) for path in paths]
    return {files_of_set.name: files_of_set for files_of_set in group(files)}


SETS = sets() if FORMATS.exists() else {}
REFUSED = {
    "edf/test_generator_datarec_generator_2.bdf": (MissingLeadsError, "none of the twelve leads"),
    "edf/wfdb_test_edfann.edf": (UnreadableFileError, "annotations only"),
    "mfer/nihon_kohden_test-file.mwf": (MissingLeadsError, "the file has II, V5"),
    "wfdb/100.hea": (MissingLeadsError, "the file has V5"),
    "wfdb/310derive.hea": (MissingLeadsError, "none of the twelve leads"),
    "wfdb/binformats.hea": (MissingLeadsError, "none of the twelve leads"),
    "wfdb/flacformats.hea": (MissingLeadsError, "none of the twelve leads"),
}
PARTIAL = ("mfer/nihon_kohden_test-file.mwf", "wfdb/100.hea")


def options(name: str) -> ReadOptions:
    rate = 500 if name.startswith(("npy_csv/", "text/")) else None  # these files do not say it
    return ReadOptions(rate=rate, units_per_mv=units_per_mv(name), partial=name in PARTIAL)


READ = sorted(set(SETS) - set(REFUSED)) + sorted(set(PARTIAL) & set(SETS))


# What no other program reads is compared with its own bytes in test_readers_scp.
@pytest.mark.parametrize("name", [name for name in READ if oracle_of(name) is not None])
def test_it_equals_what_an_independent_program_reads(name):
    (recording,) = read(SETS[name], options(name))
    theirs, rate = oracle_of(name).read(FORMATS / name)
    assert recording.rate == pytest.approx(rate, rel=1e-9)
    difference, n_leads = largest_difference(recording.signal, theirs, options(name).units_per_mv or 1.0)
    assert n_leads + len(recording.derived) + len(recording.missing) == 12
    largest = float(np.nanmax(np.abs(recording.signal)))
    assert difference <= 1e-6 + 1e-7 * largest  # the rounding of float32


@pytest.mark.parametrize("name", sorted(set(REFUSED) & set(SETS)))
def test_what_is_no_12_lead_ecg_is_refused_with_the_right_reason(name):
    error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        read(SETS[name])


def test_every_file_of_the_folder_is_part_of_a_set_that_is_read_or_refused():
    taken = {file.name for one in SETS.values() for file in (*one.files, *one.left_out)}
    assert taken == {path.relative_to(FORMATS).as_posix() for path in FORMATS.rglob("*") if path.is_file()}
    assert {Path(name).parent.name for name in SETS} == {path.name for path in FORMATS.iterdir() if path.is_dir()}
