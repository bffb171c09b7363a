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

    A DOCTYPE is passed over. Raises UnreadableFileError for damaged XML, and for entities and references to other
    files, which are never expanded or followed; LimitError for a tree too large or too deep to be an ECG.
    """
    if len(data) > _MOST_BYTES:
        raise LimitError(f"{name} has more than {_MOST_BYTES:,} bytes of XML. Export a shorter recording.")
    text = _decoded(data, "strict").lstrip().encode("utf-8", "replace")
    parser = _parser(name)
    try:
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise UnreadableFileError(
            f"{name} defines XML entities or refers to other files, which is not allowed. Export it without them."
        ) from error
    except (ParseError, ValueError) as error:
        raise UnreadableFileError(f"{name} is damaged XML ({_place(error)}). Export or copy it again.") from error
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


def _place(error: Exception) -> str:
    """What is wrong and where, without a word of the file."""
    position: Any = getattr(error, "position", None)
    return f"line {position[0]}, column {position[1]}" if position else "it cannot be parsed"
