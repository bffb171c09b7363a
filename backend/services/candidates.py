"""Candidates of a comparison: what is trained of each, what it would take, and which are proposed for some minutes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.errors import InvalidInputError, NotFoundError, UserError
from backend.ml.architectures import architecture
from backend.ml.data.folds import FOLDS
from backend.services import runs, shipped
from backend.services.run_plan import Plan, Request, plan
from backend.services.sources import FoldsBy

FEWEST: Final = 2
MOST: Final = 12
_USUAL: Final = (
    {"base_model_id": "cardx", "training": {"method": "head"}},
    {"architecture": "rlign_logistic"},
    {"architecture": "xresnet1d18"},
    {"architecture": "inception_time"},
    {"base_model_id": "cardx", "training": {"method": "head_then_all"}},
    {"architecture": "xception_time"},
    {"architecture": "xresnet1d50"},
    {"architecture": "dsail_snu"},
)
"""Candidates in the order in which they are tried where nobody names any: the quickest first."""
METHODS: Final[Mapping[str, str]] = {
    "head": "head only",
    "all": "all layers",
    "head_then_all": "head then all layers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is trained: a fresh network of `architecture`, or a model that is fine-tuned; with changed settings."""

    architecture: str | None = None
    base_model_id: str | None = None
    architecture_config: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared on: a dataset, its labels (None: all), and how the recordings are divided.

    `candidates` None are those that are proposed for so many `minutes`. `folds` are those by patient; folds by
    anything else are as many as there are sources, once.
    """

    dataset_id: str
    name: str = ""
    labels: Sequence[str] | None = None
    candidates: Sequence[Candidate] | None = None
    minutes: float = 5.0
    folds_by: FoldsBy = "patient"
    folds: int = FOLDS
    repeats: int = 1
    split_seed: int = 1


@dataclass(frozen=True, slots=True)
class Expected:
    """A candidate, how long it would take, and why it is not `included` where nobody has named it."""

    candidate: Candidate
    title: str
    seconds: float
    measured: bool
    included: bool
    why_not: str = ""


def expected(session: Session, project_id: str, question: Question) -> list[Expected]:
    """Return what each candidate would take; the usual ones as far as the minutes reach, where none are named.

    Raises InvalidInputError for fewer than two or too many candidates or two that are alike, and for a candidate that
    was named what `runs.create` raises, with its title.
    """
    if question.candidates is not None:
        return list(_named(session, project_id, question, question.candidates))
    found: list[Expected] = []
    left, problems = 60 * question.minutes, []
    for usual in _USUAL:
        candidate = Candidate(**usual)
        try:
            one = _expected(session, project_id, question, candidate)
        except UserError as problem:
            problems.append(problem)
            found.append(Expected(candidate, _any_title(candidate), 0.0, False, False, str(problem)))
            continue
        if one.seconds <= left:
            left -= one.seconds
            found.append(one)
        else:
            found.append(replace(one, included=False, why_not="It would take longer than the time that is left."))
    if sum(one.included for one in found) < FEWEST:
        if len(problems) == len(found):
            raise problems[0]
        raise InvalidInputError(
            f"In {question.minutes:g} minutes fewer than two candidates can be compared here. Give it more time, or "
            "name the candidates."
        )
    return found


def request(question: Question, candidate: Candidate, title: str) -> Request:
    """Return the training of a candidate: cross-validated, in folds that are drawn alike for all."""
    return Request(
        dataset_id=question.dataset_id,
        name=f"{title} (compared)"[:200],
        labels=question.labels,
        base_model_id=candidate.base_model_id,
        architecture=candidate.architecture,
        architecture_config=candidate.architecture_config,
        split={
            "method": "cross_validation", "folds_by": question.folds_by, "repeats": question.repeats,
            "split_seed": question.split_seed,
        } | ({"folds": question.folds} if question.folds_by == "patient" else {}),
        training=candidate.training,
    )  # fmt: skip


def _named(
    session: Session, project_id: str, question: Question, candidates: Sequence[Candidate]
) -> Iterator[Expected]:
    if not FEWEST <= len(candidates) <= MOST:
        raise InvalidInputError(f"A comparison takes {FEWEST} to {MOST} candidates, not {len(candidates)}.")
    titles: set[str] = set()
    for candidate in candidates:
        try:
            one = _expected(session, project_id, question, candidate)
        except NotFoundError:
            raise
        except UserError as problem:
            raise type(problem)(f"{_any_title(candidate)}: {problem}") from problem
        if one.title in titles:
            raise InvalidInputError(
                f"Two candidates are called “{one.title}”. Give the one whose settings differ a title of its own."
            )
        titles.add(one.title)
        yield one


def _expected(session: Session, project_id: str, question: Question, candidate: Candidate) -> Expected:
    asked = request(question, candidate, candidate.title)
    title = candidate.title.strip() or _title(plan(session, project_id, asked), candidate)
    told = runs.estimate(session, project_id, asked)
    return Expected(candidate, title[:200], told.seconds, told.measured, True)


def _title(chosen: Plan, candidate: Candidate) -> str:
    if chosen.base is None:
        return chosen.title
    changed = f"{chosen.base.name}, {METHODS[chosen.config.method]}"
    return changed if candidate.base_model_id else chosen.title


def _any_title(candidate: Candidate) -> str:
    """Return what a candidate is called that cannot be trained."""
    if candidate.title:
        return candidate.title
    if candidate.base_model_id and candidate.base_model_id in shipped.shipped():
        return shipped.shipped()[candidate.base_model_id].manifest.name
    return architecture(candidate.architecture).title if candidate.architecture else "A candidate"
