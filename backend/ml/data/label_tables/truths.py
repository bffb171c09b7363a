"""What says yes and what says no in the cells of one column: in numbers, words of several languages, and signs."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

NOT_KNOWN = frozenset(("", "nan", "na", "n/a", "null", "none", "<na>", "#n/a"))  # lower case
YES = frozenset(("1", "true", "yes", "ja", "wahr", "y", "j", "x"))
NO = frozenset(("0", "false", "no", "nein", "falsch", "n"))
_PLAIN = (YES | NO) - {"y", "j", "n", "x"}  # of these one alone is no class of beats, as N is
# Of these one alone may mean something else, F a woman for example: both must be there.
_PAIRS = (
    ("t", "f"), ("+", "-"), ("x", "-"), ("✓", "-"), ("✓", "✗"), ("positive", "negative"), ("pos", "neg"),
    ("positiv", "negativ"), ("present", "absent"), ("vorhanden", "nicht vorhanden"), ("oui", "non"), ("si", "no"),
    ("sí", "no"),
)  # fmt: skip
# Beside yes and no these say that nobody knows.
UNSURE = frozenset((
    "-1", "9", "99", "999", "-9", "-99", "-999", "?", "unknown", "unsure", "uncertain", "maybe", "possible", "missing",
    "unklar", "unbekannt", "fraglich", "n.a.", "k.a.",
))  # fmt: skip
# As a label they mostly say that there is none.
NO_ANSWERS = NOT_KNOWN | UNSURE - {"possible"} | frozenset((
    "0", "-", "--", "—", "/", ".", "x", "keine", "keine angabe", "not available", "not reported", "not read", "pending",
    "nicht befundet", "nicht beurteilbar", "nicht bekannt", "offen", "todo", "tbd", "unclear", "undefined", "k. a.",
    "n. a.", "nb", "n.b.", "n.d.", "unlabeled", "unlabelled", "no label",
))  # fmt: skip
_MOST = 12  # different cells of a column of yes and no
_WHOLE = re.compile(r"(-?\d+)[.,]0+")


def plain_truth(cell: str) -> str:
    """Return a cell in lower case, a whole number without its decimals: "1,0" and "1.00" are "1"."""
    return without_decimals(cell).lower()


def without_decimals(cell: str) -> str:
    """Return a whole number without the decimals that a table gave it, anything else as it is."""
    found = _WHOLE.fullmatch(cell)
    return found[1] if found else cell


def known(cell: str) -> bool:
    """Whether a cell says something: neither empty, nor a mark of what is missing, nor an error of a spreadsheet."""
    return cell.lower() not in NOT_KNOWN and not is_error(cell)


def is_error(cell: str) -> bool:
    """Whether a cell is an error of a spreadsheet, such as #REF! or #DIV/0!."""
    return bool(re.fullmatch(r"#(REF|VALUE|NAME|NUM|NULL|SPILL|CALC)[!?]|#DIV/0!|#(NV|WERT!|BEZUG!|ZAHL!)", cell))


def truths(cells: Iterable[str]) -> Mapping[str, bool] | None:
    """Return what each cell of a column says, by its plain form; None where they are no column of yes and no.

    Cells that say of themselves that nobody knows are not among the answers. They belong to such a column only where
    both yes and no are there: 0, 1 and -1 may else be three classes.
    """
    said: set[str] = set()
    for cell in cells:
        if known(cell):
            said.add(plain_truth(cell))
            if len(said) > _MOST:
                return None
    sure = said - UNSURE
    for yes, no in ((YES, NO), *(({one}, {other}) for one, other in _PAIRS if sure == {one, other})):
        if sure and sure <= {*yes, *no}:
            found = {one: one in yes for one in sure}
            return found if sure == said or len(set(found.values())) == 2 else None
    return None


def odd_one(cells: Iterable[str], among_flags: bool) -> str:
    """Return the cell of a column of texts that keeps it from being one of yes and no, "" where it is none in any case.

    It is one if half of its cells say yes or no, and both are there; or, `among_flags`, one of them.
    """
    said: Counter[str] = Counter()
    for cell, count in Counter(cells).items():
        if known(cell):
            said[plain_truth(cell)] += count
    for yes, no in ((YES, NO), *(({one}, {other}) for one, other in _PAIRS)):
        is_told = bool(said.keys() & yes and said.keys() & no) or (among_flags and bool(said.keys() & _PLAIN))
        n_told = sum(count for one, count in said.items() if one in {*yes, *no})
        if is_told and 2 * n_told >= said.total():
            return next((one for one in said if one not in {*yes, *no} | UNSURE), "")
    return ""


def has_unsure(cells: Iterable[str]) -> bool:
    """Whether a column of yes and no also says here and there that nobody knows."""
    return any(plain_truth(cell) in UNSURE for cell in cells)
