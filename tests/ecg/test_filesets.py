"""Grouping of uploaded files, and zips taken apart without trusting them."""

import contextlib
import hashlib
import io
import stat
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, Refusal, SourceFile, expand, group, read

HEADER = "rec 12 500 20\n" + "".join(f"rec.dat 16 1000/mV 16 0 0 0 0 {lead}\n" for lead in LEADS)
SAMPLES = np.zeros((20, 12), "<i2").tobytes()


def hea(name: str = "rec.hea", data: str = "rec.dat") -> SourceFile:
    return SourceFile(name, HEADER.replace("rec.dat", data).encode())


def dat(name: str = "rec.dat", fill: int = 0) -> SourceFile:
    return SourceFile(name, np.full((20, 12), fill, "<i2").tobytes())


def names(sets: list[FileSet]) -> list[list[str]]:
    return [[file.name for file in files.files] for files in sets]


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> SourceFile:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return SourceFile("up.zip", stream.getvalue())


def expanded(file: SourceFile, limits: Limits | None = None) -> tuple[dict[str, bytes], dict[str, EcgError]]:
    found = list(expand(file, limits))
    return (
        {one.name: one.data for one in found if isinstance(one, SourceFile)},
        {one.name: one.error for one in found if isinstance(one, Refusal)},
    )


def test_a_header_takes_its_data_file_from_its_own_folder_and_order_is_kept():
    files = [dat("b/rec.dat"), SourceFile("x.csv", b"1"), hea("a/rec.hea"), dat("a/rec.dat"), hea("b/rec.hea")]
    assert names(group(files)) == [["x.csv"], ["a/rec.hea", "a/rec.dat"], ["b/rec.hea", "b/rec.dat"]]


def test_names_with_spaces_umlauts_and_signs_are_grouped():
    files = [hea("Ordner ä/ein EKG #1?.hea", "ein EKG #1?.dat"), dat("Ordner ä/ein EKG #1?.dat")]
    assert len(group(files)) == 1
    assert read(group(files)[0])[0].name == "Ordner ä/ein EKG #1?.hea"


def test_a_data_file_in_another_case_is_found_and_an_exact_name_goes_first():
    assert names(group([hea(), dat("REC.DAT")])) == [["rec.hea", "REC.DAT"]]
    assert names(group([dat("REC.DAT"), hea(), dat()])) == [["REC.DAT"], ["rec.hea", "rec.dat"]]


def test_an_orphan_is_a_set_of_its_own_and_refused_with_what_is_missing():
    (orphan,) = group([dat()])
    with pytest.raises(IncompleteSetError, match=r"rec\.dat.*the \.hea is missing. Upload it together"):
        read(orphan)


def test_two_pairs_of_one_name_are_both_kept():
    sets = group([hea(), dat(fill=1), hea(), dat(fill=2)])
    assert names(sets) == [["rec.hea", "rec.dat"]] * 2
    assert [read(files)[0].signal[0, 0] for files in sets] == [np.float32(0.001), np.float32(0.002)]


def test_two_files_of_one_name_are_two_sets():
    assert names(group([SourceFile("a.csv", b"1"), SourceFile("a.csv", b"2")])) == [["a.csv"], ["a.csv"]]


def test_a_data_file_of_two_headers_goes_with_both():
    assert names(group([hea(), hea("other.hea"), dat()])) == [["rec.hea", "rec.dat"], ["other.hea", "rec.dat"]]


def test_the_digest_depends_on_content_alone():
    assert FileSet((dat(),)).sha256 == hashlib.sha256(SAMPLES).hexdigest()
    a, b = FileSet((hea(), dat())), FileSet((dat("y/z.dat"), hea("q.hea")))
    assert a.sha256 == b.sha256
    assert a.sha256 != FileSet((hea(), dat(fill=1))).sha256
    assert len(a.sha256) == 64


def test_stems_keep_the_folder():
    for name, stem in (("a/b.c.npy", "a/b.c"), ("b", "b"), ("a.d/b", "a.d/b"), (".x", ".x")):
        assert FileSet((SourceFile(name, b""),)).stem == stem


def test_a_zip_gives_its_files_without_folders_and_droppings():
    files, refused = expanded(
        zipped(
            ("d/", b""), ("d/rec.hea", hea().data), ("d/rec.dat", SAMPLES), ("__MACOSX/d/._rec.hea", b"x"),
            ("d/.DS_Store", b"x"), ("d/._rec.dat", b"x"), ("Thumbs.db", b"x"),
        )
    )  # fmt: skip
    assert files == {"up.zip/d/rec.hea": hea().data, "up.zip/d/rec.dat": SAMPLES}
    assert not refused
    assert len(group([SourceFile(*item) for item in files.items()])) == 1


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_common_compression_is_expanded(compression):
    assert expanded(zipped(("a.csv", b"1,2\n" * 99), compression=compression))[0] == {"up.zip/a.csv": b"1,2\n" * 99}


