"""Drawings by the API: in the measures of the paper, with the pseudonym, from the signal that is stored."""

import xml.etree.ElementTree as ET

import pypdfium2 as pdfium
import pytest

from tests.api_calls import Api, refusal
from tests.samples import csv_file, wfdb_pair


def _upload(api: Api) -> str:
    header, data = wfdb_pair("r1", 7, n=2000, rate=250)
    header += b"# Age: 95\n# Sex: M\n# Patient ID: Mueller\n"
    report = api.upload({"Anna Müller/r1.hea": header, "Anna Müller/r1.dat": data})
    return report["outcomes"][0]["recording_ids"][0]


def _draw(api: Api, recording: str, **how: object):
    return api.client.get(api.url(f"/recordings/{recording}/drawing"), params=how)


def test_a_stored_ecg_is_drawn_with_its_pseudonym_and_how_it_is_drawn(api: Api) -> None:
    recording = _upload(api)
    answer = _draw(api, recording, paper="letter", orientation="portrait", layout="12x1", filter="0.5-40", notch=50)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith("r1.pdf")
    page = pdfium.PdfDocument(answer.content)[0]
    assert [round(side / 72 * 25.4, 1) for side in page.get_size()] == [215.9, 279.4]
    text = page.get_textpage().get_text_range()
    pseudonym = api.client.get(api.url(f"/recordings/{recording}")).json()["patient_id"]
    assert "Mueller" not in text
    for said in (f"Patient {pseudonym}", "90 years", "male", "250 Hz · 0.5–40 Hz, notch 50 Hz", "research use only"):
        assert said in text


@pytest.mark.parametrize(("name", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_format_is_what_it_says(api: Api, name: str, begins: bytes) -> None:
    answer = _draw(api, _upload(api), format=name)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_names_in_a_drawing_are_shown_as_they_are(api: Api) -> None:
    report = api.upload({"<b>&.csv": csv_file(5)}, rate="100", units_per_mv="1000")
    answer = _draw(api, report["outcomes"][0]["recording_ids"][0], format="svg")
    svg = ET.fromstring(answer.content)  # which unescaped names would break
    assert any((text.text or "").endswith("<b>&.csv") for text in svg.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("wrong", [{"paper": "a3"}, {"filter": "1-2"}, {"start": -1}])
def test_what_is_not_offered_is_refused_in_words(api: Api, wrong: dict[str, object]) -> None:
    assert next(iter(wrong)) in refusal(_draw(api, _upload(api), **wrong), 422, "InvalidInputError")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"speed": 30}, "UnwritableError"), ({"gain": 3}, "UnwritableError"), ({"notch": 55}, "PreprocessingError")],
)
def test_a_measure_that_is_not_offered_says_which_are(api: Api, wrong: dict[str, object], error: str) -> None:
    assert "Choose" in refusal(_draw(api, _upload(api), **wrong), 422, error)


def test_the_same_ecg_gives_the_same_bytes(api: Api) -> None:
    recording = _upload(api)
    for name in ("pdf", "svg"):
        assert _draw(api, recording, format=name).content == _draw(api, recording, format=name).content


def test_what_a_model_reads_is_drawn_without_a_scale_and_says_so(api: Api) -> None:
    recording = _upload(api)
    answer = _draw(api, recording, preprocessing="clinical", format="svg")
    assert answer.status_code == 200
    for said in ("as a model reads it: clinical", "no mV scale", "100 Hz"):
        assert said in answer.text
    assert 'data-kind="pulse"' not in answer.text
    refusal(_draw(api, recording, preprocessing="clinical", notch=50), 422, "PreprocessingError")
    refusal(_draw(api, recording, preprocessing="magic"), 422, "PreprocessingError")
