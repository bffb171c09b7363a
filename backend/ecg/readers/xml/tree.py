"""XML as ECG devices write it: a look at the root, a bounded parse without entities, and values out of the tree.

Element and attribute names lose their namespace, so that plain paths find them: `root.find("a/b")`, `root.iter("c")`.
Source: Extensible Markup Language 1.0 (W3C).
"""

import codecs
import contextlib
import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from backend.ecg.errors import LimitError, UnreadableFileError

_HEAD = 1 << 16  # bytes in which the root element has to begin
_MOST_BYTES = 256 << 20
_MOST_NODES = 1_000_000  # elements and attributes
_DEEPEST = 100
_PIECE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# What is tried in turn for a declared encoding. Files are often declared UTF-8 and hold the bytes of Windows.
_ENCODINGS = frozenset((
    "utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-9", "iso8859-15", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp1254", "koi8-r", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949",
))  # fmt: skip
_DECLARED = re.compile(r"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_REFERENCE = re.compile(r"&#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}));")
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))
_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?([^\W\d][\w.-]{0,99})[\s/>]")


def root_name(data: bytes) -> str | None:
    """Return the name of the root element without its prefix, from the head of the file alone; None if it is no XML."""
    start = data[:4].lstrip(b"\0\xef\xbb\xbf\xfe\xff \t\r\n")
    if data[:1] not in b"<\0\xef\xfe\xff \t\r\n" or not data or (start and start[:1] != b"<"):
        return None
    text = _decoded(data[:_HEAD], "ignore").lstrip()
    while text.startswith(("<?", "<!")):
        if text.startswith("<?"):
            end = text.find("?>") + 2
        elif text.startswith("<!--"):
            end = text.find("-->", 4) + 3
        else:
            end = _doctype_end(text)
        if end < 3:
            return None
        text = text[end:].lstrip()
    found = _ROOT.match(text)
    return found[1] if found else None


def parse_xml(data: bytes, name: str) -> Element:
    """Parse the bytes of file `name`; names in the tree have no namespace.

    A DOCTYPE is passed over; an & that begins no reference, control characters and references to such do no harm.
    Raises UnreadableFileError for damaged XML, and for entities and references to other files, which are never expanded
    or followed; LimitError for a tree too large or too deep to be an ECG.
    """
    if len(data) > _MOST_BYTES:
        raise LimitError(f"{name} has more than {_MOST_BYTES:,} bytes of XML. Export a shorter recording.")
    text = _decoded(data, "strict").lstrip()
    try:
        return _tree(text, name)
    except DefusedXmlException as error:
        raise UnreadableFileError(
            f"{name} defines XML entities or refers to other files, which is not allowed. Export it without them."
        ) from error
    except (ParseError, ValueError) as error:
        first = error
    # Devices write what people typed as it is: an & or a control character in a name, which no sample ever holds.
    mended = _BARE_AMPERSAND.sub("&amp;", _REFERENCE.sub(_resolvable, text.translate(_CONTROL)))
    if mended != text:
        with contextlib.suppress(ParseError, ValueError, DefusedXmlException):
            return _tree(mended, name)
    raise UnreadableFileError(_damage(name, text, first)) from first


def _resolvable(reference: re.Match[str]) -> str:
    """Return a reference to a character as it is, or nothing where XML has no such character (XML 1.0, 2.2: Char)."""
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    there = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return reference[0] if there else ""


def _tree(text: str, name: str) -> Element:
    encoded = text.encode("utf-8", "replace")
    parser = _parser(name)
    for start in range(0, len(encoded), _PIECE):
        parser.feed(encoded[start : start + _PIECE])
    root: Element = parser.close()
    return root


def _parser(name: str) -> Any:
    """A parser without entities that builds the tree within bounds, with names as local names.

    The handlers of the parser beneath are set anew, because those of the library go through each name twice.
    """
    tree = TreeBuilder()
    parser = XMLParser(target=tree, encoding="utf-8")
    depth = nodes = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1 + len(attributes)
        if depth > _DEEPEST or nodes > _MOST_NODES:
            raise LimitError(f"{name} holds too much or too deeply nested XML for an ECG. Export it again.")
        if attributes:
            attributes = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        tree.start(tag.rpartition("}")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        tree.end(tag.rpartition("}")[2])

    parser.parser.ordered_attributes = False
    parser.parser.StartElementHandler = start
    parser.parser.EndElementHandler = end
    parser.parser.CharacterDataHandler = tree.data
    return parser


def text(element: Element | None, path: str = ".") -> str | None:
    """Return the stripped text of the first element at `path` below `element`, None where there is none."""
    found = element.find(path) if element is not None else None
    return ((found.text or "").strip() or None) if found is not None else None


def number(element: Element | None, path: str = ".") -> float | None:
    """Return the text at `path` as a finite number, None where it is none."""
    return to_number(text(element, path))


def attribute(element: Element | None, path: str, key: str) -> str | None:
    """Return the stripped attribute `key` of the first element at `path`, None where there is none."""
    found = element.find(path) if element is not None else None
    return ((found.get(key) or "").strip() or None) if found is not None else None


def to_number(value: str | None) -> float | None:
    """Return a finite number written with a decimal point or comma, None for anything else."""
    try:
        parsed = float((value or "").strip()[:50].replace(",", "."))
    except ValueError:
        return None
    return parsed if math.isfinite(parsed) else None


def each(element: Element, *names: str) -> Iterator[Element]:
    """Go through all elements below `element`, in the order of the file, whose name is one of `names` in any case."""
    wanted = {name.lower() for name in names}
    return (found for found in element.iter() if found.tag.lower() in wanted)


def _decoded(data: bytes, errors: str) -> str:
    """Decode by byte order mark, then by the look of the first bytes, then as declared, last as Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "ignore" if errors == "ignore" else "replace")
    if b"\0" in data[:2]:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    declared = _DECLARED.match(data[:200].lstrip().decode("latin-1"))
    encoding = "utf-8"
    if declared:
        with contextlib.suppress(LookupError):
            encoding = codecs.lookup(declared[1]).name
    for candidate in (encoding if encoding in _ENCODINGS else "utf-8", "utf-8"):
        try:
            return data.decode(candidate, errors)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def _doctype_end(text: str) -> int:
    """Return where a DOCTYPE at the start of `text` ends, 0 if it does not."""
    bracket, end = text.find("["), text.find(">")
    if 0 <= bracket < end:
        end = text.find(">", text.find("]", bracket) + 1)
    return end + 1


def _damage(name: str, text: str, error: Exception) -> str:
    """What is wrong and where, and what helps, without a word of the file but one sign."""
    position: Any = getattr(error, "position", None)
    if not position:
        return f"{name} is damaged XML (it cannot be parsed). Export or copy it again."
    line, column = position
    lines = text.split("\n")
    row = lines[line - 1] if line <= len(lines) else ""
    sign = next((one for one in (row[column : column + 1], row[max(0, column - 1) : column]) if one in ("<", "&")), "")
    sign = sign or row[column : column + 1]
    place = f"line {line}, column {column}"
    if line == len(lines) and column >= len(row.rstrip()):
        return f"{name} is damaged XML: it ends at {place}, before its last element is closed. Copy it again."
    if sign in ("<", "&", ">") or (sign and not sign.isprintable()):
        return (
            f"{name} is damaged XML ({place}): a '{ascii(sign)[1:-1]}' stands where none may. If it is part of a name "
            "or a comment, remove it there on the device, or in the file with an editor: a new export gives the same."
        )
    return f"{name} is damaged XML ({place}). Export or copy it again."
