"""Sentences of the platform in another language.

What the platform says is written, stored, logged and exported in English, and read years later by people of another
language: findings of an import, why a job failed, notes beside results. So it is translated where it is read, by
patterns: a text with `{names}` for what is put in matches an English sentence as it was written, and what stands at the
names goes into the other text. A sentence that no pattern matches stays English as a whole.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_HOLE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_SENTENCES = re.compile(r"(?<=[.!?;:])\s+|\n+")
_NUMBER = re.compile(r"([-−+]?\d+(?:,\d{3})*(?:\.\d+)?)( ?(?:%|°|[µm]?V|m?s|mm|k?Hz|min|h|[KMGT]?B))?")
_COUNT = re.compile(r"[\d,]+")
LONGEST = 20_000
"""Characters beyond which a text is taken as it is: no sentence of the platform is so long."""
DEEPEST = 3
"""How often what is put in may itself be a sentence with something put in."""
MOST_JOINED = 8
"""How many sentences one pattern may hold."""
_ENDS = ";:.,"
GRAMMAR = frozenset(["is", "are", "was", "were", "has", "have", "do", "does", "it", "them", "its", "their"])
"""Words that nobody calls a label, a column or a file."""


@dataclass(frozen=True)
class _Pattern:
    """A sentence: its pieces, between which anything may stand, and the same in the other language."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    text: str

    @property
    def said(self) -> int:
        """How many characters are said rather than put in: of two that match, the one that says more is meant."""
        return sum(map(len, self.pieces))

    @property
    def word(self) -> str:
        """The word that it is alone, which may as well be somebody's name for something; empty for a sentence."""
        return "" if self.names or " " in self.pieces[0] else self.pieces[0]

    def values(self, text: str) -> Iterator[dict[str, str]]:
        """Yield what may stand at the names; nothing where the text is another.

        Where a piece stands at several places of the text, there are several ways: the first and the last places are
        tried, each in one pass, however odd the text is.
        """
        if len(self.pieces) == 1:
            if text == self.pieces[0]:
                yield {}
            return
        first, *between, last = self.pieces
        at, end = len(first), len(text) - len(last)
        if end < at or not text.startswith(first) or not text.endswith(last):
            return
        ways = [_split(text[at:end], between, str.find), _split(text[at:end], between, str.rfind)]
        for number, way in enumerate(ways):
            if way is not None and way not in ways[:number]:
                values = dict(zip(self.names, way, strict=True))
                if all(_COUNT.fullmatch(value) for name, value in values.items() if name == "n"):
                    yield values


