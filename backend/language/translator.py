"""Sentences of the platform in another language.

What the platform says is written, stored, logged and exported in English, and read years later by people of another
language: findings of an import, why a job failed, notes beside results. So it is translated where it is read, by
patterns: a text with `{names}` for what is put in matches an English sentence as it was written, and what stands at the
names goes into the other text: numbers by the rules of the language and sentences translated where the code puts a
number or a sentence, everything else as it is. What can be read in two ways that differ stays English.
"""

import re
import sys
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from backend.language.patterns import HOLE, Pattern, Patterns, more_general, opened, pattern

_CUT = re.compile(r"[“”]|(?<=[.!?;:])\s+|\n+")
_NUMBER = re.compile(r"([-−+]?\d+(?:,\d{3})*(?:\.\d+)?)( ?(?:%|°|[µm]?V|m?s|mm|k?Hz|min|h|[KMGT]?B))?")
_WRITTEN_OTHERWISE = re.compile(r"[-−+]?(?:\d[\d,.]*(?:e[-+]?\d+)?|inf|nan)")
_POINTS = str.maketrans(",.", ".,")
_SET_OFF = re.compile(r"(?:^|[.:;(“] ?)$")
_PAIRED = re.compile(r"[()\[\]“”]")
_CLOSED_BY = {"(": ")", "[": "]", "“": "”"}
_ENDS = ";:.,"
LONGEST = 2_000
"""Characters beyond which a text is taken as it is: no sentence of the platform is so long."""
DEEPEST = 3
"""How often what is put in may itself be a sentence with something put in."""
MOST_JOINED = 5
"""How many sentences one pattern may hold where it is one of several in a text."""
MOST_STEPS = 1_000
"""Texts looked up and patterns tried for one text (long ones count more); what takes more stays English."""
FEWEST_SAID = 12
"""Characters that a sentence says itself, if a sentence of which not all is known may be put in."""
STEP = 50
"""Characters of a text for which trying a pattern counts as one more step."""
KEPT_BYTES = 4 * 2**20
"""What the texts that have been translated may take in memory, with their translations."""


_Whole = tuple[str | None, bool]


class _SpentError(Exception):
    """The steps are spent."""


class _AmbiguousError(Exception):
    """A text can be read in two ways that differ."""


class Translator:
    """Translates by `texts`: each English text with its names, the same in the other language, and its kinds.

    The kinds are those of `pattern`; what has none is a name.
    """

    def __init__(self, texts: Iterable[tuple[str, str, str]]) -> None:
        self._patterns = Patterns([pattern(*one) for one in texts])
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()
        self.kept_bytes = 0

    def say(self, text: str) -> str:
        """Return a text in the other language, sentence by sentence as far as they are known."""
        if len(text) > LONGEST or not text.strip():
            return text
        with self._lock:
            if (told := self._kept.get(text)) is not None:
                self._kept.move_to_end(text)
                return told
        told, _steps = self.translate(text)
        with self._lock:
            if text not in self._kept:
                self._kept[text] = told
                self.kept_bytes += sys.getsizeof(text) + sys.getsizeof(told)
                while self.kept_bytes > KEPT_BYTES:
                    self.kept_bytes -= sum(map(sys.getsizeof, self._kept.popitem(last=False)))
        return told

    def translate(self, text: str) -> tuple[str, int]:
        """Return a text in the other language and the steps that it took."""
        reading = _Reading(self._patterns)
        try:
            told = reading.best(text, DEEPEST)
        except (_SpentError, _AmbiguousError):
            told = None
        return told or text, reading.steps


