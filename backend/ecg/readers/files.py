"""Uploaded files and how they belong together: sets of files, and archives taken apart."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from backend.ecg.readers.archives.expand import Refusal, expand
from backend.ecg.readers.sources import FileSet, Limits, SourceFile
from backend.ecg.readers.wfdb.annotations import looks_like_annotations
from backend.ecg.readers.wfdb.header import base_of, data_files, is_master

__all__ = ["FileSet", "Limits", "Refusal", "SourceFile", "expand", "group"]


def group(files: Iterable[SourceFile]) -> list[FileSet]:
    """Group files into sets, in upload order (that of each set's main file).

    A WFDB header takes with it the data files its signal lines name, from its own folder and by base name, or the
    headers of its segments with theirs; annotation files of its name are left out with it. Any other file is a set of
    its own. Files of one name are all kept: the first header takes the first of them, and so on. A data file named by
    several headers goes with each. Raises nothing: what cannot be read is refused when read.
    """
    uploaded = list(files)
    named = [data_files(file.data) for file in uploaded]
    pile = _Pile(uploaded)
    owner: dict[int, int] = {}  # the header that took a file
    members: dict[int, list[int]] = {}
    for index, names in enumerate(named):
        members[index] = [index]
        for name in names or ():
            folder = uploaded[index].folder
            taken = pile.take(folder, name, index) if name == base_of(name) else pile.take_any(folder, name, index)
            if taken is None:
                continue
            owner[taken] = index
            members[index].append(taken)
            for part in (named[taken] or ()) if is_master(uploaded[index].data) else ():
                data = pile.take(uploaded[taken].folder, part, taken)
                if data is not None:
                    owner[data] = index
                    members[index].append(data)
    left_out = _annotations(uploaded, named, owner)
    return [
        FileSet(
            tuple(uploaded[member] for member in dict.fromkeys(members[index])),
            tuple(uploaded[beside] for beside in left_out.get(index, ())),
        )
        for index in range(len(uploaded))
        if index not in owner
    ]


class _Pile:
    """The uploaded files by folder and name, from which each is taken once before any is taken twice."""

    def __init__(self, uploaded: list[SourceFile]) -> None:
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._any_case: dict[str, list[int]] = defaultdict(list)
        self._next: dict[str, int] = defaultdict(int)
        self._taken: set[int] = set()
        for index, file in enumerate(uploaded):
            path = _path(file.folder, file.base)
            self._exact[path].append(index)
            self._any_case[path.lower()].append(index)

    def take_any(self, folder: str, name: str, by: int) -> int | None:
        """Return the file of that path below the folder, else the one beside: a header may name a folder."""
        return next(
            (
                found
                for one in (name.replace("\\", "/"), base_of(name))
                if (found := self.take(folder, one, by)) is not None
            ),
            None,
        )

    def take(self, folder: str, name: str, by: int) -> int | None:
        """Return the first file of that name that is not taken yet, else any, never the file `by` itself."""
        path = _path(folder, name)
        places = self._exact.get(path)
        if places is None:
            path = path.lower()
            places = self._any_case.get(path, [])
        start = self._next[path]
        while start < len(places) and places[start] in self._taken:
            start += 1
        self._next[path] = start
        found = next((index for index in (*places[start : start + 2], *places[:2]) if index != by), None)
        if found is not None:
            self._taken.add(found)
        return found


def _annotations(
    uploaded: list[SourceFile], named: list[tuple[str, ...] | None], owner: dict[int, int]
) -> dict[int, list[int]]:
    """Return the annotation files beside each header that is a set's main file, and mark them as taken."""
    headers = {
        _path(file.folder, file.base.rpartition(".")[0] or file.base): index
        for index, file in reversed(list(enumerate(uploaded)))
        if named[index] is not None
    }
    found: dict[int, list[int]] = defaultdict(list)
    for index, file in enumerate(uploaded):
        header = headers.get(_path(file.folder, file.base.rpartition(".")[0]))
        if header is None or index in owner or named[index] is not None:
            continue
        if looks_like_annotations(file.data):
            owner[index] = owner.get(header, header)
            found[owner[index]].append(index)
    return found


def _path(folder: str, base: str) -> str:
    return str(PurePosixPath(folder, base))
