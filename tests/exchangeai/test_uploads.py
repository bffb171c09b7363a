"""Many files in requests of bounded size: no record is parted, no file left out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchangeai import uploads
from exchangeai.uploads import LocalFile, batches, local_files

HEADERLESS = Path("/nonexistent")
NAMES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 60), st.sampled_from(["dat", "csv", "atr"])), unique=True
)


@given(NAMES, st.integers(1, 7))
def test_files_of_one_stem_stay_together_and_none_is_lost(names: list[tuple[str, int, str]], most: int) -> None:
    files = [LocalFile(HEADERLESS, f"{folder}/{n}.{ending}", 10) for folder, n, ending in names]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "BATCH_FILES", most)
        sent = list(batches(files))
    assert sorted(one.name for batch in sent for one in batch) == sorted(one.name for one in files)
    place = {one.name.rpartition(".")[0]: n for n, batch in enumerate(sent) for one in batch}
    assert all(place[one.name.rpartition(".")[0]] == n for n, batch in enumerate(sent) for one in batch)
    assert all(len(batch) <= max(most, 3) for batch in sent)


def test_a_header_takes_the_files_that_it_names_along(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "record.hea").write_text("record 1 100 10\nother.dat 16 200 16 0 0 0 0 I\n")
    (tmp_path / "sub" / "other.dat").write_bytes(b"\0" * 20)
    for n in range(5):
        (tmp_path / "sub" / f"p{n}.csv").write_bytes(b"1")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "BATCH_FILES", 2)
        sent = [[one.name for one in batch] for batch in batches(local_files(tmp_path))]
    assert ["sub/other.dat", "sub/record.hea"] in [sorted(batch) for batch in sent]
    assert sum(map(len, sent)) == 7


def test_large_files_go_alone(tmp_path: Path) -> None:
    files = [LocalFile(HEADERLESS, f"{n}.csv", 20 << 20) for n in range(3)]
    assert [len(batch) for batch in batches(files)] == [1, 1, 1]