@pytest.mark.parametrize("name", ["../a.csv", "d/../../a.csv", "/etc/a.csv", "C:/a.csv", "d\\a.csv", "a\x1b.csv"])
def test_names_that_point_outside_are_refused_and_the_rest_goes_on(name):
    files, refused = expanded(zipped((name, b"1"), ("good.csv", b"2")))
    assert files == {"up.zip/good.csv": b"2"}
    ((_, error),) = refused.items()
    assert isinstance(error, UnreadableFileError)
    assert ascii(name)[1:-1] in str(error)
    assert "Rename it" in str(error)


def test_a_symbolic_link_an_encrypted_entry_and_a_nested_zip_are_refused():
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    secret = zipped(("secret.csv", b"x"))
    data = bytearray(secret.data)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in str(expanded(SourceFile("up.zip", bytes(data)))[1]["up.zip/secret.csv"])
    files, refused = expanded(zipped((link, b"/etc/passwd"), ("in.zip", secret.data), ("ok.csv", b"1")))
    assert list(files) == ["up.zip/ok.csv"]
    assert "symbolic link" in str(refused["up.zip/link.csv"])
    assert isinstance(refused["up.zip/in.zip"], UnsupportedFormatError)


def test_an_npz_in_a_zip_is_a_file_and_no_nested_zip():
    stream = io.BytesIO()
    np.savez(stream, x=np.zeros((12, 20)))
    assert list(expanded(zipped(("a.npz", stream.getvalue())))[0]) == ["up.zip/a.npz"]


def test_a_bomb_is_refused_on_real_bytes_and_the_rest_goes_on():
    bomb = zipped(("bomb.csv", bytes(30_000_000)), ("ok.csv", b"1"))
    files, refused = expanded(bomb)
    assert list(files) == ["up.zip/ok.csv"]
    assert "zip bomb" in str(refused["up.zip/bomb.csv"])
    data = bytearray(bomb.data)  # a directory that claims 10 bytes changes nothing
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    files, refused = expanded(SourceFile("up.zip", bytes(data)))
    assert "up.zip/bomb.csv" in refused
    assert "up.zip/ok.csv" in files


def test_limits_hold_per_file_for_the_sum_and_for_the_number_of_entries():
    entries = [(f"{i}.bin", np.random.default_rng(i).bytes(1000)) for i in range(5)]
    files, refused = expanded(zipped(*entries), Limits(file_bytes=5500, archive_bytes=2500))
    assert len(files) == 2
    assert all("2,500 bytes an archive may expand to" in str(error) for error in refused.values())
    files, refused = expanded(zipped(("big", b"ab" * 5000), ("small", b"a")), Limits(file_bytes=9999))
    assert list(files) == ["up.zip/small"]
    assert "more than the 9,999 bytes" in str(refused["up.zip/big"])
    with pytest.raises(LimitError, match="more than 4 entries"):
        list(expand(zipped(*entries), Limits(archive_entries=4)))
    with pytest.raises(LimitError, match="more than the 100 bytes"):
        list(expand(zipped(*entries), Limits(file_bytes=100)))


def test_a_damaged_entry_does_not_stop_the_rest():
    file = zipped(("bad.csv", b"1,2,3\n"), ("good.csv", b"4,5\n"), compression=zipfile.ZIP_STORED)
    files, refused = expanded(SourceFile("up.zip", file.data.replace(b"1,2,3", b"9,2,3")))
    assert files == {"up.zip/good.csv": b"4,5\n"}
    assert "cannot be unpacked" in str(refused["up.zip/bad.csv"])


def test_what_is_no_zip_says_so():
    with pytest.raises(UnreadableFileError, match=r"up\.zip is not a readable zip"):
        list(expand(SourceFile("up.zip", b"PK\x03\x04 nothing")))


def test_names_in_utf_8_without_the_flag_keep_their_umlauts():
    data = zipped(("aa.csv", b"1")).data.replace(b"aa.csv", "ä.csv".encode())
    assert list(expanded(SourceFile("up.zip", data))[0]) == ["up.zip/ä.csv"]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_damaged_zips_only_ever_raise_or_refuse_with_errors_of_the_tree(data):
    content = bytearray(zipped(("a.csv", b"1,2,3\n" * 40), ("d/b.dat", bytes(50))).data)
    for _ in range(data.draw(st.integers(0, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        for one in expand(SourceFile("up.zip", bytes(content))):
            assert isinstance(one, SourceFile) or isinstance(one.error, EcgError)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_grouping_raises_nothing(content):
    assert len(group([SourceFile("a.hea", content), SourceFile("a.dat", content)])) == 2
