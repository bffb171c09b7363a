"""The sentences that the platform writes, read from its code: what a German text is needed for."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
_LETTERS = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Written:
    """A text with `{names}` for what is put in, and where it stands."""

    text: str
    where: str


def written() -> list[Written]:
    """Return every text once, in the order of the files and lines."""
    found: dict[str, Written] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(LEFT_OUT):
                for line, text in texts_of(path.read_text(encoding="utf-8")):
                    found.setdefault(text, Written(text, f"{name}:{line}"))
    for text in lines("more_sentences.txt"):
        found.setdefault(text, Written(text, "tests/language/more_sentences.txt:0"))
    return [one for one in found.values() if one.text not in NO_SENTENCES]


def lines(name: str) -> list[str]:
    """Return the texts of a file beside this one; its first lines say what they are."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith('"')]


NO_SENTENCES = frozenset(lines("no_sentences.txt"))


def texts_of(code: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module and their lines."""
    tree = ast.parse(code)
    silent = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # what only documents
    }
    yield from _texts(tree, silent, inside=False)


def _texts(node: ast.AST, silent: set[ast.Constant], inside: bool) -> Iterator[tuple[int, str]]:
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
            yield node.lineno, _FORMAT.sub(r"{\1}", text) if _FORMAT.search(text) else _closed(text)
        return
    if isinstance(node, ast.keyword) and node.arg in SHOWN:
        yield from _texts(node.value, silent, inside=True)
        return
    parts = [node.body, node.orelse] if inside and isinstance(node, ast.IfExp) else list(ast.iter_child_nodes(node))
    deeper = inside and isinstance(node, (ast.IfExp, ast.BoolOp, ast.BinOp))
    for part in parts:
        yield from _texts(part, silent, deeper)


def _joined(node: ast.JoinedStr, silent: set[ast.Constant], inside: bool) -> Iterator[tuple[int, str]]:
    names: dict[str, int] = {}
    text = ""
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            name = _name(value.value)
            names[name] = names.get(name, 0) + 1
            text += "{" + name + (str(names[name]) if names[name] > 1 else "") + "}"
        else:
            assert isinstance(value, ast.Constant)
            text += _closed(str(value.value))
    bare = re.sub(r"\{\w+\}", " x ", text)
    if _WORDS.search(bare) or (inside and _LETTERS.search(re.sub(r"\{\w+\}", "", text))):
        yield node.lineno, text
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            yield from _texts(value.value, silent, inside=True)


def _counted(node: ast.Call) -> Iterator[tuple[int, str]]:
    """`counted(n, "row")` writes "1 row" and "2 rows"."""
    nouns = [part.value for part in node.args[1:] if isinstance(part, ast.Constant)]
    if not nouns or len(nouns) != len(node.args) - 1:  # from a variable: its words are found where they stand
        for part in node.args[1:]:
            yield from _texts(part, set(), inside=True)
        return
    one = str(nouns[0])
    for noun in (one, str(nouns[1]) if len(nouns) > 1 else f"{one}s"):
        yield node.lineno, "{n} " + _closed(noun)


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
