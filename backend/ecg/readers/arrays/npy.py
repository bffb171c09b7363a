"""NumPy arrays: `.npy`, and `.npz` with the array, its rate, unit and lead names; one recording or a stack of them."""

import zipfile

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.archives.expand import Budget, is_npz, open_zip, read_entry
from backend.ecg.readers.arrays.npy_array import MAGIC, load_array
from backend.ecg.readers.arrays.search import find_contents
from backend.ecg.readers.arrays.stacks import Content, Values, read_contents
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits, SourceFile
from backend.ecg.recording import Recording


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return data.startswith(MAGIC) or is_npz(data)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    file = files.main
    if file.data.startswith(MAGIC):
        contents = [Content(load_array(file.data, file.name))]
    else:
        contents = find_contents(_load_npz(file, limits), options, file.name)
    return read_contents(contents, files, options, limits, "npy")


def _load_npz(file: SourceFile, limits: Limits) -> dict[str, Values]:
    arrays: dict[str, Values] = {}
    budget = Budget(min(limits.archive_bytes, limits.file_bytes))
    try:
        with open_zip(file) as archive:
            if len(archive.infolist()) > limits.records:
                raise LimitError(
                    f"{file.name} holds more than {limits.records:,} arrays. Save the signals as one stack."
                )
            for info in archive.infolist():
                member = f"{file.name}/{info.filename}"
                arrays[info.filename.removesuffix(".npy")] = load_array(
                    read_entry(archive, info, budget, limits, member), member
                )
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFileError(f"{file.name} is not a readable .npz. Save it again.") from error
    return arrays


READER = Reader(
    name="npy",
    title="NumPy (.npy, .npz)",
    extensions=(".npy", ".npz"),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="NEP 1, https://numpy.org/neps/nep-0001-npy-format.html",
)
