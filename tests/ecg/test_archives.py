"""Tars and single compressed files taken apart without trusting them; zips are in test_filesets."""

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers import FileSet, Limits, ReadOptions, Refusal, SourceFile, expand, group, read
from backend.ecg.readers.archives.expand import is_archive
from tests.samples import csv_file, npy_file, wfdb_pair, zip_file

Entry = tuple[str, bytes] | tarfile.TarInfo
PACKED = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def tarred(*entries: Entry, kind: int = tarfile.GNU_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=kind) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return stream.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def expanded(
    data: bytes, limits: Limits | None = None, name: str = "up.tar"
) -> tuple[dict[str, bytes], dict[str, EcgError]]:
    found = list(expand(SourceFile(name, data), limits))
    return (
        {one.name: one.data for one in found if isinstance(one, SourceFile)},
        {one.name: one.error for one in found if isinstance(one, Refusal)},
    )


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED.keys())
def test_a_tar_gives_its_files_without_folders_and_droppings_however_it_is_compressed(pack):
    header, signal = wfdb_pair("rec")
    data = tarred(
        special("./d", tarfile.DIRTYPE), ("./d/rec.hea", header), ("./d/rec.dat", signal),
        ("./d/._rec.hea", b"x"), ("__MACOSX/a", b"x"), ("empty.csv", b""), (".DS_Store", b"x"),
    )  # fmt: skip
    assert is_archive(pack(data))
    files, refused = expanded(pack(data))
    assert files == {"up.tar/d/rec.hea": header, "up.tar/d/rec.dat": signal, "up.tar/empty.csv": b""}
    assert not refused
    sets = group([SourceFile(*item) for item in files.items()])
    assert read(sets[0])[0].n_samples == 1000


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_umlauts_are_kept_in_every_kind_of_tar(kind):
    names = ["ä/" + "folder/" * 12 + "ein EKG.csv", "kurz.csv", "x" * 95 + ".csv"]
    if kind != tarfile.USTAR_FORMAT:
        names.append("d/" * 100 + "ü" * 100 + ".csv")
    files, refused = expanded(tarred(*((name, name.encode()) for name in names), kind=kind))
    assert files == {f"up.tar/{name}": name.encode() for name in names}
    assert not refused


def test_a_name_in_windows_1252_is_read():
    header = bytearray(tarred(("aa.csv", b"1"), kind=tarfile.USTAR_FORMAT))
    header[:2] = b"\xe4a"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    assert list(expanded(bytes(header))[0]) == ["up.tar/äa.csv"]


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz"])
def test_a_single_compressed_file_comes_under_its_own_name(suffix):
    data = PACKED[suffix](csv_file())
    assert is_archive(data)
    assert expanded(data, name=f"d/ecg.csv.{suffix}")[0] == {"d/ecg.csv": csv_file()}
    assert expanded(data, name="d/ecg.csv")[0] == {"d/ecg.csv": csv_file()}
    assert expanded(data, name=f".{suffix}")[0] == {f".{suffix}": csv_file()}


def test_recordings_are_no_archives():
    for data in (csv_file(), npy_file(), b"", bytes(10_240), wfdb_pair("a")[0], wfdb_pair("a")[1], b"BZh is a text"):
        assert not is_archive(data)
    stream = io.BytesIO()
    np.savez(stream, x=np.zeros((12, 20)))
    assert not is_archive(stream.getvalue())
    assert list(expanded(tarred(("a.npz", stream.getvalue())))[0]) == ["up.tar/a.npz"]


@pytest.mark.parametrize("name", ["../a.csv", "d/../../a.csv", "/etc/a.csv", "C:/a.csv", "d\\a.csv", "a\x1b.csv"])
def test_names_that_point_outside_are_refused_and_the_rest_goes_on(name):
    files, refused = expanded(tarred((name, b"1" * 700), ("good.csv", b"2")))
    assert files == {"up.tar/good.csv": b"2"}
    ((_, error),) = refused.items()
    assert isinstance(error, UnreadableFileError)
    assert ascii(name)[1:-1] in str(error)
    assert "Rename it" in str(error)


def test_links_devices_and_archives_within_are_refused_one_by_one():
    files, refused = expanded(
        tarred(
            special("soft", tarfile.SYMTYPE, "/etc/passwd"), special("hard", tarfile.LNKTYPE, "ok.csv"),
            special("tty", tarfile.CHRTYPE), special("disk", tarfile.BLKTYPE), special("pipe", tarfile.FIFOTYPE),
            ("in.zip", zip_file({"a.csv": b"1"})), ("in.tar", tarred(("a.csv", b"1"))),
            ("in.csv.gz", gzip.compress(b"1")), ("ok.csv", b"1"),
        )
    )  # fmt: skip
    assert files == {"up.tar/ok.csv": b"1"}
    reasons = {name.removeprefix("up.tar/"): str(error) for name, error in refused.items()}
    assert "symbolic link" in reasons["soft"]
    assert "link to another entry" in reasons["hard"]
    assert all("a device, a pipe" in reasons[name] for name in ("tty", "disk", "pipe"))
    for name in ("in.zip", "in.tar", "in.csv.gz"):
        assert "archive within an archive" in reasons[name]
        assert isinstance(refused[f"up.tar/{name}"], UnsupportedFormatError)
    assert "archive within" in str(expanded(zip_file({"a.tar.gz": gzip.compress(tarred(("a", b"1")))}))[1].popitem()[1])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_stopped_on_real_bytes(pack):
    zeros = bytes(30_000_000)
    with pytest.raises(LimitError, match="zip bomb"):
        expanded(pack(zeros), name="bomb.csv.gz")
    with pytest.raises(LimitError, match="zip bomb"):
        expanded(pack(tarred(("ok.csv", b"1"), ("bomb.csv", zeros))))


