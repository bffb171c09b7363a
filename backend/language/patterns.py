"""Sentences with holes, and which of them a text may be: few are looked at, however many there are."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

HOLE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_WORD = re.compile(r"\w+")
_GAP = re.compile(r"(?<=\w)[ ,;(]")
_MOST_DIVISIONS = 8
_COUNT = re.compile(r"[\d,]+")
_SIGNS = ".!?"
_LONGEST_KEY = 24
"""Characters by which the beginnings and ends of patterns are told apart."""
_FEWEST_AT_EDGE = 3
"""Characters that a beginning or an end has at least, if patterns are looked up by it: many end in a full stop."""


@dataclass(frozen=True)
class Pattern:
    """A sentence: its pieces, between which something is put in, and the same in the other language.

    `kinds` says of each hole whether a `number`, a `sentence` of the catalogue or a `name` stands there.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    text: str

    @property
    def said(self) -> int:
        """How many characters are said rather than put in: of two that match, the one that says more is meant."""
        return sum(map(len, self.pieces))

    @property
    def is_dense(self) -> bool:
        """Whether something is put in right behind something else; one of the two is often empty."""
        return "" in self.pieces[1:-1]

    @property
    def is_divisible(self) -> bool:
        """Whether what stands side by side may be divided without taking something away from a name."""
        return self.is_dense and all(
            piece or (a == "name") == (b == "name")
            for piece, a, b in zip(self.pieces[1:-1], self.kinds, self.kinds[1:], strict=False)
        )

    @property
    def stands_alone(self) -> bool:
        """Whether it is a sentence that may stand beside others, not a word or two that others may have written."""
        words = sum(len(_WORD.findall(piece)) for piece in self.pieces)
        return words > 1 and (self.pieces[-1][-1:] in tuple(_SIGNS) or (words > 2 and self.said >= 16))

    def ways(self, text: str) -> list[list[str]]:
        """Return what may stand at the holes, none where the text is another one.

        Where a piece stands at several places of the text there are several ways; of these the first and the last
        places are told, each found in one pass. A single way is the only one that there is.
        """
        first, *between, last = self.pieces
        at, end = len(first), len(text) - len(last)
        if end < at or not text.startswith(first) or not text.endswith(last):
            return []
        dense = [number for number, piece in enumerate(between) if not piece]
        if dense:
            between = [piece for piece in between if piece]
        ways: list[list[str]] = []
        for find in (str.find, str.rfind):
            way = _split(text[at:end], between, find)
            if way is None:
                return []
            if way not in ways:
                ways.append(way)
        for number in dense:  # two holes side by side: what was found for both is divided
            ways = [
                [*way[:number], way[number][:cut], way[number][cut:], *way[number + 1 :]]
                for way in ways
                for cut in _divisions(way[number])
            ]
        return ways


def pattern(english: str, other: str, note: str = "") -> Pattern:
    """Return the pattern of a text; `note` names the kinds of its holes, such as `rows: number; why: sentence`."""
    kinds = dict(one.strip().split(": ", 1) for one in note.split(";") if ": " in one)
    # What stands at its edges is that of the sentence into which it is put.
    pieces = HOLE.split(english.strip())
    names = tuple(pieces[1::2])
    return Pattern(
        tuple(map(opened, pieces[::2])), names, tuple(kinds.get(name, "name") for name in names), other.strip()
    )


@lru_cache(maxsize=4_096)
def more_general(one: Pattern, other: Pattern) -> bool:
    """Whether a pattern fits whatever another one fits, so that the other is meant where both do."""
    return bool(one.ways("⟨⟩".join(other.pieces)))


def opened(text: str) -> str:
    """Braces that are meant as such are written twice."""
    return text.replace("{{", "{").replace("}}", "}")


class Patterns:
    """Patterns by how they begin, else by how they end, else by a word of theirs."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        ordered = sorted(_agreed(patterns), key=lambda one: one.said, reverse=True)
        self._whole = {one.pieces[0]: one for one in ordered if not one.names}
        self._begin: dict[str, list[int]] = defaultdict(list)
        self._end: dict[str, list[int]] = defaultdict(list)
        self._with: dict[str, list[int]] = defaultdict(list)
        self._ordered = [one for one in ordered if one.names]
        often: dict[str, int] = defaultdict(int)
        for one in self._ordered:
            for word in _whole_words(one):
                often[word] += 1
        for number, one in enumerate(self._ordered):
            first, last = one.pieces[0], one.pieces[-1]
            words = _whole_words(one)
            if len(first) >= _FEWEST_AT_EDGE:
                self._begin[first[:_LONGEST_KEY]].append(number)
            elif len(last) >= _FEWEST_AT_EDGE or not words:
                self._end[last[-_LONGEST_KEY:]].append(number)
            else:
                self._with[min(words, key=lambda word: (often[word], -len(word)))].append(number)

    def whole(self, text: str) -> Pattern | None:
        """Return the pattern without holes that a text is."""
        return self._whole.get(text)

    def of(self, text: str) -> Iterator[Pattern]:
        """Yield the patterns with holes that a text may be, those that say more first."""
        found: set[int] = set()
        for length in range(min(_LONGEST_KEY, len(text)) + 1):
            found.update(self._begin.get(text[:length], ()))
            found.update(self._end.get(text[len(text) - length :], ()))
        for word in set(_WORD.findall(text)) & self._with.keys():
            found.update(self._with[word])
        for number in sorted(found):
            yield self._ordered[number]


def _agreed(patterns: Sequence[Pattern]) -> Iterator[Pattern]:
    """Yield the patterns; where several read alike, a hole that is a name in one of them is one in all."""
    alike: dict[tuple[str, ...], list[Pattern]] = defaultdict(list)
    for one in patterns:
        alike[one.pieces].append(one)
    for same in alike.values():
        kinds = [set(kinds) for kinds in zip(*(one.kinds for one in same), strict=True)]
        yield replace(
            same[0], kinds=tuple("name" if "name" in each else max(each) for each in kinds)
        )  # "sentence" holds numbers too


def _whole_words(one: Pattern) -> list[str]:
    """Return the words of its pieces that nothing put in can make longer."""
    return [
        match[0]
        for number, piece in enumerate(one.pieces)
        for match in _WORD.finditer(piece)
        if (match.start() > 0 or number == 0) and (match.end() < len(piece) or number == len(one.pieces) - 1)
    ]


def _divisions(text: str) -> list[int]:
    """Return where what two holes side by side hold may be divided: at an end, behind a number, before words."""
    places = [0, len(text)]
    if number := _COUNT.match(text):
        places.append(number.end())
    places += [match.start() for match in islice(_GAP.finditer(text), _MOST_DIVISIONS)]
    return sorted(set(places))


def _split(text: str, pieces: Sequence[str], find: Callable[..., int]) -> list[str] | None:
    """Return what stands between pieces in the order of the text, None where one of them is not there."""
    backwards = find is str.rfind
    values: list[str] = []
    for piece in reversed(pieces) if backwards else pieces:
        found = find(text, piece)
        if found < 0:
            return None
        before, after = text[:found], text[found + len(piece) :]
        values.append(after if backwards else before)
        text = before if backwards else after
    return [text, *reversed(values)] if backwards else [*values, text]