class Translator:
    """Translates by `texts`: each English text with its names, and the same in the other language."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        patterns = [_pattern(english, other) for english, other in texts.items()]
        self._patterns = [
            (max(one.pieces, key=len), one) for one in sorted(patterns, key=lambda one: one.said, reverse=True)
        ]
        self.say = lru_cache(maxsize=20_000)(self._say)

    def _say(self, text: str) -> str:
        """Return a text in the other language, sentence by sentence as far as they are known."""
        return text if len(text) > LONGEST else self._best(text, DEEPEST)[0]

    def _best(self, text: str, deep: int) -> tuple[str, int]:
        """Return a text as far as it can be translated, and how many characters of it are left as they were.

        Several sentences may have been written as one text, and sentences may have been put into another one: of the
        two ways to read it, the one that leaves less is meant.
        """
        if not text.strip():
            return text, 0
        strict = self._whole(text, deep, strict=True)
        if strict is not None:
            return strict
        loose = self._whole(text, deep, strict=False)
        parts = self._parts(text, deep)
        return parts if loose is None or parts[1] < loose[1] else loose

    def _parts(self, text: str, deep: int) -> tuple[str, int]:
        """Translate the longest runs of sentences that are known, one after the other."""
        cuts = [0, *(match.end() for match in _SENTENCES.finditer(text)), len(text)]
        said, left, at = "", 0, 0
        while at < len(cuts) - 1:
            for end in range(min(len(cuts) - 1, at + MOST_JOINED), at, -1):
                part = text[cuts[at] : cuts[end]]
                bare = part.rstrip()
                found = self._whole(bare, deep, strict=True)
                if found is None and bare and bare[-1] in _ENDS:  # the sign may be of whoever joined the sentences
                    inner = self._whole(bare[:-1], deep, strict=True)
                    found = inner and (inner[0] + bare[-1], inner[1])
                if found is not None or end == at + 1:
                    one, cost = found or (bare, len(bare))
                    said, left, at = said + one + part[len(bare) :], left + cost, end
                    break
        return said, left

    @staticmethod
    def _may_stand(word: str, at: str, deep: int) -> bool:
        """Whether a single word is meant as such: alone, as a word of grammar, or where the code chooses a word."""
        return deep == DEEPEST or not word or word in GRAMMAR or (word[0].islower() and at.startswith("value"))

    def _whole(self, text: str, deep: int, strict: bool, at: str = "") -> tuple[str, int] | None:
        """Return the translation of a text that is one sentence of the catalogue, and what is left of what is put in.

        `at`: the name of the hole at which the text is put in. `strict`: nothing that is put in reaches over the end of
        a sentence or has a bracket or quotation mark alone.
        """
        for longest, pattern in self._patterns:
            if longest not in text or not self._may_stand(pattern.word, at, deep):
                continue
            ways = [
                {name: (value, *self._put(value, name, deep - 1)) for name, value in values.items()}
                for values in pattern.values(text)
                if not strict or all(map(_is_whole, values.values()))
            ]
            if ways:  # the one of which more is known
                put = max(ways, key=lambda way: sum(value != said for value, said, _left in way.values()))
                said = _HOLE.sub(lambda hole, put=put: put[hole[1]][1] if hole[1] in put else hole[0], pattern.text)  # type: ignore[misc]
                return _opened(said), sum(left for _value, _said, left in put.values())
        return None

    def _put(self, value: str, name: str, deep: int) -> tuple[str, int]:
        """Return what is put in: a known sentence translated, a number by the rules of the language, names as is."""
        bare = value.strip()
        if deep and bare:
            if not _is_whole(bare):
                said, left = self._best(bare, deep)
                return value.replace(bare, said, 1), left
            if (found := self._whole(bare, deep, strict=True, at=name)) is not None:
                return value.replace(bare, found[0], 1), found[1]
        number = _NUMBER.fullmatch(value)
        return (number[1].translate(_POINTS) + (number[2] or "") if number else value), 0


def _is_whole(value: str) -> bool:
    return _SENTENCES.search(value) is None and all(value.count(a) == value.count(b) for a, b in _PAIRS)


_PAIRS = (("(", ")"), ("“", "”"), ("[", "]"))
_POINTS = str.maketrans(",.", ".,")


def _pattern(english: str, other: str) -> _Pattern:
    # What stands at its edges is that of the sentence into which it is put.
    pieces = _HOLE.split(english.strip())
    return _Pattern(tuple(map(_opened, pieces[::2])), tuple(pieces[1::2]), other.strip())


def _split(text: str, pieces: Sequence[str], find: Callable[..., int]) -> list[str] | None:
    """Return what stands between pieces in the order of the text, None where one of them is not there."""
    backwards = find is str.rfind
    values: list[str] = []
    for piece in reversed(pieces) if backwards else pieces:
        number = _COUNT.match(text) if not piece and not backwards else None
        found = number.end() if number else find(text, piece)
        if found < 0:
            return None
        before, after = text[:found], text[found + len(piece) :]
        values.append(after if backwards else before)
        text = before if backwards else after
    return [text, *reversed(values)] if backwards else [*values, text]


def _opened(text: str) -> str:
    """Braces that are meant as such are written twice."""
    return text.replace("{{", "{").replace("}}", "}")
