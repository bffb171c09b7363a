"""The sentences that the platform writes, read from its code: what a German text is needed for."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.language.kinds import NAME, NUMBER, Code, both

ROOT = Path(__file__).parents[2]
ROOMS = ("backend", "workers")
LEFT_OUT = (
    "backend/cli", "backend/db", "backend/ecg/dicom_results", "backend/language", "backend/storage/s3.py",
    "backend/ml/experiments", "backend/ml/packaging/model_card.py", "backend/services/evaluation_report.py",
    "backend/services/evaluation_drawings.py", "backend/api/description.py", "backend/ecg/terminology",
    "backend/ecg/readers/snomed.py", "backend/ecg/readers/scp/statements.py",
    "backend/ecg/readers/xml/ge_statements.py", "backend/logs.py", "backend/settings.py",
)  # fmt: skip
"""The shell, papers and cards, which are English, and names of codes, which are those of their standards."""

NOT_SHOWN = frozenset({
    "Query", "Field", "Path", "Form", "Header", "Body", "File", "debug", "info", "warning", "error", "exception",
    "critical", "execute", "compile", "Counter", "Gauge", "Histogram", "responses", "APIRouter", "StringConstraints",
    "AssertionError", "NotImplementedError", "TypeError", "RuntimeError", "KeyError", "getLogger", "CheckConstraint",
})  # fmt: skip
"""Calls whose strings no person reads on the page: descriptions of the API, logs, queries, faults of the code."""

SHOWN_CALLS = frozenset({"Setting", "Choice"})
"""Calls all of whose strings are shown."""

SHOWN = frozenset({"title", "help", "text", "why", "detail", "message", "reason", "withheld"})
"""Arguments whose strings are shown even where they are a word or two."""

_WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z]* +[^A-Za-z]*[A-Za-z]+[^A-Za-z]* +[^A-Za-z]*[A-Za-z]")
_FORMAT = re.compile(r"\{(\w+):\.[^{}]*\}")  # of a text that is filled in later
_HOLES = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_LETTERS = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Written:
    """A text with `{names}` for what is put in, and where it stands."""

    text: str
    where: str
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What stands at its holes, as the catalogue notes it beside the text: what is not noted is a name."""
        return "; ".join(f"{name}: {kind}" for name, kind in self.kinds.items() if kind != NAME)


@cache
def written() -> list[Written]:
    """Return every text once, in the order of the files and lines."""
    found: dict[str, Written] = {}
    modules = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    names = {path: path.relative_to(ROOT).as_posix() for path in modules}
    texts = [
        (f"{names[path]}:{line}", text, holes)
        for path, tree in modules.items()
        if not names[path].startswith(LEFT_OUT)
        for line, text, holes in _texts(tree, _documenting(tree), inside=False)
    ]
    code = Code(modules, {text for _where, text, _holes in texts} | set(lines("more_sentences.txt")))
    for where, text, holes in texts:
        kinds = {hole: one if isinstance(one, str) else code.kind(one) for hole, one in holes.items()}
        known = found.setdefault(text, Written(text, where, kinds)).kinds
        known.update({hole: both([kind, kinds[hole]]) for hole, kind in known.items()})
    for text, note in noted("more_sentences.txt"):
        kinds = {hole: NUMBER if hole in ("n", "k", "most") else NAME for hole in _HOLES.findall(text)} | note
        found.setdefault(text, Written(text, "tests/language/more_sentences.txt:0", kinds))
    return [one for one in found.values() if one.text not in NO_SENTENCES]


def lines(name: str) -> list[str]:
    """Return the texts of a file beside this one; its first lines say what they are."""
    return [text for text, _kinds in noted(name)]


