"""What a file is that holds no recording, and what to do instead: a printout, a picture, a workbook, a label table."""

import io
import re
import zipfile

from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.column_names import AGES, LABELS, PATIENT_IDS, RECORD_IDS, SEXES, plain_name
from backend.ecg.readers.units import split_unit

_EXPORT = "Export the recording itself from the device or its archive: as DICOM, SCP-ECG, XML, EDF or CSV."
_PICTURE = "a picture, which holds no samples. " + _EXPORT
# By the first bytes.
_MARKS = (
    (b"%PDF", "a PDF: a printout, which holds no samples. " + _EXPORT),
    (b"\x89PNG", _PICTURE), (b"\xff\xd8\xff", _PICTURE), (b"GIF8", _PICTURE), (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE), (b"BM", _PICTURE),
    (b"\xd0\xcf\x11\xe0", "a document of an older Office program (Excel, Word). Save a table of samples as CSV."),
    (b"{\\rtf", "a text document (RTF), which holds no samples. " + _EXPORT),
    (b"SQLite format 3\0", "an SQLite database. Export the signals from it as CSV, Parquet or HDF5."),
    (b"ARROW1", "an Arrow (Feather) file. Save it as Parquet."), (b"FEA1", "a Feather file. Save it as Parquet."),
    (b"RDX", "an R workspace. Save the signals as CSV or Parquet."),
    (b"Rar!", "a RAR archive. Unpack it and upload the files, or pack them as zip."),
    (b"7z\xbc\xaf", "a 7-Zip archive. Unpack it and upload the files, or pack them as zip."),
    (b"version https://git-lfs", "a pointer of Git LFS, and not the file itself. Fetch the file (git lfs pull)."),
    (b"\x7fELF", "a program."), (b"MZ", "a program."),
)  # fmt: skip
_OFFICE = (
    ("xl/", "an Excel workbook. Save the sheet with the samples as CSV; a table of labels is read from the workbook."),
    ("word/", "a Word document, which holds no samples. " + _EXPORT),
    ("ppt/", "a presentation, which holds no samples. " + _EXPORT),
    ("Object ", "an OpenDocument file. Save the sheet with the samples as CSV."),
    ("content.xml", "an OpenDocument file (a spreadsheet or a text). Save the sheet with the samples as CSV."),
)  # fmt: skip
_PICKLED = "a Python pickle, which is never opened: it can run programs. Save the signals with numpy.save or as HDF5."
# By the last part of the name, where the bytes say nothing.
_DEVICES = {
    "rdt": "a file of GE CASE or CardioSoft in the device's own format (.rdt). Export the test there as XML.",
    "ecg": "a file in a device's own format (.ecg, as Contec, Heal Force and others write it), which is not public. "
    "Export the recording with the device's program: as SCP-ECG, DICOM, XML, EDF or CSV.",
    "cal": "a file in a device's own format. " + _EXPORT,
    "pkl": _PICKLED, "pickle": _PICKLED,
    "onnx": "a model. Import it on the page of models, or with exchangeai models.",
    "pt": "weights of a network. Import them on the page of models, or with exchangeai models.",
    "pth": "weights of a network. Import them on the page of models, or with exchangeai models.",
    "safetensors": "weights of a network. Import them on the page of models, or with exchangeai models.",
}  # fmt: skip
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
_LOOK = 65536
_LINES = 40
_FACTS = RECORD_IDS | PATIENT_IDS | LABELS | AGES | SEXES
_FILE = re.compile(
    r"[\w./\\-]+\.(?:hea|dat|mat|npy|npz|dcm|xml|scp|edf|csv|h5|hdf5|json)|records\d*/\S+", re.IGNORECASE
)
_SUM = re.compile(r"[0-9a-f]{32,64}\s+\S+", re.IGNORECASE)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")


def kind_of(data: bytes, name: str) -> str:
    """Return what a file without a recording is, and what to do instead: a whole sentence that begins with its name."""
    found = _by_mark(data) or _by_zip(data) or _by_text(data)
    ending = name.lower().rpartition(".")[2]
    found = found or _DEVICES.get(ending) or (_PICKLED if _PICKLE.match(data) else None)
    if found:
        return f"{name} is {found}"
    return f"{name} is in no format that is known here. {_EXPORT}"


def has_mark(data: bytes) -> bool:
    """Whether the first bytes are those of a picture, a printout or another kind of file that is known."""
    return _by_mark(data) is not None


def is_office(data: bytes) -> bool:
    """Whether a zip is a document of an office program, and no archive of files."""
    return data[:2] == b"PK" and _by_zip(data) is not None


