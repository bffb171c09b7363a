"""Text tables that cannot be read: each is refused with its name, the place and the remedy."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import EcgError, LimitError, MissingLeadsError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.leads import LEADS
from backend.ecg.readers import FileSet, Limits, SourceFile, read
from tests.ecg_tables import ecg, one, table

GOOD = table(ecg(20).T)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (GOOD.replace("\n", "\n1,2,3\n", 1), UnreadableFileError, "line 3 has 12 cells, the lines before have 3"),
        (table(ecg(20)[:9].T), UnreadableFileError, "header names 12 columns, the lines below have 9"),
        (GOOD + "1,2,3\n", UnreadableFileError, "line 22 has 3 cells, the lines before have 12"),
        (GOOD + ",".join(["0"] * 13) + "\n", UnreadableFileError, "line 22 has 13 cells"),
        (GOOD + "off" + ",0" * 11 + "\n", UnreadableFileError, "line 22, column 1 holds no readable number"),
        (GOOD + "1_0" + ",0" * 11 + "\n", UnreadableFileError, "line 22, column 1 holds no readable number"),
        (GOOD + "1e999" + ",0" * 11 + "\n", UnreadableFileError, "line 22, column 1 holds no readable number"),
        (GOOD + "inf" + ",0" * 11 + "\n", UnreadableFileError, "line 22, column 1 holds no readable number"),
        (table(ecg(20)[:2].T, ["I", "II"]), MissingLeadsError, "V1, V2, V3, V4, V5, V6 are missing"),
        (table(ecg(20)[:11].T, list(LEADS[:11])), MissingLeadsError, "leads V6 are missing"),
        (table(ecg(20).T, [*LEADS[:11], "I"]), MissingLeadsError, "Lead I is named twice"),
        (table(ecg(20).T, [f"x{i}" for i in range(12)]), MissingLeadsError, "numbered.*declare it as the order"),
        (table(ecg(12).T, None), UnreadableFileError, "cannot be told apart"),
        (table(ecg(20)[:5].T, None), UnreadableFileError, "neither is the 12 leads.*Add a first line"),
        (table(np.vstack([ecg(20), ecg(20)[:1]]).T, None), UnreadableFileError, "none of them counts the time"),
        (GOOD.replace("0.", "abc.", 3), UnreadableFileError, "line 2, column 1 holds no readable number"),
    ],
)
def test_a_bad_table_is_refused_with_its_name_the_place_and_the_remedy(text, error, words):
    with pytest.raises(error, match=words) as caught:
        one(text, name="dir/ä #1?.csv")
    assert "dir/ä #1?.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"file_name,label\na.csv,NORM\nb.csv,MI\n", r"looks like a table of labels \(file_name, label\)"),
        (b"<xml><digits>1 2 3 4</digits></xml>", r"is XML of no ECG format .*\(root element 'xml'\)"),
        (b'{"a": [1, 2]}', "is JSON without"),
        (b"hello\n", "is a list of names"),
    ],
)
def test_other_texts_are_no_recordings(data, words):
    with pytest.raises(UnsupportedFormatError, match=rf"a\.csv {words}"):
        one(data)


def test_an_empty_file_says_so():
    with pytest.raises(UnreadableFileError, match=r"a\.csv is empty"):
        one(b"")


def test_limits_hold():
    with pytest.raises(LimitError, match="more than 19 samples"):
        one(GOOD, limits=Limits(samples=19))
    with pytest.raises(LimitError, match="more than 100 numbers"):
        one(GOOD, limits=Limits(values=100))
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        one(GOOD, limits=Limits(file_bytes=10))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_damaged_tables_only_ever_raise_errors_of_the_tree(data):
    base = data.draw(st.sampled_from([GOOD, table(ecg(14), None, ";", ","), table(ecg(14).T, separator="\t")]))
    text = bytearray(base.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    del text[data.draw(st.integers(len(text) // 3, len(text))) :]
    with contextlib.suppress(EcgError):
        assert one(bytes(text)).n_samples > 0


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text("0123456789.,;-+eE \t\r\n#\"'nan", max_size=300)))
def test_arbitrary_content_only_ever_raises_errors_of_the_tree(content):
    data = content if isinstance(content, bytes) else content.encode()
    with contextlib.suppress(EcgError):
        read(FileSet((SourceFile("x", data),)))