def test_limits_hold_per_file_for_the_sum_and_for_the_number_of_entries():
    random = np.random.default_rng(0)
    entries = [(f"{i}.bin", random.bytes(1000)) for i in range(5)]
    data = tarred(*entries)
    files, refused = expanded(gzip.compress(tarred(("big", bytes(20_000)), *entries)), Limits(file_bytes=19_999))
    assert len(files) == 5
    assert "more than the 19,999 bytes" in str(refused["up.tar/big"])
    with pytest.raises(LimitError, match="more than 4 entries"):
        expanded(data, Limits(archive_entries=4))
    with pytest.raises(LimitError, match="more than the 100 bytes"):
        expanded(data, Limits(file_bytes=100))
    with pytest.raises(LimitError, match="more than the 99 bytes"):
        expanded(gzip.compress(b"12345678" * 30), Limits(file_bytes=99))
    kept = []
    with pytest.raises(LimitError, match="2,500 bytes an archive may expand to"):
        kept.extend(expand(SourceFile("up.tar", data), Limits(archive_bytes=2500)))
    assert kept == [SourceFile("up.tar/0.bin", entries[0][1])]  # what came before the limit stays


def test_a_size_in_a_header_is_not_believed():
    data = bytearray(tarred(("a.csv", b"1,2"), kind=tarfile.USTAR_FORMAT))
    data[124:136] = b"77777777777\0"
    data[148:156] = b" " * 8
    data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
    with pytest.raises(UnreadableFileError, match="cut off"):
        expanded(bytes(data))
    long_name = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    long_name.size = 1 << 30
    with pytest.raises(UnreadableFileError, match="damaged"):
        expanded(long_name.tobuf(tarfile.GNU_FORMAT) + bytes(1024))


def test_a_tar_cut_off_keeps_what_came_before_and_says_so():
    data = tarred(("a.csv", b"1"), ("b.csv", b"2" * 5000))
    kept = []
    with pytest.raises(UnreadableFileError, match=r"up\.tar is cut off"):
        kept.extend(expand(SourceFile("up.tar", data[:3000])))
    assert [one.name for one in kept] == ["up.tar/a.csv"]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        with pytest.raises(UnreadableFileError, match="cannot be unpacked"):
            expanded(pack(data)[:-20])


def test_a_tar_that_goes_on_after_its_end_and_a_wrong_checksum_are_told():
    data = tarred(("a.csv", b"1"))
    with pytest.raises(UnreadableFileError, match="goes on after its end"):
        expanded(data + data)
    packed = bytearray(gzip.compress(data))
    packed[-6] ^= 1
    with pytest.raises(UnreadableFileError, match="cannot be unpacked"):
        expanded(bytes(packed))


def test_sparse_files_and_an_xz_of_several_streams_are_refused():
    sparse = special("s.csv", tarfile.GNUTYPE_SPARSE)
    with pytest.raises(UnreadableFileError, match="sparse"):
        expanded(sparse.tobuf() + bytes(1024))
    info = tarfile.TarInfo("s.csv")
    info.pax_headers = {"GNU.sparse.major": "1"}
    files, refused = expanded(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024))
    assert not files
    assert "sparse" in str(refused["up.tar/s.csv"])
    with pytest.raises(UnreadableFileError, match="several streams"):
        expanded(lzma.compress(b"1,2\n") * 2)


def test_a_gzipped_ecg_is_read_like_the_file_itself():
    (one,) = expand(SourceFile("ecg.csv.gz", gzip.compress(csv_file())))
    assert isinstance(one, SourceFile)
    unpacked = FileSet((SourceFile("a.csv", csv_file()),))
    options = ReadOptions(rate=100, units_per_mv=1000)
    assert (read(FileSet((one,)), options)[0].signal == read(unpacked, options)[0].signal).all()


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from([*PACKED.values()]), st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
def test_damaged_archives_only_ever_raise_or_refuse_with_errors_of_the_tree(data, pack, kind):
    entries = [("a.csv", b"1,2,3\n" * 40), ("d" * 120 + "/bä.dat", bytes(50)), special("l", tarfile.SYMTYPE, "a")]
    content = bytearray(pack(tarred(*entries, kind=kind)))
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, min(len(content), 4000) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content)))) :]
    with contextlib.suppress(EcgError):
        for one in expand(SourceFile("up.tar", bytes(content))):
            assert isinstance(one, SourceFile) or isinstance(one.error, EcgError)
