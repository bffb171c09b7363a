"""Finds a recording by any of its names.

The full path, the name within its folder, that without its ending, the name of a record in a stack (`stack[3]`), or
the identifier by which the file knows it (`exam_id`), in this order, and only where exactly one recording has that
name. Folders that both name must be the same: `anna/ecg.csv` is not `bert/ecg.csv`, but may be `study/anna/ecg.csv`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from backend.ml.data.label_tables.cells import whole

# The ending of a file; what follows a point in a number, a UID or a version (1.2.840.17, scan.v2) is none.
_ENDING = re.compile(r"\.(?:[A-Za-z]{2,8}\d?|[A-Za-z]{2,4}\d{1,2}|[hH]5|7z)")

LONGEST = 200
"""Characters of a name, and of a folder, that a database keeps an index of."""
Place = tuple[str, str]
"""A name and the last folder before it, "" where there is none: a row and its recording share both, or one has none."""


class Named(NamedTuple):
    """A recording and its names: the path of its file, its own name, and the identifier by which the file knows it."""

    id: str
    file_name: str
    name: str
    record_id: str | None = None


def names_of(one: Named) -> tuple[str | None, ...]:
    """Return the names by which a recording is found, the surest first."""
    file_name = _composed(one.file_name)
    name = PurePosixPath(file_name).name
    own, record_id = _composed(one.name), one.record_id and whole(_composed(one.record_id))
    return file_name, name, _stem(name), own, record_id


def asked_for(name: str) -> tuple[str, str, str]:
    """Return the names that a row of labels asks for: with its folder, within it, and that without its ending."""
    wanted = _composed(name).replace("\\", "/").removeprefix("./")
    base = wanted.rpartition("/")[2]
    return wanted, base, _stem(base)


def _stem(name: str) -> str:
    """Return the name of a file without its ending; a name that has none, such as a UID, stays whole."""
    stem, point, ending = name.rpartition(".")
    return stem if stem and _ENDING.fullmatch(point + ending) else name


def _composed(name: str) -> str:
    """Return a name with each letter and its accents as one character: macOS writes them apart."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def folder_of(name: str) -> tuple[str, ...]:
    """Return the folders that a row of labels names, or the file of a recording, the outermost first."""
    folder = asked_for(name)[0].rpartition("/")[0]
    return PurePosixPath(folder).parts if folder else ()


def place_of(name: str) -> Place:
    """Return the one place of a row of labels: its name without ending is part of all it can be found by."""
    return asked_for(name)[-1][:LONGEST], _last(folder_of(name))


def places_of(one: Named) -> set[Place]:
    """Return the places of a recording, one for each of its names."""
    folder = _last(PurePosixPath(_composed(one.file_name)).parent.parts)
    return {(name[:LONGEST], folder) for name in names_of(one) if name}


def places_asked_for(name: str) -> set[Place]:
    """Return places of which each recording that a row of labels can mean has one, but for the folder."""
    folder = _last(folder_of(name))
    return {(wanted[:LONGEST], folder) for wanted in asked_for(name)}


def places_that_ask_for(one: Named) -> set[Place]:
    """Return places of which each row of labels that can mean a recording has one, but for the folder."""
    folder = _last(PurePosixPath(_composed(one.file_name)).parent.parts)
    names = [name for name in names_of(one) if name]
    return {(stem[:LONGEST], folder) for name in names for stem in (name, asked_for(name)[-1])}


def _last(folders: tuple[str, ...]) -> str:
    return folders[-1][:LONGEST] if folders else ""


class Finder:
    """Finds recordings; a name that several recordings have finds none of them."""

    def __init__(self, recordings: Iterable[Named]) -> None:
        self.recordings = list(recordings)
        self._by_name: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {}, {})
        self._folders: dict[str, tuple[str, ...]] = {}
        self._ambiguous: Counter[str] = Counter()
        self._all: set[str] = set()
        for one in self.recordings:
            self._folders[one.id] = PurePosixPath(_composed(one.file_name)).parent.parts
            for names, key in zip(self._by_name, names_of(one), strict=True):
                if key:
                    self._all.add(key)
                    names.setdefault(key, []).append(one.id)

    def find(self, name: str) -> str | None:
        """Return the id of the one recording of this name, or None."""
        found, several = self._look_up(name)
        if several:
            self._ambiguous[name] = several
        return found

    def finds(self, name: str) -> str | None:
        """Return the same, and remember nothing of names that several recordings have: for trying columns out."""
        return self._look_up(name)[0]

    def _look_up(self, name: str) -> tuple[str | None, int]:
        keys = dict.fromkeys(asked_for(name))
        if self._all.isdisjoint(keys):
            return None, 0
        folders = folder_of(name)
        several: set[str] = set()
        for names in self._by_name:
            for key in keys:
                ids = {found for found in names.get(key, ()) if _agree(self._folders[found], folders)}
                if len(ids) == 1:
                    return ids.pop(), 0
                several |= ids
        return None, len(several)

    def capitals_note(self, names: Iterable[str]) -> list[str]:
        """Return a sentence on names that were looked for in vain, and are there in other capitals: ecg1 and ECG1."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return []
        there: dict[str, str] = {}
        for name in self._all:
            there.setdefault(name.casefold(), name)
        alike = []
        for name in wanted:
            other = next((there[key] for key in map(str.casefold, asked_for(name)) if key in there), None)
            if other and name not in self._ambiguous and self.finds(name) is None:
                alike.append((name, other))
        if not alike:
            return []
        return [
            f"{len(alike)} names are there in other capitals only, so that their rows found no recording: "
            f"{', '.join(f'{name} ({other})' for name, other in alike[:3])}. Write them as the files are called."
        ]

    def stacks(self) -> Iterator[tuple[str, int]]:
        """Yield the name of each stack (`stem` of `stem[0]`, `stem[1]`, …) and how many recordings it has.

        Stacks that know their recordings by identifiers are left out: by their place nobody calls these.
        """
        counts: Counter[str] = Counter()
        known: set[str] = set()
        for one in self.recordings:
            if one.name.endswith("]") and "[" in one.name:
                stem = one.name[: one.name.rindex("[")]
                counts[stem] += 1
                if one.record_id:
                    known.add(stem)
        yield from ((stem, size) for stem, size in counts.most_common() if stem not in known)

    def ambiguous_notes(self) -> list[str]:
        """Return a sentence for every name looked for that several recordings have."""
        return [
            f"{name}: {count} recordings have this name, so none of them got the label. Give the path with its folder."
            for name, count in self._ambiguous.items()
        ]


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shared = min(len(one), len(other))
    return shared == 0 or one[-shared:] == other[-shared:]
