"""Letters of a table are read as they were written, or the table is refused: never other letters."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.cells import read
from backend.ml.errors import LabelTableError
from tests.label_tables import as_csv, as_parquet

WEST = {
    "German": "Vorhofflimmern größer für Müller Ärzte Öl Übung Straße schön 37 °C, 5 µV ±2, – „Zitat“, 50 €, ½ m², K™",
    "French": "fibrillation auriculaire, bloc à gauche, déjà, cœur, œdème, hôpital, l’onde, d’amplitude, où, ça",
    "Spanish": "taquicardia sinusal; arritmia sistólica, ¿sí?, corazón, año, línea, vía, pingüino",
    "Italian": "è già così più perché, fibrillazione",
    "Portuguese": "fibrilação atrial, coração, não, avô, análise, três, àquela",
    "Swedish": "förmaksflimmer, vänster, på, hjärta, Åsa, é",
    "Norwegian": "atrieflimmer, høyre, på, hjerte, lære",
    "Dutch": "voorkamerfibrilleren, coördinatie, één",
}
EAST = {
    "Polish": "migotanie przedsionków, zażółć gęślą jaźń, ostry zawał",
    "Czech": "fibrilace síní, pravé raménko, žádný, příčina, komorové, přední stěna",
    "Hungarian": "pitvarfibrilláció, bal szárblokk, őrült tűz",
    "Turkish": "atriyal fibrilasyon, sağ dal bloğu, değişiklik, ışık",
    "Russian": "мерцание предсердий",
    "Greek": "κολπική μαρμαρυγή",
}


def label_of(text: str, encoding: str) -> str:
    data = as_csv([["file_name", "label"], ["a", text], ["b", "SR"]]).decode().encode(encoding)
    return read(data).column("label")[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [*WEST.values(), *EAST.values()])
def test_unicode_is_read_as_it_is_with_a_mark_and_without(text, encoding):
    assert label_of(text, encoding) == text


@pytest.mark.parametrize("text", WEST.values(), ids=WEST)
def test_the_languages_of_western_windows_are_read(text):
    assert label_of(text, "cp1252") == text


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([*WEST.values()]), st.sampled_from(["mac_roman", "cp850", "cp437", "iso8859-15"]))
def test_other_encodings_of_the_west_are_refused_and_never_garbled(text, encoding):
    try:
        data = text.encode(encoding).decode(encoding)
    except UnicodeEncodeError:
        data = text.encode(encoding, errors="ignore").decode(encoding)
    try:
        assert label_of(data, encoding) == data
    except LabelTableError as error:
        assert "Save the table as “CSV UTF-8”" in str(error)  # noqa: PT017 - reading it right is as good


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("Turkish", "cp1254"), ("Polish", "cp1250"), ("Polish", "iso8859-2"), ("Czech", "cp1250"), ("Czech", "iso8859-2"),
     ("Hungarian", "cp1250"), ("Russian", "cp1251"), ("Russian", "koi8-r"), ("Greek", "cp1253")],
)  # fmt: skip
def test_those_of_other_parts_of_the_world_are_refused(language, encoding):
    with pytest.raises(LabelTableError, match="UTF-8"):
        label_of(EAST[language], encoding)


def test_the_refusal_says_the_line_and_not_the_name():
    with pytest.raises(LabelTableError, match=r"line 3 has 'š'") as refused:
        read("file_name,label\na,AF\nMöller,SR\n".encode("mac_roman"))
    assert "ller" not in str(refused.value).replace("cannot be told", "")


@pytest.mark.parametrize("lost", ["MÃ¼ller", "M\ufffdller", "grÃ¶ÃŸer", "5 Âµ"])
def test_letters_that_were_lost_before_are_told(lost):
    cells = read(f"file_name,label\n{lost},AF\n".encode())
    assert "Letters of the table were lost before it was saved, first in line 2" in " ".join(cells.notes)
    assert read("file_name,label\nMüller,São Paulo\n".encode()).notes == ()


def test_texts_that_python_has_written_as_bytes_are_texts_and_told():
    cells = read(b"file_name,label,x\nb'a',b'AF',1\nb'b',b'SR',2\n")
    assert cells.rows == [["a", "AF", "1"], ["b", "SR", "2"]]
    assert cells.notes == ("Read as texts, being written as bytes (b'…'): 'file_name', 'label'.",)
    assert read(b"file_name,label\nb'a',AF\nb,SR\n").rows[0] == ["b'a'", "AF"]
    lists = read(as_parquet({"file_name": [b"a", b"b"], "label": [[b"AF"], [b"SR", b"LBBB"]]}))
    assert lists.column("label") == ['["AF"]', '["SR", "LBBB"]']


def test_bytes_of_an_array_that_are_no_utf_8_are_refused():
    def saved(name: bytes) -> bytes:
        stream = io.BytesIO()
        np.savez(stream, file_name=np.array([name, b"b"]), label=np.array([b"AF", b"SR"]))
        return stream.getvalue()

    assert read(saved("ä".encode())).column("file_name") == ["ä", "b"]
    with pytest.raises(LabelTableError, match="which letters they are cannot be told"):
        read(saved("ä".encode("latin-1")))
