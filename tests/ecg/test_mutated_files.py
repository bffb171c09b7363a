"""Damaged files of every format: a recording or an EcgError comes out, nothing else. The long run is `make fuzz`."""

import pytest

from backend.ecg.readers import FileSet, SourceFile
from tests.mutations import OPTIONS, mutant, seeds, through

_EACH = 40


@pytest.mark.parametrize("index", range(len(seeds())), ids=[files.name for files in seeds()])
def test_mutants_of_a_file_are_read_or_refused(index: int) -> None:
    outcomes = [
        through(mutant(number), OPTIONS[number // 7 % len(OPTIONS)])
        for number in range(index, index + _EACH * len(seeds()), len(seeds()))
    ]
    assert set(outcomes) <= {"read", "refused"}
    assert "refused" in outcomes


def test_the_unharmed_files_are_read_or_refused_too() -> None:
    outcomes = [through(files, OPTIONS[1]) for files in seeds()]
    assert outcomes.count("read") >= 3


@pytest.mark.parametrize("ending", ["csv", "xml", "json", "dcm", "edf", "hea", "mat", "h5", "scp", "ecg", "mwf", "npy"])
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\0" * 100_000, b"<", b"{", b"[" * 50_000, b"<a>" * 50_000, b"1," * 50_000]
)
def test_content_without_sense_is_refused_under_any_name(ending: str, data: bytes) -> None:
    assert through(FileSet((SourceFile(f"x.{ending}", data),)), OPTIONS[1]) == "refused"
