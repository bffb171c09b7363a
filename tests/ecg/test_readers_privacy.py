"""No name, address, birth date, place, operator, serial number or free text of a file is in a recording or a message.

A canary is planted in every such field of a file of each format; the file is read whole, cut off and damaged.
"""

import contextlib
import io
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.ecg.errors import EcgError
from backend.ecg.readers import FileSet, ReadOptions, SourceFile, read
from tests import scp_files
from tests.ecg.canary_files import CANARY, MADE, fhir, kardia
from tests.samples import FORMATS, NO_SHARED, csv_file, wfdb_pair

RAW = CANARY.encode()
REAL = pytest.mark.skipif(not FORMATS.is_dir(), reason=NO_SHARED)
PARTIAL = ReadOptions(partial=True, rate=500.0, units_per_mv=1000.0)
XML = ("hl7_aecg", "ge_muse_xml", "cardiologyxml", "philips_sierra_xml", "schiller_xml")


def said(files: FileSet) -> str:
    """Everything a reader says of a file: its recordings, or why there are none."""
    try:
        return repr(read(files, PARTIAL))
    except EcgError as error:
        return str(error)


def damaged(data: bytes, seed: int = 1) -> Iterator[bytes]:
    """The file whole, cut off, and with bytes changed, put in and taken out."""
    yield data
    yield from (data[: len(data) * part // 8] for part in (1, 3, 5, 7))
    chance = random.Random(seed)
    head = min(len(data), 4096)  # where most of the words are
    for _ in range(8):
        changed = bytearray(data)
        for _ in range(6):
            changed[chance.randrange(head)] = chance.choice(b'0 "<>\0\xff=x')
        yield bytes(changed)
    for _ in range(4):
        at = chance.randrange(head)
        yield data[:at] + data[at + chance.randrange(1, 9) :]
        yield data[:at] + b" " * chance.randrange(1, 9) + data[at:]


def assert_silent(data: bytes, *others: SourceFile, name: str = "a.bin") -> None:
    """Assert that nothing said of a file with canaries holds one; the whole file has to be a recording."""
    assert RAW in data or CANARY.encode("utf-32-le") in data
    assert read(FileSet((SourceFile(name, data), *others)), PARTIAL)
    for changed in damaged(data):
        words = said(FileSet((SourceFile(name, changed), *others)))
        assert CANARY not in words, words[max(0, words.find(CANARY) - 200) :][:300]


def xml_text(path: Path) -> str:
    """A real file as text that says it is UTF-8."""
    data = path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with contextlib.suppress(UnicodeDecodeError):
        return re.sub(r'encoding="[^"]*"', 'encoding="utf-8"', data.decode(encoding), count=1)
    return re.sub(r'encoding="[^"]*"', 'encoding="utf-8"', data.decode("cp1252"), count=1)


# What identifies patients by their own number, names the device's model, or is a unit or a way to store samples.
TERMS = {
    "PatientID", "PID", "patientid", "MRN", "@extension", "manufacturerModelName", "AcquisitionDevice", "Desc",
    "machine", "@detaildescription", "vendor", "model", "type", "units", "LeadAmplitudeUnits", "LeadID", "@lead",
    "@unit", "@units", "@code", "@displayName", "@leadlabels", "@compression", "@compressmethod", "@dataencoding",
    "datastype", "statementcode",
}  # fmt: skip


@REAL
@pytest.mark.parametrize("folder", XML)
def test_no_text_of_an_xml_file_comes_out_but_its_terms(folder):
    """Each kind of element and attribute in turn holds the canary, also where a number is expected."""
    text = xml_text(min((FORMATS / folder).glob("*.xml"), key=lambda path: path.stat().st_size))
    elements = re.finditer(r"<(?P<key>[\w:.-]+)(?:\s[^<>]*)?>(?P<value>[^<>]{0,60})(?=</)", text)
    attributes = re.finditer(r'\s(?P<key>[\w:.-]+)="(?P<value>[^"<>]{0,60})"', text)
    spots = [(found["key"], found.span("value")) for found in elements]
    spots += [("@" + found["key"], found.span("value")) for found in attributes]
    times: Counter[str] = Counter()
    for key, (start, end) in spots:
        times[key] += 1
        own_number = folder == "schiller_xml" and key == "id" and times[key] == 1
        if key in TERMS or key.startswith("@xmlns") or own_number or times[key] > (1 if len(spots) > 800 else 2):
            continue
        planted = (text[:start] + CANARY + text[end:]).encode()
        words = said(FileSet((SourceFile("a.xml", planted),)))
        assert CANARY not in words, (key, words[max(0, words.find(CANARY) - 200) :][:300])


@REAL
@pytest.mark.parametrize("folder", XML)
def test_words_for_people_in_an_xml_file_come_out_of_no_damage(folder):
    """Every element of words is the canary, and there are comments and elements that no format has."""
    text = xml_text(min((FORMATS / folder).glob("*.xml"), key=lambda path: path.stat().st_size))
    people = r"(?:\w*name|family|given|street\w*|city|address\w*|user\w*|institut\w*|site\w*|location\w*|remark\w*)"
    free = r"(?:StmtText|\w*statement|DiagnosisText|comment\w*|text|operator\w*|physician\w*|\w*serial\w*|idu)"
    kept = r"(?!channel|manufacturerModelName|name>\s*(?:[IV]|a?V[RLF])|filename)"
    text = re.sub(rf"<{kept}({people}|{free})>([^<>]*)</", rf"<\1>{CANARY}</", text, flags=re.IGNORECASE)
    text = re.sub(rf"(<manufacturerOrganization>.{{0,200}}?<name>){CANARY}", r"\1Maker", text, flags=re.DOTALL)
    if folder == "schiller_xml":  # where elements called name also name what is measured
        text = xml_text(next((FORMATS / folder).glob("*.xml")))
        text = re.sub(r"<(lastname|firstname|birthdate)></", rf"<\1>{CANARY}</", text)
    at = text.rfind("</")
    text = f"{text[:at]}<!-- {CANARY} --><note person='{CANARY}'>{CANARY}</note>{text[at:]}"
    assert_silent(text.encode(), name="a.xml")


@REAL
@pytest.mark.parametrize("path", sorted((FORMATS / "dicom").glob("*.dcm")), ids=lambda path: path.stem)
def test_dicom_keeps_no_words(path):
    """All texts of the file and those of the patient's and the visit's modules, and numbers that are no numbers."""
    import pydicom

    dataset = pydicom.dcmread(path)
    codes = {"CodeValue", "CodingSchemeDesignator", "PatientID", "Manufacturer", "ManufacturerModelName", "Modality"}

    def plant(tree: pydicom.Dataset) -> None:
        for element in tree.iterall():
            if element.VR in ("PN", "LO", "LT", "ST", "SH", "UT") and element.keyword not in codes:
                element.value = CANARY

    plant(dataset)
    for keyword in ("PatientName", "PatientAddress", "InstitutionName", "OperatorsName", "DeviceSerialNumber",
                    "PatientComments", "StudyDescription", "ReferringPhysicianName", "StationName"):  # fmt: skip
        setattr(dataset, keyword, CANARY)
    for item in dataset.WaveformSequence:
        item.MultiplexGroupLabel = CANARY
    written = io.BytesIO()
    dataset.save_as(written)
    data = written.getvalue()
    assert_silent(data, name="a.dcm")
    for mark in (b"DS", b"IS"):  # texts where numbers should be
        spots = [found.end() for found in re.finditer(mark + rb"[\x02-\x10]\0(?=[0-9.-])", data)]
        for at in spots[:: max(1, len(spots) // 12)]:
            size = data[at - 2]
            changed = data[:at] + RAW.ljust(16)[:size] + data[at + size :]
            assert CANARY[: max(size, 4)] not in said(FileSet((SourceFile("a.dcm", changed),)))


def test_scp_keeps_no_words():
    names = b"".join(
        scp_files.tag(number, RAW + b"\0")
        for number in (0, 1, 3, 10, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30, 31, 32, 35)
    )
    identity = scp_files.tag(2, b"77\0") + names + scp_files.tag(255, b"")
    statement = bytes((1, 11, 0, 2)) + RAW
    more = {
        1: identity,
        8: bytes(9) + RAW,
        10: RAW,
        11: bytes(8) + bytes((2,)) + statement + bytes((2, 11, 0, 1)) + RAW,
    }
    data = scp_files.rhythm(scp_files.eight(), more=more)
    assert_silent(data, name="a.scp")
    (recording,) = read(FileSet((SourceFile("a.scp", data),)))
    assert recording.patient.id == "77"
    assert "Statements of the device that have no code here and were not kept: 2." in recording.notes


@REAL
def test_edf_keeps_no_words():
    data = bytearray((FORMATS / "edf" / "contec_0000050.edf").read_bytes())
    data[8:88] = f"77 F 01-JAN-1950 {CANARY} {CANARY}".encode().ljust(80)
    data[88:168] = f"Startdate 02-MAR-2002 {CANARY} {CANARY} {CANARY}".encode().ljust(80)
    count = int(data[252:256])
    for signal in range(count):  # the sensors, the filters, the reserved part
        for start, width in ((256 + 16 * count + 80 * signal, 80), (256 + 136 * count + 80 * signal, 80),
                             (256 + 224 * count + 32 * signal, 32)):  # fmt: skip
            data[start : start + width] = RAW.ljust(width)
    assert_silent(bytes(data), name="a.edf")
    for at in (236, 244, 256 + 120 * count, 256 + 128 * count, 256 + 104 * count, 256 + 216 * count):
        changed = data[:at] + RAW[:8] + data[at + 8 :]
        assert CANARY[:8] not in said(FileSet((SourceFile("a.edf", bytes(changed)),)))


@REAL
def test_ishne_keeps_no_words():
    path = next((FORMATS / "ishne").glob("*.ecg"))
    data = bytearray(path.read_bytes()[:200_000])
    for start, width in ((28, 40), (68, 40), (274, 80), (354, 80), (434, 88)):  # names, owner, copyright, reserve
        data[start : start + width] = RAW.ljust(width, b"\0")
    assert_silent(bytes(data), name="a.ecg")


@REAL
def test_mfer_keeps_no_words():
    data = next((FORMATS / "mfer").glob("*.mwf")).read_bytes()
    tags = b"".join(bytes((tag, len(RAW))) + RAW for tag in (0x81, 0x15, 0x16, 0x41, 0x46, 0x87, 0x11))
    maker = b"A^B^1^" + RAW  # manufacturer, model, version, serial number
    data = data[:34] + tags + bytes((0x17, len(maker))) + maker + data[34:]
    assert_silent(data, name="a.mwf")


def test_wfdb_keeps_no_comments():
    header, samples = wfdb_pair("a")
    header += f"# Name: {CANARY}\n#{CANARY}\n# 63 M {CANARY} x\n#Dx: {CANARY}\n# Address: {CANARY}\n".encode()
    assert_silent(header, SourceFile("a.dat", samples), name="a.hea")
    for token in (b"1000.0(0)/mV", b"1000.0", b"(0)", b"a 12 100", b"1000\n"):
        changed = header.replace(token, RAW, 1) if token != b"1000\n" else header.replace(token, RAW + b"\n", 1)
        assert CANARY not in said(FileSet((SourceFile("a.hea", changed), SourceFile("a.dat", samples))))


@pytest.mark.parametrize("name", MADE)
def test_files_made_here_keep_no_words(name):
    assert_silent(MADE[name](), name=name)


@pytest.mark.parametrize("make", [fhir, kardia])
def test_words_where_json_has_numbers_come_out_of_no_message(make):
    text = make().decode()
    for found in list(re.finditer(r'"(?P<key>\w+)": (?P<value>\d+|"[\d -]{1,12}")(?=[,}])', text))[:40]:
        start, end = found.span("value")
        planted = text[:start] + json.dumps(CANARY) + text[end:]
        if found["key"] not in ("id", "patientID"):
            assert CANARY not in said(FileSet((SourceFile("a.json", planted.encode()),))), found["key"]


def test_a_name_in_a_cell_of_a_table_is_not_quoted():
    rows = csv_file().decode().splitlines()
    for place in (1, 2, 500, -1):
        cells = rows[place].split(",")
        changed = [*rows]
        changed[place] = ",".join([CANARY, *cells[1:]])
        assert CANARY not in said(FileSet((SourceFile("a.csv", "\n".join(changed).encode()),)))


def test_a_long_name_of_a_channel_is_cut():
    header, samples = wfdb_pair("a")
    header = header.replace(b" 0 V6\n", b" 0 " + b"breathing " * 20 + b"\n")
    words = said(FileSet((SourceFile("a.hea", header), SourceFile("a.dat", samples))))
    assert "breathing breathing" in words
    assert words.count("breathing") < 5