class _Reading:
    """The reading of one text: what is known of its parts, and the steps so far."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._known: dict[tuple[str, int, bool], _Whole] = {}
        self.steps = 0

    def _step(self, text: str) -> None:
        self.steps += 1 + len(text) // STEP
        if self.steps > MOST_STEPS:
            raise _SpentError

    def best(self, text: str, deep: int, fully: bool = False) -> str | None:
        """Return a text as far as it can be translated, None where nothing of it is known (`fully`: not all of it).

        Several sentences may have been written as one text, and a name that is put in may hold the end of a sentence:
        where both may be, nothing is certain.
        """
        told, is_strict = self._whole(text, deep)
        if is_strict:
            return told
        parts = self._parts(text, deep, fully)
        if told is not None and parts is not None and told != parts:
            raise _AmbiguousError
        return parts if told is None else told

    def _parts(self, text: str, deep: int, fully: bool) -> str | None:
        """Translate the longest runs of sentences that are known, one after the other; others stay as they are."""
        cuts = [0, *_cuts(text), len(text)]
        if len(cuts) == 2:
            return None
        said, at, known, unknown = "", 0, False, False
        while at < len(cuts) - 1:
            self._step("")  # also for what is known already
            for end in range(min(len(cuts) - 1, at + MOST_JOINED), at, -1):
                part = text[cuts[at] : cuts[end]]
                bare = part.rstrip()
                found = self._beside(bare, deep)
                if found is None and end == at + 1 and bare[-1:] in tuple(_ENDS):
                    # The sign may be of whoever joined the sentences.
                    inner = self._beside(bare[:-1], deep)
                    found = None if inner is None else inner + bare[-1]
                if found is not None or end == at + 1:
                    known, unknown = known or found is not None, unknown or found is None
                    said, at = said + (bare if found is None else found) + part[len(bare) :], end
                    break
        return said if known and not (fully and unknown) else None

    def _beside(self, text: str, deep: int) -> str | None:
        """Return the translation of a sentence that stands beside others."""
        told, is_strict = self._whole(text, deep, beside=True)
        return told if is_strict else None

    def _whole(self, text: str, deep: int, beside: bool = False) -> _Whole:
        """Return the translation of a text that is one sentence of the catalogue, None where it is none.

        And whether it is strict: no name that is put in reaches over the end of a sentence or has a bracket or
        quotation mark alone. `beside`: other sentences stand beside it.
        """
        key = (text, deep, beside)
        if key not in self._known:
            self._step(text)
            whole = self._patterns.whole(text)
            if whole is not None and (whole.stands_alone or not beside):
                self._known[key] = opened(whole.text), True
            else:
                self._known[key] = self._of_patterns(text, deep, beside)
        return self._known[key]

    def _of_patterns(self, text: str, deep: int, beside: bool) -> _Whole:
        """Return what the pattern says that says most, where no other way to read the text contradicts it."""
        found: list[tuple[Pattern, str, bool]] = []
        for one in self._patterns.of(text):
            self._step(text)
            if not beside or one.stands_alone:
                told, is_strict = self._told(one, text, deep)
                if told is not None:
                    found.append((one, told, is_strict))
        if not found:
            return None, False
        best, said, is_strict = max(found, key=lambda each: each[2])  # the first of the strict ones, else the first
        if any(other != said and not more_general(one, best) for one, other, _strict in found):
            raise _AmbiguousError
        return said, is_strict

    def _told(self, one: Pattern, text: str, deep: int) -> _Whole:
        """Return what a pattern says of a text, None where the text is another one, and whether it is strict."""
        told: dict[str, tuple[bool, int]] = {}  # whether it is strict, and how many of the values are known
        for way in one.ways(text):
            values = self._put(one, way, deep)
            if values is not None:
                names = [value for value, kind in zip(way, one.kinds, strict=True) if kind == "name"]
                known = sum(a != b for a, b in zip(way, values, strict=True))
                said = _filled(one, values)
                told[said] = max(told.get(said, (False, 0)), (all(map(_is_whole, names)), known))
        if not told:
            return None, False
        if len(told) > 1 and not one.is_divisible:
            raise _AmbiguousError
        best = max(told, key=lambda each: told[each])
        return best, told[best][0]

    def _put(self, one: Pattern, way: list[str], deep: int) -> list[str] | None:
        """Return what is put in, None where it cannot stand at these holes."""
        values: list[str] = []
        for number, (value, kind) in enumerate(zip(way, one.kinds, strict=True)):
            joined = bool(number) and not one.pieces[number] and {kind, one.kinds[number - 1]} != {"name"}
            if joined and value[:1].isalnum():
                return None  # what stands right behind something else does not begin with a word
            if kind == "number":
                told = _number(value)
            elif kind == "sentence":
                told = self._sentence(value, one, number, deep)
            else:
                told = value if value.strip() or one.is_dense else None
            if told is None:
                return None
            values.append(told)
        return values

    def _sentence(self, value: str, one: Pattern, number: int, deep: int) -> str | None:
        """Return a sentence that is put in; an unknown one only where it is set off from that around it, or a word."""
        bare = value.strip()
        if not bare:
            return value
        try:
            told = self.best(bare, deep - 1, fully=one.said < FEWEST_SAID) if deep > 1 else None
        except _AmbiguousError:
            told = None
        if told is None:
            told = _number(bare) if _NUMBER.fullmatch(bare) else self._list(bare, deep)
        if told is None and (_SET_OFF.search(one.pieces[number]) or (" " not in bare and one.said >= FEWEST_SAID)):
            told = bare
        return None if told is None else value.replace(bare, told, 1)

    def _list(self, text: str, deep: int) -> str | None:
        """Return a list whose items are all known."""
        items = text.split(", ")
        if len(items) < 2 or deep < 2:
            return None
        told = [self._whole(item, deep - 1)[0] for item in items]
        return None if None in told else ", ".join(item for item in told if item is not None)


def _filled(one: Pattern, values: list[str]) -> str:
    put = dict(zip(one.names, values, strict=True))
    pieces = HOLE.split(one.text)
    return "".join(
        opened(piece) if number % 2 == 0 else put.get(piece, "{" + piece + "}") for number, piece in enumerate(pieces)
    )


def _number(value: str) -> str | None:
    number = _NUMBER.fullmatch(value)
    if number:
        return number[1].translate(_POINTS) + (number[2] or "")
    return value if _WRITTEN_OTHERWISE.fullmatch(value.strip()) else None


def _cuts(text: str) -> list[int]:
    """Return where sentences begin behind others; none do within quotation marks."""
    cuts, quoted = [], 0
    for match in _CUT.finditer(text):
        if match[0] in "“”":
            quoted = max(0, quoted + (1 if match[0] == "“" else -1))
        elif not quoted and match.end() < len(text):
            cuts.append(match.end())
    return cuts


def _is_whole(value: str) -> bool:
    """Whether a value holds no end of a sentence, and each bracket and quotation mark with its fellow."""
    if _cuts(value):
        return False
    open_: list[str] = []
    for sign in _PAIRED.findall(value):
        if sign in _CLOSED_BY:
            open_.append(_CLOSED_BY[sign])
        elif not open_ or open_.pop() != sign:
            return False
    return not open_
