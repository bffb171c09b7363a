"""The language in which whoever asks wants to be answered, for as long as the request lasts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from backend.language.translator import Translator

GERMAN = Path(__file__).with_name("german.po")

_RANGE = re.compile(
    r"[ \t]*(?P<language>\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*"
    r"(?:[ \t]*;[ \t]*q=(?P<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*"
)
"""A language range with its weight (RFC 9110, 12.4.2 and 12.5.4; RFC 4647, 2.1)."""
_LONGEST_HEADER = 1_000

_language: ContextVar[str] = ContextVar("language", default="en")


def chosen(accepted: str) -> str:
    """Return "de" where an `Accept-Language` header likes German better than English, else "en" (RFC 9110, 12.5.4)."""
    liked: dict[str, float] = {}
    for part in accepted[:_LONGEST_HEADER].lower().split(","):
        match = _RANGE.fullmatch(part)
        if match:
            liked[match["language"]] = max(liked.get(match["language"], 0), float(match["weight"] or 1))
    rest = liked.get("*", 0)  # what is not named
    return "de" if liked.get("de", rest) > liked.get("en", rest) else "en"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Answer in a language within this block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def spoken() -> str:
    """Return the language in which one answers just now."""
    return _language.get()


def said(text: str) -> str:
    """Return a text of the platform in the language that is spoken."""
    return german().say(text) if _language.get() == "de" else text


@cache
def german() -> Translator:
    """Return the translator into German; its texts are read once, when somebody wants them."""
    import polib  # not before somebody wants German: the shapes of results, which name this module, are of the core

    return Translator((one.msgid, one.msgstr, one.comment) for one in polib.pofile(str(GERMAN)) if one.msgstr)


@cache
def own_words() -> frozenset[str]:
    """Return the words of all that the platform says in English, in small letters: nobody is called by one of them."""
    import polib

    texts = [re.sub(r"\{\w*\}", " ", one.msgid) for one in polib.pofile(str(GERMAN))]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.casefold()))
