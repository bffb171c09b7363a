"""Lists and dictionaries as Python, NumPy or JSON write them into a cell, by a small grammar; nothing is evaluated.

A dictionary gives each code a likelihood, as PTB-XL's `scp_codes` does: {'NORM': 100.0, 'SR': 0.0}.
"""

import math
import re

_TOKEN = re.compile(
    r"""\s*(?:
        '(?P<single>(?:[^'\\]|\\.)*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | (?P<bare>[^\s,:\[\]{}()'"]+)
      | (?P<mark>[,:\[\]{}()])
    )\s*""",
    re.VERBOSE,
)
_ESCAPED = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00[01][0-9a-fA-F]{5})|(['\"\\/])|([bfnrt])|(.))", re.DOTALL
)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
# What Python and NumPy write around a list: array([...], dtype=object), set(), frozenset({...}).
_WRAPPED = re.compile(r"(?:(?:np\.|numpy\.)?array|(?:frozen)?set)\((.*?)(?:,\s*dtype=[^,()]{1,40})?\)", re.DOTALL)
# What NumPy 2 writes around each entry: np.float64(100.0), np.str_('AF'), np.True_.
_SCALAR = re.compile(
    r"(?:np|numpy)\.(?:(?:str_|bytes_|bool_?|u?int\d*|longlong|intc?|float\d*|double)"
    r"\(('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s,()'\"]+)\)|(True|False)_)"
)
_TUPLE = re.compile(r"\(\s*(?:['\"].*)?\)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")
_TRUTHS = {"true": "1", "false": "0"}
_WORDS = {"true": math.inf, "false": -math.inf, "none": 0.0, "null": 0.0}

Token = tuple[str, str]  # kind (text, bare or mark) and what it says


class LiteralError(ValueError):
    """The text is no flat list or dictionary."""


def is_literal(text: str) -> bool:
    """Whether a cell looks like a list, a set, a tuple of texts or a dictionary."""
    text = _unwrapped(text)
    return len(text) > 1 and _CLOSING.get(text[0]) == text[-1] and (text[0] != "(" or bool(_TUPLE.fullmatch(text)))


def numbers(text: str) -> tuple[float, ...] | None:
    """Return the entries of a list that are all numbers, in order and each as often as it stands there; else None.

    True is 1, False 0.
    """
    inner = [_TRUTHS.get(one.lower(), one) for one in _unwrapped(text)[1:-1].replace(",", " ").split()]
    return tuple(map(float, inner)) if inner and all(_NUMBER.fullmatch(one) for one in inner) else None


def _unwrapped(text: str) -> str:
    if "np." in text or "numpy." in text:
        text = _SCALAR.sub(lambda found: found[1] or found[2], text)
    found = _WRAPPED.fullmatch(text) if text[-1:] == ")" and text[:1] in "anfs" else None
    return text if found is None else found[1].strip() or "[]"


def is_dictionary(text: str) -> bool:
    """Whether a cell looks like a dictionary."""
    return is_literal(text) and text[0] == "{" and (":" in text or not text[1:-1].strip())


def parse(text: str) -> dict[str, float]:
    """Return the entries of a list, each with the likelihood infinity, or of a dictionary with theirs.

    In a dictionary True means infinity, False minus infinity, None 0. Texts side by side without a comma, as NumPy
    prints them, are two entries. Raises LiteralError for anything else, nested lists among it.
    """
    tokens = _tokens(_unwrapped(text))
    if len(tokens) < 2 or _CLOSING.get(tokens[0][1]) != tokens[-1][1] or tokens[0][0] != "mark":
        raise LiteralError("it does not end as it begins")
    inner = tokens[1:-1]
    entries: dict[str, float] = {}
    is_pairs = tokens[0][1] == "{" and ("mark", ":") in inner
    for part in _parted(inner):
        if is_pairs != (("mark", ":") in part):
            raise LiteralError("only flat lists and dictionaries are read")
        for key, likelihood in _entries(part):
            entries[key] = max(likelihood, entries.get(key, -math.inf))
    return {key: value for key, value in entries.items() if key}


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise LiteralError(f"{text[place : place + 20]!r} cannot be understood")
        kind = str(found.lastgroup)
        said = found[kind]
        if kind in ("single", "double"):
            tokens.append(("text", _unescaped(said)))
        else:
            tokens.append((kind, said))
        place = found.end()
    return tokens


def _unescaped(said: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found[6] is not None:
            raise LiteralError(f"{found[0]!r} cannot be understood")
        digits = found[1] or found[2] or found[3]
        return chr(int(digits, 16)) if digits else found[4] or " "

    text = _ESCAPED.sub(plain, said)
    try:  # JSON writes what lies beyond 16 bits as two halves
        return text.encode("utf-16", "surrogatepass").decode("utf-16").strip()
    except UnicodeDecodeError:
        raise LiteralError(f"{said[:20]!r} holds half a character") from None
    except ValueError:
        raise LiteralError(f"{said[:20]!r} holds no character") from None


def _parted(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == ("mark", ","):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _entries(part: list[Token]) -> list[tuple[str, float]]:
    """Return the entries between two commas: one pair of a dictionary, or one text or several numbers of a list."""
    kinds = [kind for kind, _ in part]
    if len(part) == 3 and part[1] == ("mark", ":") and kinds[0] != "mark" and kinds[2] != "mark":
        return [(part[0][1], _likelihood(part[2][1]))]
    if "mark" in kinds:
        raise LiteralError("only flat lists and dictionaries are read")
    if len(part) > 1 and "bare" in kinds and not all(_NUMBER.fullmatch(said) for _, said in part):
        raise LiteralError("entries must stand in quotation marks, or be divided by commas")
    return [(said, math.inf) for _, said in part]


def _likelihood(text: str) -> float:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        raise LiteralError(f"{text[:20]!r} is no likelihood")
    return float(text)
