"""What the columns of a table probably mean, and what of it is certain enough to be taken without asking.

No column becomes a label by guess. Without asking are taken: columns named as labels or values; the one column of words
beside the column of recordings, if its words are known to say what an ECG shows; and columns of yes and no whose names
are so known, where the table holds nothing else but recordings, patients, parts and facts (age, device …) that say
neither yes nor no. Everything else is asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.ml.data.label_tables.cells import Cells, plain_name, whole
from backend.ml.data.label_tables.choice import Choice, check
from backend.ml.data.label_tables.columns import (
    CODE_NAMES,
    FOLD_NAMES,
    LABEL_NAMES,
    RECORDING_NAMES,
    SPLIT_NAMES,
    Column,
    is_fact,
    named,
    patient_columns,
    value_name,
)
from backend.ml.data.label_tables.diagnoses import are_diagnoses, are_icd10
from backend.ml.data.label_tables.finder import Finder
from backend.ml.data.label_tables.headers import check_named
from backend.ml.data.label_tables.matching import Match, conflict, matches
from backend.ml.data.label_tables.questions import Question, answered, open_questions
from backend.ml.data.label_tables.suggest import (
    Suggestion,
    are_words,
    is_said,
    scp_columns,
    suggestions,
    unspoken_for,
)
from backend.ml.data.label_tables.truths import has_unsure, known
from backend.ml.data.split import is_part_in_words
from backend.ml.errors import LabelChoiceError, LabelTableError

_FEW = 5
_WHICH_LABELS = "The table has no column of labels that leaves no doubt: choose which columns are the labels."
_FREE_TEXT = 20  # rows from which on words that nearly all differ are reports, or names


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a table probably means: its likely choices, best first, and what was asked with all that is certain.

    `completed` is a complete choice where `question` is empty, `choice` then the same.
    """

    matches: tuple[Match, ...]
    suggestions: tuple[Suggestion, ...]
    completed: Choice
    question: str
    beside: tuple[Question, ...] = ()  # what of the question is not about the labels

    @property
    def choice(self) -> Choice | None:
        """The complete choice, None where a question is open."""
        return None if self.question else self.completed


def propose(cells: Cells, columns: Sequence[Column], finder: Finder, asked: Choice | None = None) -> Proposal:
    """Return what a table probably means, where `asked` holds what was chosen already.

    Raises LabelTableError for a choice that does not fit the table.
    """
    check_named(cells, finder)
    asked = check(asked or Choice(), cells)
    chosen, parts = asked, _parts_named(asked, cells)
    asked = _by_name(asked, cells, parts)
    beside = open_questions(chosen, asked, cells, parts)
    found = matches(cells, columns, finder)
    recording, question = _recording(asked, cells, found)
    asked = replace(asked, recording=recording)
    likely = suggestions(asked, cells, columns)
    open_ = _WHICH_LABELS
    if asked.superclasses and not asked.labels and not asked.values:
        asked = replace(asked, labels=tuple(scp_columns(cells, columns)[:1]))
    if not asked.labels and not asked.values:
        asked, open_ = _certain(asked, cells, columns)
    if asked.labels and asked.values:
        question = (
            f"The table has both labels ({asked.labels[0]}) and values ({asked.values[0]}). Choose one of them, or "
            "attach two tables."
        )
    elif not (asked.labels or asked.values):
        question = " ".join(filter(None, (question, open_)))
    if beside and not question:
        likely = tuple(Suggestion(title, choice) for title, choice in answered(asked, beside))
    question = " ".join(filter(None, (question, *(one.text for one in beside))))
    return Proposal(found, likely, check(asked, cells) if not question else asked, question, tuple(beside))


def settle(cells: Cells, columns: Sequence[Column], finder: Finder, asked: Choice | None = None) -> Choice:
    """Return the complete choice.

    Raises LabelChoiceError with the likely ones where something must be asked, LabelTableError where nothing could be.
    """
    proposal = propose(cells, columns, finder, asked)
    told = " ".join((proposal.question, *cells.notes))
    if proposal.choice is None and sum(column.kind != "empty" for column in columns) < 2:
        raise LabelTableError(f"{told} It has only the column {', '.join(cells.header)}.")
    if proposal.choice is None:
        likely = [(one.title, one.choice.to_json()) for one in _likely(proposal)]
        raise LabelChoiceError(told, cells.header, likely)
    return proposal.choice


def _likely(proposal: Proposal) -> Sequence[Suggestion]:
    settled = proposal.completed
    is_chosen = bool(settled.labels or settled.values) and settled.recording
    if is_chosen and not proposal.beside:
        return (Suggestion("the labels as they are", settled),)
    return proposal.suggestions


def _parts_named(asked: Choice, cells: Cells) -> dict[str, str]:
    """Return the columns that are parts or folds by name and by what they say, the surest first, each with its role."""
    splits = [name for name in named(cells.header, SPLIT_NAMES) if _says_parts(cells, name)]
    folds = [name for name in named(cells.header, FOLD_NAMES) if _all(cells, name, _is_fold)]
    roles = dict.fromkeys(splits, "split") | dict.fromkeys(folds, "fold")
    taken = {*asked.labels, *asked.values}
    return {name: role for name, role in roles.items() if name not in taken and any(map(known, cells.column(name)))}


