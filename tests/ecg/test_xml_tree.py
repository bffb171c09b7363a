"""The look at the root, the bounded parse and the lists of numbers that the XML readers share."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.number_list import numbers
from backend.ecg.readers.xml.tree import parse_xml, root_name, text, to_number

BODY = '<p:a xmlns:p="urn:x" p:k="1"><p:b> ü </p:b></p:a>'


@pytest.mark.parametrize(
    "data",
    [
        BODY.encode(),
        b"\xef\xbb\xbf" + BODY.encode(),
        BODY.encode("utf-16"),
        BODY.encode("utf-16-be"),
        b"\n <?xml version='1.0'?><!-- <b> --><?x <c>?>\n" + BODY.encode(),
        b'<!DOCTYPE a SYSTEM "a.dtd" [<!ELEMENT a (b)>]>' + BODY.encode(),
        b'<?xml version="1.0" encoding="ISO8859-1" ?>' + BODY.encode("latin-1"),
        b'<?xml version="1.0" encoding="windows-1252"?>' + BODY.encode("cp1252"),
        b'<?xml version="1.0" encoding="UTF-8"?>' + BODY.encode("cp1252"),
        b'<?xml version="1.0" encoding="utf-16"?>' + BODY.encode(),
        b'<?xml version="1.0" encoding="punycode"?>' + BODY.encode(),
        "<?xml version='1.0' encoding='GB2312'?>".encode("gb2312") + BODY.encode("gb18030"),
    ],
)
def test_root_and_texts_are_found_in_every_encoding_without_namespaces(data):
    assert root_name(data) == "a"
    root = parse_xml(data, "a.xml")
    assert (root.tag, root.get("k")) == ("a", "1")
    if b"GB2312" not in data:
        assert text(root, "b") == "ü"


@pytest.mark.parametrize("data", [b"", b"a,b", b"\x00\x01\x02", b"{", b"<", b"<!--", b"<?xml", b"<!DOCTYPE", b"<1>"])
def test_other_content_has_no_root(data):
    assert root_name(data) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_look_at_the_root(data):
    root_name(data)
    root_name(b"<" + data)


def test_depth_number_and_size_are_bounded():
    with pytest.raises(LimitError):
        parse_xml(b"<a>" * 200, "a.xml")
    with pytest.raises(LimitError):
        parse_xml(b"<a>" + b"<b/>" * 1_000_001 + b"</a>", "a.xml")
    assert text(parse_xml(b"<a>" * 50 + b"x" + b"</a>" * 50, "a.xml"), "/".join(["a"] * 49)) == "x"


def test_a_message_says_where_the_damage_is_and_nothing_of_the_file():
    with pytest.raises(UnreadableFileError, match=r"a\.xml is damaged XML \(line 2, column \d+\)") as raised:
        parse_xml(b"<a>\n<Smith></a>", "a.xml")
    assert "Smith" not in str(raised.value)


@given(st.lists(st.integers(-(2**40), 2**40)), st.sampled_from([" ", ",", ", ", "\n", ",\n\t"]))
def test_integers_are_read_as_written(values, separator):
    read = numbers(separator.join(map(str, values)) + separator, 1000)
    assert read.dtype == np.int64
    assert read.tolist() == values


@given(st.text(alphabet="0123456789-+.eE, \n_x", max_size=30))
def test_a_list_is_read_as_python_reads_its_words_or_refused(written):
    assume(not re.search(r"\d,\d", written) or not re.search(r"\s", written.strip()))  # beside blanks it is decimal
    words = written.replace(",", " ").split()
    gaps = ",," in "".join(written.split())
    try:
        expected = [float(word) for word in words] if "_" not in written and not gaps else None
    except ValueError:
        expected = None
    try:
        read = numbers(written, 1000)
    except UnreadableFileError:
        assert expected is None
    else:
        assert expected is not None
        np.testing.assert_array_equal(read, expected)


def test_more_numbers_than_allowed_are_refused():
    for written in ("1 " * 11, "1.5 " * 11, "1    " * 11):
        with pytest.raises(LimitError):
            numbers(written, 10)
    assert numbers("1    " * 10, 10).size == 10


def test_numbers_may_have_a_decimal_comma_and_are_finite():
    assert [to_number(value) for value in ("2,5", " 4.88 ", "1e3", "nan", "inf", "x", "", None)] == [
        2.5, 4.88, 1000, None, None, None, None, None,
    ]  # fmt: skip
