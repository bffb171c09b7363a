"""Annotations of WFDB records, read and written, against the wfdb package as an oracle."""

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import wfdb
from hypothesis import assume, given
from hypothesis import strategies as st
from wfdb.io.annotation import ann_labels

from backend.ecg.annotations import BEATS, RHYTHMS, SYMBOLS, Annotation
from backend.ecg.beats import r_peaks
from backend.ecg.errors import EcgError, UnreadableFileError
from backend.ecg.readers import ReadOptions, SourceFile, group, read
from backend.ecg.readers.wfdb.annotations import read_annotations
from backend.ecg.recording import Recording
from backend.ecg.synthesize import simulate
from backend.ecg.writers import write
from backend.ecg.writers.annotations import to_bytes
from tests.samples import FORMATS, NO_SHARED, wfdb_pair

NAMES = sorted(RHYTHMS)
ANNOTATIONS = st.builds(
    Annotation,
    sample=st.one_of(st.integers(0, 3000), st.integers(0, 2**31 - 1)),
    symbol=st.sampled_from([one.symbol for one in ann_labels if one.symbol != " "]),
    subtype=st.integers(-128, 127),
    channel=st.integers(0, 255),
    number=st.integers(-128, 127),
)


def in_wfdb(data: bytes, ending: str = "atr") -> wfdb.Annotation:
    """Return what the wfdb package reads in the same bytes."""
    with TemporaryDirectory() as folder:
        (Path(folder) / f"r.{ending}").write_bytes(data)
        return wfdb.rdann(str(Path(folder) / "r"), ending)


def assert_equal(ours: list[Annotation], theirs: wfdb.Annotation) -> None:
    assert [one.sample for one in ours] == theirs.sample.tolist()
    assert [one.symbol for one in ours] == theirs.symbol
    assert [one.subtype for one in ours] == theirs.subtype.tolist()
    assert [one.channel for one in ours] == theirs.chan.tolist()
    assert [one.number for one in ours] == theirs.num.tolist()
    assert [f"({one.rhythm}" if one.rhythm else "" for one in ours] == [note.rstrip("\0") for note in theirs.aux_note]


def test_the_signs_are_those_of_physionet() -> None:
    assert {one.label_store: one.symbol for one in ann_labels}.items() <= SYMBOLS.items()
    assert set(SYMBOLS.values()) >= BEATS


@given(st.lists(ANNOTATIONS, min_size=1, max_size=30), st.data())
def test_what_is_written_is_read_by_wfdb_and_by_us(made: list[Annotation], data: st.DataObject) -> None:
    made = [one for one in made if one.sample or one.symbol != '"']  # which the package takes for a definition
    made = [
        replace(one, rhythm=data.draw(st.sampled_from(NAMES))) if one.symbol == "+" else one
        for one in sorted(made, key=lambda one: one.sample)
    ]
    written = to_bytes(made)
    if made:
        assert_equal(made, in_wfdb(written))
    assert list(read_annotations(written, "atr").annotations) == made


@given(st.lists(ANNOTATIONS, min_size=1, max_size=30, unique_by=lambda one: one.sample))
def test_what_wfdb_writes_is_read(made: list[Annotation]) -> None:
    made = [one for one in made if one.sample or one.symbol != '"']
    assume(made)
    made = [  # the package writes small numbers only
        replace(one, subtype=abs(one.subtype) % 128, channel=one.channel % 128, number=abs(one.number) % 128)
        for one in sorted(made, key=lambda one: one.sample)
    ]
    with TemporaryDirectory() as folder:
        wfdb.wrann(
            "r", "atr", np.array([one.sample for one in made]), [one.symbol for one in made],
            np.array([one.subtype for one in made]), np.array([one.channel for one in made]),
            np.array([one.number for one in made]), write_dir=folder,
        )  # fmt: skip
        data = (Path(folder) / "r.atr").read_bytes()
    assert list(read_annotations(data, "atr").annotations) == made


@pytest.mark.skipif(not FORMATS.exists(), reason=NO_SHARED)
def test_every_published_annotation_file_is_read_as_wfdb_reads_it() -> None:
    files = sorted(FORMATS.glob("**/*.atr")) + sorted(FORMATS.glob("**/*.qrs"))
    for path in files:
        theirs = wfdb.rdann(str(path.with_suffix("")), path.suffix[1:])
        ours = read_annotations(path.read_bytes(), path.suffix[1:]).annotations
        assert [one.sample for one in ours] == theirs.sample.tolist()
        assert [one.symbol for one in ours] == theirs.symbol


def annotated(tmp_path: Path, rate: int = 100, **files: bytes) -> Recording:
    """A record with annotation files beside it, read as an upload."""
    header, samples = wfdb_pair("r", n=1000, rate=rate)
    sources = [SourceFile("r.hea", header), SourceFile("r.dat", samples)]
    sources += [SourceFile(f"r.{ending}", data) for ending, data in files.items()]
    (one,) = group(sources)
    (recording,) = read(one)
    return recording


