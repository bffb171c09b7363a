"""WFDB records of several segments, of mixed rates and with annotations, against the wfdb package as an oracle."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, IncompleteSetError, LimitError, UnreadableFileError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, ReadOptions, SourceFile, group, read
from backend.ecg.readers.wfdb.annotations import looks_like_annotations
from backend.ecg.readers.wfdb.reader import read_wfdb_signals
from backend.ecg.recording import Statement
from tests.samples import FORMATS, NO_SHARED


def samples(n: int, seed: int, k: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(-2000, 2000, (n, k))


def segment(folder: Path, name: str, d: np.ndarray, leads=LEADS, fmt="16", gain=1000.0, baseline=0) -> None:
    k = d.shape[1]
    wfdb.wrsamp(
        name, fs=500, d_signal=d, fmt=[fmt] * k, adc_gain=[gain] * k, baseline=[baseline] * k, units=["mV"] * k,
        sig_name=list(leads), write_dir=str(folder),
    )  # fmt: skip


def layout(folder: Path, name: str, leads=LEADS) -> None:
    lines = [f"{name} {len(leads)} 500 0", *(f"~ 0 1000/mV 16 0 0 0 0 {lead}" for lead in leads)]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")


def master(folder: Path, segments: list[tuple[str, int]], k: int = 12, more: str = "") -> None:
    total = sum(length for _, length in segments)
    lines = [f"rec/{len(segments)} {k} 500 {total}{more}", *(f"{name} {length}" for name, length in segments)]
    (folder / "rec.hea").write_text("\n".join(lines) + "\n")


def grouped(folder: Path) -> list[FileSet]:
    return group(SourceFile(f"d/{path.name}", path.read_bytes()) for path in sorted(folder.iterdir()))


def the_set(folder: Path) -> FileSet:
    (files,) = grouped(folder)
    return files


def equals_rdrecord(folder: Path, files: FileSet) -> np.ndarray:
    ours, theirs = read_wfdb_signals(files), wfdb.rdrecord(str(folder / "rec"))
    np.testing.assert_allclose(ours.signals, theirs.p_signal, rtol=0, atol=1e-9, equal_nan=True)
    assert list(ours.names) == theirs.sig_name
    assert ours.rate == theirs.fs
    return ours.signals


def test_a_fixed_layout_is_joined_as_wfdb_joins_it(tmp_path):
    segment(tmp_path, "rec_1", samples(40, 1))
    segment(tmp_path, "rec_2", samples(25, 2), fmt="212", gain=500.0, baseline=12)
    master(tmp_path, [("rec_1", 40), ("rec_2", 25)], more=" 10:20:30 01/02/2003")
    files = the_set(tmp_path)
    assert [file.base for file in files.files] == ["rec.hea", "rec_1.hea", "rec_1.dat", "rec_2.hea", "rec_2.dat"]
    signals = equals_rdrecord(tmp_path, files)
    (recording,) = read(files)
    np.testing.assert_allclose(recording.signal, signals.T, atol=1e-6)
    assert recording.step is None  # the segments differ in their gain
    assert recording.start is not None
    assert "Joined from 2 segments." in recording.notes


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.integers(1, 12)), min_size=1, max_size=5),
    seed=st.integers(0, 9),
)
def test_a_variable_layout_with_gaps_and_absent_leads_is_joined_as_wfdb_joins_it(tmp_path, lengths, seed):
    for path in tmp_path.iterdir():
        path.unlink()
    layout(tmp_path, "rec_layout")
    segments = [("rec_layout", 0)]
    for number, (length, is_gap, k) in enumerate(lengths):
        if is_gap and number:
            segments.append(("~", length))
            continue
        leads = list(np.random.default_rng(seed + number).permutation(LEADS)[:k])
        segment(tmp_path, f"rec_{number}", samples(length, seed + number, k), leads)
        segments.append((f"rec_{number}", length))
    master(tmp_path, segments)
    signals = equals_rdrecord(tmp_path, the_set(tmp_path))
    (recording,) = read(the_set(tmp_path), ReadOptions(partial=True))
    held = ~np.isnan(signals).all(axis=0)  # a lead that no segment holds is missing, or derived from others
    np.testing.assert_allclose(recording.signal[held], signals.T[held], atol=1e-6, equal_nan=True)
    assert set(np.array(LEADS)[held]).isdisjoint({*recording.missing, *recording.derived})


def test_gaps_are_missing_samples_and_segments_of_one_gain_keep_their_step(tmp_path):
    layout(tmp_path, "rec_layout")
    segment(tmp_path, "rec_1", samples(40, 1))
    segment(tmp_path, "rec_2", samples(10, 2))
    master(tmp_path, [("rec_layout", 0), ("rec_1", 40), ("~", 15), ("rec_2", 10)])
    (recording,) = read(the_set(tmp_path))
    assert np.isnan(recording.signal[:, 40:55]).all()
    assert np.isnan(recording.signal).sum() == 12 * 15
    assert recording.step is not None
    np.testing.assert_allclose(recording.step, 0.001)
    assert "Joined from 2 segments, with gaps of 15 samples." in recording.notes


def test_segments_with_leads_in_another_order_are_joined_by_name(tmp_path):
    segment(tmp_path, "rec_1", samples(40, 1))
    segment(tmp_path, "rec_2", samples(40, 2), LEADS[::-1])
    master(tmp_path, [("rec_1", 40), ("rec_2", 40)])
    (recording,) = read(the_set(tmp_path))
    np.testing.assert_allclose(recording.signal[:, 40:], samples(40, 2).T[::-1] / 1000, atol=1e-6)


def test_contradicting_and_missing_segments_are_refused(tmp_path):
    segment(tmp_path, "rec_1", samples(40, 1))
    segment(tmp_path, "rec_2", samples(40, 2), [*LEADS[:11], "V9"])
    master(tmp_path, [("rec_1", 40), ("rec_2", 40)])
    with pytest.raises(UnreadableFileError, match=r"rec\.hea has a segment with the signals .*V9, which are not those"):
        read(the_set(tmp_path))
    master(tmp_path, [("rec_1", 41)])
    files = next(files for files in grouped(tmp_path) if files.main.base == "rec.hea")
    with pytest.raises(UnreadableFileError, match="promises 41 samples of segment rec_1, whose header states 40"):
        read(files)
    (tmp_path / "rec_1.dat").unlink()
    master(tmp_path, [("rec_1", 40)])
    files = next(files for files in grouped(tmp_path) if files.main.base == "rec.hea")
    with pytest.raises(IncompleteSetError, match=r"needs rec_1\.dat, which is missing"):
        read(files)


def test_promised_gaps_take_no_memory(tmp_path):
    segment(tmp_path, "rec_1", samples(40, 1))
    master(tmp_path, [("rec_1", 40), ("~", 3_900_000)])
    with pytest.raises(LimitError, match=r"rec\.hea expands to 374,"):
        read(the_set(tmp_path))
    master(tmp_path, [("rec_1", 40), ("~", 9_000_000_000_000)])
    with pytest.raises(LimitError, match="samples a lead; at most"):
        read(the_set(tmp_path))


def test_a_layout_without_its_record_says_what_is_missing(tmp_path):
    layout(tmp_path, "rec_layout")
    with pytest.raises(IncompleteSetError, match="layout of a record of several segments"):
        read(the_set(tmp_path))


def mixed(folder: Path, rates: list[int]) -> FileSet:
    """A record whose signals have so many samples a frame: the leads, then a pressure."""
    names = [*LEADS, "ABP"]
    signals = [np.arange(50 * rate) % 301 + row for row, rate in enumerate(rates)]
    wfdb.wrsamp(
        "rec", fs=250, e_d_signal=signals, samps_per_frame=rates, units=["mV"] * 12 + ["mmHg"], sig_name=names,
        fmt=["16"] * 13, adc_gain=[100.0] * 13, baseline=[0] * 13, write_dir=str(folder),
    )  # fmt: skip
    return the_set(folder)


def test_leads_at_one_rate_are_read_at_it_and_other_signals_are_left_out(tmp_path):
    (recording,) = read(mixed(tmp_path, [2] * 12 + [1]))
    theirs = wfdb.rdrecord(str(tmp_path / "rec"), smooth_frames=False)
    assert recording.rate == 500
    np.testing.assert_allclose(recording.signal, np.array(theirs.e_p_signal[:12]), atol=1e-6)
    assert "Left out, being sampled at another rate than the leads: ABP." in recording.notes


def test_leads_at_differing_rates_are_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="leads of different sampling rates"):
        read(mixed(tmp_path, [2] * 11 + [1, 1]))


def test_a_file_longer_than_its_header_says_is_read_as_far_as_stated_with_a_note(tmp_path):
    segment(tmp_path, "rec", samples(40, 1))
    path = tmp_path / "rec.dat"
    path.write_bytes(path.read_bytes() + bytes(2 * 12 * 10))
    (recording,) = read(the_set(tmp_path))
    assert (recording.n_samples, recording.stated_samples) == (40, 40)
    assert "rec.dat holds 50 samples a lead, the header states 40: those were read." in recording.notes


def test_annotations_beside_a_record_do_not_count_for_its_identity(tmp_path):
    segment(tmp_path, "rec", samples(40, 1))
    alone = the_set(tmp_path)
    wfdb.wrann("rec", "atr", np.array([5, 20]), ["N", "V"], write_dir=str(tmp_path))
    wfdb.wrann("rec", "qrs", np.array([5, 20]), ["N", "N"], fs=500, aux_note=["(N", ""], write_dir=str(tmp_path))
    files = the_set(tmp_path)
    assert [file.base for file in files.left_out] == ["rec.atr", "rec.qrs"]
    assert files.sha256 == alone.sha256
    assert {one.annotator for one in read(files)[0].annotations} == {"atr", "qrs"}
    orphan = SourceFile("other.atr", (tmp_path / "rec.atr").read_bytes())
    with pytest.raises(IncompleteSetError, match=r"other\.atr holds annotations of a WFDB record, and no signal"):
        read(FileSet((orphan,)))


def test_a_file_of_the_same_name_that_is_no_annotation_stays_a_file_of_its_own(tmp_path):
    segment(tmp_path, "rec", samples(40, 1))
    (tmp_path / "rec.csv").write_text("1,2\n" * 20)
    assert [files.main.base for files in grouped(tmp_path)] == ["rec.csv", "rec.hea"]
    assert not any(map(looks_like_annotations, (b"", b"\0\0", b"1,2\n" * 9, samples(99, 1).astype("<i2").tobytes())))


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_every_real_annotation_file_is_known_and_nothing_else():
    files = [path for path in FORMATS.rglob("*") if path.is_file()]
    known = {path.name for path in files if looks_like_annotations(path.read_bytes())}
    assert known == {"100.atr", "ludb_1.i", "ludb_1.ii", "ludb_1.v5"}


def test_codes_of_the_challenges_are_kept_and_free_text_is_dropped(tmp_path):
    segment(tmp_path, "rec", samples(40, 1))
    with (tmp_path / "rec.hea").open("a") as header:
        header.write("#Age: 61\n#Sex: Female\n#Dx: 59118001,123456789,Smith\n#Rx: aspirin\n#Hx: Mrs Smith\n")
    (recording,) = read(the_set(tmp_path))
    assert (recording.patient.age, recording.patient.sex) == (61, "F")
    assert recording.device.statements == (
        Statement("59118001", "SNOMED-CT", "right bundle branch block"),
        Statement("123456789", "SNOMED-CT"),
    )
    assert "Smith" not in str(recording)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_records_only_ever_raise_errors_of_the_tree(tmp_path, data):
    if not (tmp_path / "rec.hea").exists():
        layout(tmp_path, "rec_layout")
        segment(tmp_path, "rec_1", samples(9, 1))
        master(tmp_path, [("rec_layout", 0), ("rec_1", 9), ("~", 5)])
    damaged = []
    for path in sorted(tmp_path.iterdir()):
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 2))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        damaged.append(SourceFile(path.name, bytes(content)))
    for files in group(damaged):
        with contextlib.suppress(EcgError):
            assert read(files, limits=Limits(samples=100_000))
