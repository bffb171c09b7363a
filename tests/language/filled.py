"""Every sentence of the catalogue with something put in, and its German as it has to be."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import polib

from backend.language.spoken import GERMAN

_HOLE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


@dataclass(frozen=True)
class Filled:
    """A sentence in both languages, and the holes at which a name stands."""

    english: str
    german: str
    names: tuple[str, ...]


def filled(name: Callable[[str], str] = "⟨{}⟩".format, number: str = "1,234") -> Iterator[Filled]:
    """Yield them; at a hole for a name stands what `name` makes of its name, for a number `number`."""
    for one, kinds in _entries():
        put: dict[str, tuple[str, str]] = {}
        names: list[str] = []
        for at, (match, kind) in enumerate(zip(_HOLE.finditer(one.msgid), kinds, strict=True)):
            hole = match[1]
            behind = one.msgid[match.start() - 1 : match.start()] == "}"
            if behind and (kind, kinds[at - 1]) != ("name", "name"):
                put[hole] = ("", "")  # what stands right behind something else begins with a blank, or is left out
            elif kind == "name":
                put[hole] = (name(hole), name(hole))
                names.append(hole)
            else:
                put[hole] = ("always", "immer") if kind == "sentence" else (number, number.replace(",", "."))
        english, told = (_put(text, put, side) for side, text in enumerate((one.msgid, one.msgstr)))
        yield Filled(english, told, tuple(names))


@cache
def _entries() -> list[tuple[polib.POEntry, list[str]]]:
    """Return the sentences of the catalogue, and of each the kinds of its holes."""
    entries = [one for one in polib.pofile(str(GERMAN)) if one.msgstr and one.msgid.strip()]
    alike: dict[str, list[list[str]]] = {}
    for text, noted in {one.msgid: _notes(one.comment) for one in entries}.items():
        alike.setdefault(_bare(text), []).append([noted.get(hole, "name") for hole in _HOLE.findall(text)])
    # Of sentences that read alike, none can be told from the other: a name in one is a name in both.
    return [(one, [_kind(each) for each in zip(*alike[_bare(one.msgid)], strict=True)]) for one in entries]


def _kind(kinds: tuple[str, ...]) -> str:
    return next(kind for kind in ("name", "sentence", "number") if kind in kinds)


def _notes(comment: str) -> dict[str, str]:
    return dict(one.split(": ") for one in comment.split("; ") if one)


def _bare(text: str) -> str:
    return _HOLE.sub("{}", text.strip())


def _put(text: str, put: dict[str, tuple[str, str]], side: int) -> str:
    parts = _HOLE.split(text.strip())
    return "".join(
        put[part][side] if number % 2 else part.replace("{{", "{").replace("}}", "}")
        for number, part in enumerate(parts)
    )