def noted(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts of a file beside this one, with the kinds of holes that are noted behind them."""
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
        if line.startswith('"'):
            text, end = json.JSONDecoder().raw_decode(line)
            yield text, dict(one.strip().split(": ") for one in line[end:].split(";") if one.strip())


NO_SENTENCES = frozenset(lines("no_sentences.txt"))


_Found = tuple[int, str, Mapping[str, ast.FormattedValue | str]]


def texts_of(code: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module and their lines."""
    tree = ast.parse(code)
    for line, text, _holes in _texts(tree, _documenting(tree), inside=False):
        yield line, text


def _documenting(tree: ast.Module) -> set[ast.Constant]:
    return {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _texts(node: ast.AST, silent: set[ast.Constant], inside: bool) -> Iterator[_Found]:
    """`inside`: within what is put into a text, where single words count too."""
    if node in silent:
        return
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in NOT_SHOWN:
            return
        if name in SHOWN_CALLS:
            inside = True
        if name == "counted":
            yield from _counted(node)
            return
    if isinstance(node, ast.JoinedStr):
        yield from _joined(node, silent, inside)
        return
    if isinstance(node, ast.Constant):
        text = node.value
        if isinstance(text, str) and (_WORDS.search(text) or (inside and _LETTERS.search(text))):
            if _FORMAT.search(text):
                bare = _FORMAT.sub(r"{\1}", text)
                yield (
                    node.lineno,
                    bare,
                    dict.fromkeys(_HOLES.findall(bare), NAME) | dict.fromkeys(_FORMAT.findall(text), NUMBER),
                )
            else:
                yield node.lineno, _closed(text), {}
        return
    if isinstance(node, ast.keyword) and node.arg in SHOWN:
        yield from _texts(node.value, silent, inside=True)
        return
    parts = [node.body, node.orelse] if inside and isinstance(node, ast.IfExp) else list(ast.iter_child_nodes(node))
    deeper = inside and isinstance(node, (ast.IfExp, ast.BoolOp, ast.BinOp))
    for part in parts:
        yield from _texts(part, silent, deeper)


def _joined(node: ast.JoinedStr, silent: set[ast.Constant], inside: bool) -> Iterator[_Found]:
    names: dict[str, int] = {}
    holes: dict[str, ast.FormattedValue | str] = {}
    text = ""
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            name = _name(value.value)
            names[name] = names.get(name, 0) + 1
            name += str(names[name]) if names[name] > 1 else ""
            holes.setdefault(name, value)
            text += "{" + name + "}"
        else:
            assert isinstance(value, ast.Constant)
            text += _closed(str(value.value))
    bare = re.sub(r"\{\w+\}", " x ", text)
    if _WORDS.search(bare) or (inside and _LETTERS.search(re.sub(r"\{\w+\}", "", text))):
        yield node.lineno, text, holes
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            yield from _texts(value.value, silent, inside=True)


def _counted(node: ast.Call) -> Iterator[_Found]:
    """`counted(n, "row")` writes "1 row" and "2 rows"."""
    nouns = [part.value for part in node.args[1:] if isinstance(part, ast.Constant)]
    if not nouns or len(nouns) != len(node.args) - 1:  # from a variable: its words are found where they stand
        for part in node.args[1:]:
            yield from _texts(part, set(), inside=True)
        return
    one = str(nouns[0])
    for noun in (one, str(nouns[1]) if len(nouns) > 1 else f"{one}s"):
        yield node.lineno, "{n} " + _closed(noun), {"n": NUMBER}


def _name(node: ast.expr) -> str:
    """A short name for what is put in, from the code that puts it."""
    while isinstance(node, (ast.Call, ast.Subscript, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            return node.attr.strip("_")
        if isinstance(node, ast.Call):
            first = node.args[0] if node.args else None
            if getattr(node.func, "id", "") == "counted" and isinstance(first, ast.Name) and first.id == "n":
                return "counted"  # with its noun; “n” is a bare number
            if isinstance(node.func, ast.Attribute) and not isinstance(first, (ast.Name, ast.Attribute)):
                return node.func.attr.strip("_")
            node = first if isinstance(first, (ast.Name, ast.Attribute, ast.Call)) else node.func
        else:
            node = node.value
    return node.id.strip("_") if isinstance(node, ast.Name) else "value"


def _closed(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
