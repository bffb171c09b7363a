"""The text of a table out of its bytes: Unicode, or the encoding of western Windows where it makes sense.

Bytes do not say which encoding they are of. Read as that of western Windows (cp1252), those of a Mac, of DOS or of
eastern Europe give signs that stand nowhere within words, or letters that no one language has: these are refused.
"""

import re

from backend.ml.errors import LabelTableError

# Letters beyond English, by language; small ones.
_GERMAN = "äöüßéèêàâáçñëïôóíœ"  # and of the names and words that German and English texts borrow
_LANGUAGES = (
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúüïç·àèò",  # Spanish, Catalan
    "áâãàçéêíóôõúü",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "åäöéæøüèóòôâê",  # Swedish, Finnish, Danish, Norwegian
    "áéëíïóöúüèà",  # Dutch
)
# Those of Icelandic are not among them: in the encoding of Turkish Windows the same bytes are more common letters.
_ALPHABETS = tuple(frozenset(_GERMAN + letters) for letters in _LANGUAGES)
# In the encodings of Macs and DOS these places are letters; as signs they stand elsewhere.
_LETTER = r"[^\W\d_]"
_WITHIN = re.compile(
    rf"{_LETTER}[€‚ƒ„…†‡ˆ‰‹‘“”•˜™›¡¢£¥¦¨©ª«¬®¯³¶¸¹º»¼½¾¿×÷]{_LETTER}"
    rf"|[¤Ÿ\ufffd]|{_LETTER}[ŠŽ§†‡¿¡](?!\d)|(?<![\w.])[€†‡…¶®™¥½¾¼¹³²]{_LETTER}"
    r"|[a-zß-ÿ](?:[–—±]|[À-ÞŒ])[a-zß-ÿ]|[a-zß-ÿ]Œ|[A-Za-z]{3}(?<!qu)’[a-zß-ÿ]{3}"
)
_BEYOND = re.compile(r"[^\x00-\x7f]")
_AGAIN = re.compile(r"Ã[\x80-\xbf¤¶¼Ÿ©¨„–œ…‡±³]|Â[µ°±²³§]|â€[™œ“”]|\ufffd")  # bytes of UTF-8, read as another encoding


def decode(data: bytes) -> str:
    """Return the text of a table. Raises LabelTableError where its encoding cannot be told."""
    text = _decoded(data)
    if "\0" in text:
        raise LabelTableError("The table of labels is not text. Save it as CSV in UTF-8.")
    return text


def note_on(text: str) -> tuple[str, ...]:
    """Say that letters were lost before the file was written, where a text shows it."""
    found = None if text.isascii() else _AGAIN.search(text)
    if not found:
        return ()
    return (
        f"Letters of the table were lost before it was saved, first in line {_line(text, found.start())} "
        f"({found[0]!r}): names and labels that have them are taken as they stand. Export the table again as UTF-8.",
    )


def _decoded(data: bytes) -> str:
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return data.decode("utf-32", errors="replace")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    head = data[:256]
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):  # without a byte order mark
        if len(zeros) > 4 and zeros.count(0) > 0.5 * len(zeros):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _western(data)


def _western(data: bytes) -> str:
    text = data.decode("cp1252", errors="replace")
    place = _odd_place(text)
    if place is not None:
        raise LabelTableError(
            f"The encoding of the table cannot be told: read as that of western Windows, line {_line(text, place)} has "
            f"{text[place]!r} where it cannot be. Save the table as “CSV UTF-8”, or as an Excel workbook (.xlsx)."
        )
    return text


def _odd_place(text: str) -> int | None:
    """Return where a sign is out of place, or a letter that no language has beside the others; None for neither."""
    seen: set[str] = set()  # a table says the same in many rows
    for one in _BEYOND.finditer(text):
        place = one.start()
        around = text[max(0, place - 4) : place + 5]
        if around in seen:
            continue
        seen.add(around)
        if any(_WITHIN.match(text, start) for start in range(max(0, place - 3), place + 1)):
            return place
    letters = {sign for sign in set(text.lower()) if sign > "\x7f" and sign.isalpha() and sign not in "µªº"}
    if not letters or any(letters <= alphabet for alphabet in _ALPHABETS):
        return None
    strange = letters - max(_ALPHABETS, key=lambda alphabet: len(letters & alphabet))
    return next(place for place, sign in enumerate(text) if sign.lower() in strange)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
