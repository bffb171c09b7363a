"""What stands at a hole is read from the code that fills it; what is not certain is a name."""

import ast
from pathlib import Path

import pytest

from tests.language.kinds import NAME, NUMBER, SENTENCE, Code

SENTENCES = {"for testing", "left", "a flat lead"}
HEAD = """
A_FEW = 3
WHAT = {"a": "left", "b": "a flat lead"}
MIXED = ["left", chosen]

@dataclass
class Row:
    rate: float
    name: str
    title: str | None

def count_of(rows) -> int: ...
def words(test):
    if test:
        return "for testing"
    return WHAT["a"]
def named(row):
    return row.name if row.name else "left"
def told(x, what, name):
    return f"HOLE"
told(1, "left", name=file.name)
told(2, WHAT[key], name="left")
"""


def kind(hole: str, before: str = "") -> str:
    code = (
        HEAD.replace("HOLE", "{what} {name}")
        + f"def f(x, n: int, text: str, row: Row):\n {before or 'pass'}\n g(f'{{{hole}}}')"
    )
    tree = ast.parse(code)
    last = [one for one in ast.walk(tree) if isinstance(one, ast.FormattedValue)][-1]
    return Code({Path("a.py"): tree}, SENTENCES).kind(last)


@pytest.mark.parametrize(
    ("hole", "wanted"),
    [
        ("x:,", NUMBER), ("x:.2f", NUMBER), ("x:+d", NUMBER), ("x:.0%", NUMBER), ("len(x)", NUMBER), ("n", NUMBER),
        ("row.rate", NUMBER), ("n / 2", NUMBER), ("A_FEW", NUMBER), ("count_of(x)", NUMBER), ("max(n, 3)", NUMBER),
        ('counted(n, "row")', SENTENCE), ('"left" if x else "for testing"', SENTENCE), ("WHAT[x]", SENTENCE),
        ("words(x)", SENTENCE), ('", ".join(WHAT[one] for one in x)', SENTENCE),
        ("x", NAME), ("text", NAME), ("text:.40", NAME), ("text[:40]", NAME), ("row.name", NAME), ("row.title", NAME),
        ("x!r", NAME), ('", ".join(x)', NAME), ('row.name or "left"', NAME), ("named(row)", NAME), ("MIXED[0]", NAME),
        ('"X-CSRF-Token"', NAME), ('f"“{row.name}”"', NAME), ("unknown(x)", NAME), ('text if x else "left"', NAME),
    ],
)  # fmt: skip
def test_what_is_put_in_is_known_by_the_code_that_puts_it(hole: str, wanted: str) -> None:
    assert kind(hole) == wanted


def test_variables_are_followed_through_all_they_are_given() -> None:
    assert kind("a", 'a = "left" if x else "for testing"') == SENTENCE
    assert kind("a", 'a = "left"; a = row.name') == NAME
    assert kind("a", "a = len(x)") == NUMBER
    assert kind("a", "a = f'up to {x}'") == SENTENCE
    assert kind("a", "a, b = x") == NAME
    assert kind("[a for a in x][0]") == NAME


def test_arguments_are_followed_to_where_a_function_is_called() -> None:
    tree = ast.parse(HEAD.replace("HOLE", "{what} {name}"))
    what, name = [one for one in ast.walk(tree) if isinstance(one, ast.FormattedValue)]
    code = Code({Path("a.py"): tree}, SENTENCES)
    assert (code.kind(what), code.kind(name)) == (SENTENCE, NAME)
