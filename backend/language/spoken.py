"""The language in which whoever asks wants to be answered, for as long as the request lasts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from backend.language.translator import Translator

GERMAN = Path(__file__).with_name("german.po")

_language: ContextVar[str] = ContextVar("language", default="en")


def chosen(accepted: str) -> str:
    """Return "de" where an `Accept-Language` header likes German better than English, else "en" (RFC 9110, 12.5.4)."""
    liked: dict[str, float] = {}
    for part in accepted.lower().split(",")[:20]:
        name, _, weight = part.strip().partition(";q=")
        try:
            liked.setdefault(name[:2], float(weight or 1))
        except ValueError:
            continue
    return "de" if liked.get("de", 0) > liked.get("en", 0) else "en"


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

    return Translator({one.msgid: one.msgstr for one in polib.pofile(str(GERMAN)) if one.msgstr})


@cache
def own_words() -> frozenset[str]:
    """Return the words of all that the platform says in English, in small letters: nobody is called by one of them."""
    import polib

    texts = [re.sub(r"\{\w*\}", " ", one.msgid) for one in polib.pofile(str(GERMAN))]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.casefold()))
