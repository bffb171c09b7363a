"""MATLAB files of level 4 and 5 (`.mat` up to version 7.2); those of version 7.3 are HDF5."""

from backend.ecg.errors import IncompleteSetError
from backend.ecg.readers.arrays.matlab_file import is_level_4, is_level_5, load_level_4, load_level_5
from backend.ecg.readers.arrays.per_record import Arrays
from backend.ecg.readers.arrays.search import find_contents
from backend.ecg.readers.arrays.stacks import Content, Layout, read_contents
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import Recording

# Liu et al. 2018, doi:10.1166/jmihi.2018.2442: a structure ECG of sex, age and data.
CPSC = Layout("CPSC 2018", rate=500, units_per_mv=1)


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return is_level_5(data) or is_level_4(data)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    data = files.main.data
    if is_level_5(data):
        arrays = load_level_5(data, files.name, limits)
    else:
        arrays = load_level_4(data, files.name)
        if list(arrays) == ["val"] and options.units_per_mv is None and options.unit != "arbitrary":
            raise IncompleteSetError(
                f"{files.name} holds samples without a header: the .hea is missing. Upload it together with this "
                "file; or, to read it without, declare the units per mV."
            )
    contents, layout = matlab_contents(arrays, options, files.name)
    return read_contents(contents, files, options, limits, "matlab", layout)


def matlab_contents(arrays: Arrays, options: ReadOptions, name: str) -> tuple[list[Content], Layout | None]:
    """Find the signals among the variables of a MATLAB file, and the layout of a known data set if it is one of its."""
    cpsc = {"ECG/sex", "ECG/age", "ECG/data"} <= arrays.keys() and arrays["ECG/data"].dtype.kind == "f"
    return find_contents(arrays, options, name), CPSC if cpsc else None


READER = Reader(
    name="matlab",
    title="MATLAB up to version 7.2 (.mat)",
    extensions=(".mat",),
    declares_units=False,
    recognises=_recognises,
    read=_read,
    source="MathWorks, MAT-File Format",
)