def label_table(data: bytes) -> tuple[str, ...] | None:
    """Return the columns of a text table that seems to hold labels or facts of recordings and no samples, else None."""
    head = data[:_LOOK]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[: _LOOK & ~1].decode("utf-16", "replace").encode()
    if not head or head.translate(None, _CONTROL) != head or head.lstrip()[:1] in (b"<", b"{", b"["):
        return None
    lines = [line for line in head.decode("utf-8-sig", "replace").splitlines()[:_LINES] if line.strip()]
    if len(lines) < 2:
        return None
    separator = max((",", ";", "\t"), key=lines[0].count)
    columns = [cell.strip().strip("\"'") for cell in lines[0].split(separator)]
    if len(columns) < 2 or sum(canonical_lead(split_unit(cell)[0]) is not None for cell in columns) > 1:
        return None  # most tables of samples: the other lines need not be looked at
    if any(_names_leads(line) for line in lines[1:]):
        return None  # lines of other facts may stand above the names
    rows = [columns, *([cell.strip().strip("\"'") for cell in line.split(separator)] for line in lines[1:])]
    known = any(plain_name(cell) in _FACTS for cell in columns)
    files = any(_FILE.fullmatch(cell) for row in rows[1:] for cell in row)
    texts = sum(not re.fullmatch(r"[-+.\deE ]*", cell) for row in rows[1:] for cell in row[:64])
    return tuple(columns) if known or files or 4 * texts > sum(len(row[:64]) for row in rows[1:]) else None


def _names_leads(line: str) -> bool:
    names = [cell.strip().strip("\"'") for cell in re.split(r"[,;\t]", line)]
    return len({lead for name in names if not name.isdigit() and (lead := canonical_lead(split_unit(name)[0]))}) > 5


def of_labels(name: str, columns: tuple[str, ...]) -> str:
    """Return the message for a table of labels among the recordings."""
    return (
        f"{name} looks like a table of labels ({shown(columns)}), with no lead among its columns. Import the "
        "recordings first, then take the labels from it: with a dataset on the page, or with exchangeai labels."
    )


def _by_mark(data: bytes) -> str | None:
    data = data.removeprefix(b"\xef\xbb\xbf")
    data = data.lstrip() if data[:64].lstrip().startswith(b"%PDF") else data
    if data[:4] == b"RIFF":
        return {b"WEBP": _PICTURE, b"WAVE": "a sound file. " + _EXPORT}.get(data[8:12], "a film. " + _EXPORT)
    if data[4:8] == b"ftyp":
        return _PICTURE if data[8:11] in (b"hei", b"mif", b"avi") else "a film, which holds no samples. " + _EXPORT
    return next(
        (kind for mark, kind in _MARKS if data.startswith(mark) and (mark not in (b"BM", b"MZ") or b"\0" in data[:64])),
        None,
    )


def _by_zip(data: bytes) -> str | None:
    if data[:4] != b"PK\x03\x04":
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:1000]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, IndexError):
        return "a damaged zip archive. Copy it again."
    office = "[Content_Types].xml" in names or "mimetype" in names
    found = next((kind for part, kind in _OFFICE if office and any(one.startswith(part) for one in names)), None)
    if found is None and any(one.endswith("/data.pkl") for one in names):
        return _DEVICES["pt"]
    return found


def _by_text(data: bytes) -> str | None:
    head = data[:_LOOK]
    if not head.strip() or head.translate(None, _CONTROL) != head:
        return None
    text = head.decode("utf-8-sig", "replace").lstrip()
    start = text[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "a web page, as a download gives it that needs a login. Download the file again."
    if "<svg" in text[:1000].lower():
        return _PICTURE
    if start.startswith("<"):
        root = re.search(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]{0,63})", re.sub(r"<[?!][^>]*>", "", text[:4000]))
        called = f" (root element '{root[1]}')" if root else ""
        return f"XML of no ECG format that is known here{called}. Export the recording as HL7 aECG, DICOM or SCP-ECG."
    if start.startswith(("{", "[")):
        return "JSON without the sampled data of an ECG (FHIR Observation). " + _EXPORT
    lines = [line.strip() for line in text.splitlines() if line.strip()][:_LINES]
    if all(_SUM.match(line) for line in lines):
        return "a list of checksums, which is not needed."
    if all(re.fullmatch(r"[\w./-]+", line) for line in lines) and not all(
        re.fullmatch(r"[\d.-]+", line) for line in lines
    ):
        return "a list of names, which is not needed: upload the files that it names."
    words = len(re.findall(r"[^\W\d_]{2,}", text[:4000]))
    if words > 20 and words > 2 * len(re.findall(r"\d+(?:\.\d+)?", text[:4000])):
        return "a text (a readme, a licence or a report), which holds no samples. It is not needed."
    return None