def rhythm(sample: int, name: str) -> Annotation:
    return Annotation(sample, "+", name)


def test_rhythms_and_beats_by_experts_become_labels_of_the_file(tmp_path: Path) -> None:
    made = [rhythm(0, "AFIB"), Annotation(50, "N"), Annotation(90, "V"), rhythm(500, "N"), Annotation(700, "N")]
    recording = annotated(tmp_path, atr=to_bytes(made), qrs=to_bytes([Annotation(51, "N")]))
    assert recording.labels == {"rhythms (.atr)": "AFIB;N", "beats (.atr)": "N;V"}
    assert recording.annotations == (*made, Annotation(51, "N", annotator="qrs"))
    assert "Annotations of r.atr: 3 beats, 2 rhythms, 0 others." in recording.notes


def test_what_a_program_has_found_is_no_label(tmp_path: Path) -> None:
    recording = annotated(tmp_path, qrs=to_bytes([Annotation(51, "N"), rhythm(60, "AFIB")]))
    assert recording.labels == {}
    assert len(recording.annotations) == 2


def test_times_at_another_resolution_are_those_of_the_record(tmp_path: Path) -> None:
    wfdb.wrann("r", "atr", np.array([100, 2500]), ["N", "V"], fs=500, write_dir=str(tmp_path))
    recording = annotated(tmp_path, rate=100, atr=(tmp_path / "r.atr").read_bytes())
    assert [one.sample for one in recording.annotations] == [20, 500]


def test_annotations_beyond_the_end_are_counted_and_not_kept(tmp_path: Path) -> None:
    recording = annotated(tmp_path, atr=to_bytes([Annotation(999, "N"), Annotation(1000, "V")]))
    assert [one.sample for one in recording.annotations] == [999]
    assert recording.labels == {"beats (.atr)": "N"}
    assert any("1 lie beyond the end" in note for note in recording.notes)


def test_free_text_of_an_annotation_is_never_kept(tmp_path: Path) -> None:
    notes = ["Mrs MUSTERMANN", "(MUSTERMANN", "(AFIB", "## MUSTERMANN"]
    wfdb.wrann("r", "atr", np.array([0, 10, 20, 30]), ['"', "+", "+", '"'], aux_note=notes, write_dir=str(tmp_path))
    recording = annotated(tmp_path, atr=(tmp_path / "r.atr").read_bytes())
    assert "MUSTERMANN" not in repr(recording)
    assert recording.labels == {"rhythms (.atr)": "AFIB"}


def test_damaged_annotations_cost_no_recording(tmp_path: Path) -> None:
    whole = to_bytes([rhythm(0, "AFIB"), *(Annotation(2000 * n, "N", subtype=n % 5) for n in range(1, 40))])
    chance = random.Random(1)
    for _ in range(300):
        data = bytearray(whole[: chance.randrange(2, len(whole))])
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            found = read_annotations(bytes(data), "atr").annotations
        except UnreadableFileError:
            continue
        assert all(one.sample >= 0 and one.symbol in SYMBOLS.values() for one in found)
    with pytest.raises(EcgError, match="cut off"):
        read_annotations(whole[:-2], "atr")


@pytest.mark.parametrize("label", ["NORM", "AFIB", "IMI"])
def test_an_exported_record_has_its_r_peaks_beside_it(label: str, tmp_path: Path) -> None:
    recording = simulate(label, seed=7).recording
    files = write(recording, "wfdb", "out")
    assert [file.name for file in files] == ["out.hea", "out.dat", "out.qrs"]
    for file in files:
        (tmp_path / file.name).write_bytes(file.data)
    found = wfdb.rdann(str(tmp_path / "out"), "qrs")
    assert found.sample.tolist() == r_peaks(recording.signal, recording.rate).samples.tolist()
    assert set(found.symbol) == {"N"}
    assert found.fs == recording.rate
    (back,) = read(group([SourceFile(file.name, file.data) for file in files])[0], ReadOptions())
    assert [one.sample for one in back.annotations] == found.sample.tolist()
    assert back.labels == {}


def test_annotations_of_a_recording_are_written_with_it(tmp_path: Path) -> None:
    made = [rhythm(0, "AFL"), Annotation(70, "N", channel=1), Annotation(5000, "V", subtype=2)]
    recording = replace(simulate("NORM", seed=1, duration_s=12).recording, annotations=tuple(made))
    files = {file.name: file.data for file in write(recording, "wfdb", "out")}
    assert set(files) == {"out.hea", "out.dat", "out.atr", "out.qrs"}
    assert_equal(made, in_wfdb(files["out.atr"]))


def test_a_recording_without_a_beat_has_no_file_of_beats() -> None:
    flat = replace(simulate("NORM", seed=1).recording, signal=np.zeros((12, 5000), np.float32))
    assert [file.name for file in write(flat, "wfdb", "out")] == ["out.hea", "out.dat"]