def _by_name(asked: Choice, cells: Cells, parts: Mapping[str, str]) -> Choice:
    """Fill in patient, part and code by the names of columns, where nothing was said of them."""
    first = {
        "patient": next(iter(patient_columns(cells.header)), ""),
        "split": next((name for name, role in parts.items() if role == "split"), ""),
        "fold": next((name for name, role in parts.items() if role == "fold"), ""),
        "code": next((name for name in named(cells.header, CODE_NAMES) if _all(cells, name, are_icd10)), ""),
    }
    if asked.split or (first["split"] and asked.fold is None):
        first["fold"] = ""
    if asked.fold:
        first["split"] = ""
    taken = {*asked.labels, *asked.values}
    open_: dict[str, Any] = {
        name: "" if column in taken else column for name, column in first.items() if getattr(asked, name) is None
    }
    return replace(asked, **open_)


def _recording(asked: Choice, cells: Cells, found: Sequence[Match]) -> tuple[tuple[str, ...], str]:
    """Return what names the recordings, and the question where it is not clear."""
    if asked.recording:
        return asked.recording, ""
    taken = {*asked.labels, *asked.values, asked.patient, asked.part, *named(cells.header, LABEL_NAMES)}
    by_name = [name for name in named(cells.header, RECORDING_NAMES) if name not in taken]
    matching = [one for one in found if not taken & set(one.columns)]
    if not matching:
        if by_name:
            return ("{" + by_name[0] + "}",), ""
        return (), (
            "No column of the table is named 'file_name', and none finds a recording of the project. Choose the column "
            "that names the recordings, or a template such as 'HR{number:05d}'."
        )
    of_name = [one for one in matching if set(one.columns) & set(by_name)]
    first = next((one for one in matching if one.is_sure), matching[0])
    best = next((one for one in of_name if one.n_matched == first.n_matched and one.is_plain and one.is_sure), first)
    if "{#" in best.template and cells.kind != "numpy":
        return (best.template,), (
            "No column of the table names the recordings. If row after row belongs to one of them after the other, "
            f"choose {best.template}."
        )
    if not best.is_sure and best.is_place:
        named_so = ("{" + by_name[0] + "}",) if by_name else (best.template,)
        return named_so, (
            f"No column is known to name the recordings. {best.template} finds {best.n_matched} of them by their place "
            "in the stack, but the numbers may be those of another data set. Choose it only if they count from 0 on."
        )
    if by_name and not of_name:  # the column so named finds nothing yet, and this one may do so by chance
        return (best.template,), (
            f"The column {by_name[0]} finds no recording, but {best.template} finds {best.n_matched}. Choose one."
        )
    able = [one for one in matching if one.is_sure or best.is_place or not best.is_sure]
    rivals = [one for one in able if one is not best and (one in of_name or not of_name)]
    rivals += [one for one in able if one.n_matched > best.n_matched]
    other = next((one for one in rivals if conflict(best, one)), None)
    if other is not None:
        return (best.template,), (
            f"{best.template} and {other.template} both find recordings, and not the same ones. Choose one."
        )
    if not best.is_sure and not by_name:
        return (best.template,), (
            f"{best.template} finds {best.n_matched} recordings, but the column is not named as what names recordings, "
            "and numbers find them by chance. Choose it if it does, or another one."
        )
    return (best.template,), ""


def _says_parts(cells: Cells, name: str) -> bool:
    """Whether a column names parts of a split, or is named split and numbers folds: 0 and 1 may be no and yes."""
    if _all(cells, name, is_part_in_words):
        return True
    numbers = {whole(cell) for cell in cells.column(name) if known(cell)}
    return plain_name(name) == "split" and len(numbers) > 2 and all(map(str.isdigit, numbers))


def _is_fold(cell: str) -> bool:
    return cell.isdigit() or is_part_in_words(cell)


def _all(cells: Cells, name: str, test: Callable[[str], bool]) -> bool:
    """Whether all that a column says passes a test."""
    return all(test(whole(cell)) for cell in dict.fromkeys(cells.column(name)) if known(cell))


def _certain(asked: Choice, cells: Cells, columns: Sequence[Column]) -> tuple[Choice, str]:
    """Fill in the labels, or values, where the table leaves no doubt; else say what is in doubt beside the choice."""
    values = tuple(name for name in cells.header if value_name(name))
    by_name = named(cells.header, LABEL_NAMES)
    rest = unspoken_for(asked, cells, columns)
    flags = [column.name for column in rest if column.kind == "yes_no" and column.name not in by_name]
    said = [name for name in flags if is_said(name, cells)]
    if by_name and not values and said and not are_diagnoses(set(cells.column(by_name[0])), asked.separators):
        return asked, (
            f"The table has the column {by_name[0]}, and columns of yes and no such as {said[0]}. Choose which columns "
            "are the labels."
        )
    if values or by_name:
        if by_name and not values and not are_words(cells, by_name[0]):
            return asked, _WHICH_LABELS
        return replace(asked, labels=tuple(by_name[:1]), values=values), ""
    others = [name for name in flags if name not in said]
    if said and others:
        return asked, (
            f"Of the columns of yes and no, {', '.join(said[:_FEW])} are known to say what an ECG shows, but not "
            f"{', '.join(others[:_FEW])}. Choose which columns are the labels."
        )
    if said and not any(has_unsure(cells.column(name)) for name in said):
        words = [column for column in rest if column.kind != "yes_no" and not is_fact(column.name)]
        return (asked, _WHICH_LABELS) if words else (replace(asked, labels=tuple(said)), "")
    if len(rest) == 1 and rest[0].kind == "text" and not is_fact(rest[0].name) and not flags:
        is_free = rest[0].n_filled >= _FREE_TEXT and rest[0].n_distinct > rest[0].n_filled / 2
        if not is_free and are_diagnoses(set(filter(known, cells.column(rest[0].name))), asked.separators):
            return replace(asked, labels=(rest[0].name,)), ""
    return asked, _WHICH_LABELS
