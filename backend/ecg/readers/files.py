"""Uploaded files and how they belong together: sets of files, and zips taken apart."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from backend.ecg.readers.archive import Refusal, expand_zip
from backend.ecg.readers.sources import FileSet, Limits, SourceFile
from backend.ecg.readers.wfdb_header import data_files

__all__ = ["FileSet", "Limits", "Refusal", "SourceFile", "expand_zip", "group"]


def group(files: Iterable[SourceFile]) -> list[FileSet]:
    """Group files into sets, in upload order (that of each set's main file).

    A WFDB header takes with it the data files its signal lines name, from its own folder and by base name; any other
    file is a set of its own. Files of one name are all kept: the first header takes the first of them, and so on. A
    data file named by several headers goes with each. Raises nothing: what cannot be read is refused when read.
    """
    uploaded = list(files)
    by_path: dict[str, list[int]] = defaultdict(list)
    for index, file in enumerate(uploaded):
        by_path[_path(file.folder, file.base)].append(index)
    by_path_in_any_case: dict[str, list[int]] = defaultdict(list)
    for path, indices in by_path.items():
        by_path_in_any_case[path.lower()] += indices
    claimed: set[int] = set()
    sets: dict[int, FileSet] = {}
    for index, file in enumerate(uploaded):
        members = [file]
        for name in data_files(file.data) or ():
            path = _path(file.folder, name)
            candidates = by_path.get(path) or by_path_in_any_case.get(path.lower(), [])
            taken = next((i for i in candidates if i not in claimed and i != index), None)
            taken = taken if taken is not None else next((i for i in candidates if i != index), None)
            if taken is not None:
                claimed.add(taken)
                members.append(uploaded[taken])
        sets[index] = FileSet(tuple(members))
    return [sets[index] for index in range(len(uploaded)) if index not in claimed]


def _path(folder: str, base: str) -> str:
    return str(PurePosixPath(folder, base))
