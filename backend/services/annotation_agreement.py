"""How far the readers of a label set agree: each pair of them, on what both have read without knowing of the other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import LabelSet, Reading, Recording
from backend.ml.evaluation.estimate import NONE, Estimate
from backend.ml.evaluation.intervals import mean
from backend.ml.evaluation.kappa import Classes, classes_of, kappa
from backend.ml.evaluation.patients import Patients, patients_of


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """One label, yes or no: how often either reader gave it, and both."""

    label: str
    n_first: int
    n_second: int
    n_both: int
    kappa: Estimate


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two readers on the recordings that both have read."""

    first: str
    second: str
    n: int
    n_agreed: int
    kappa: Estimate  # of all labels; where there may be several, the mean over the labels
    labels: list[LabelAgreement]


@dataclass(frozen=True, slots=True)
class Agreement:
    """All pairs of readers, those with most recordings in common first."""

    independent: bool  # nobody could see what others said
    n_sighted: int  # readings left out, made after what others say was revealed
    pairs: list[PairAgreement]


def agreement(session: Session, label_set: LabelSet) -> Agreement:
    """Compare the readers of a label set. Of what was changed after the others were revealed, the one before counts."""
    said: dict[str, dict[str, list[str]]] = {}
    patient: dict[str, str | None] = {}
    rows = session.execute(
        select(Reading.reader, Reading.recording_id, Reading.labels, Reading.done, Recording.patient_id)
        .join(Recording, Recording.id == Reading.recording_id)
        .where(Reading.label_set_id == label_set.id, Reading.role == "reader", ~Reading.sighted)
        .order_by(Reading.number)
    )
    for reader, recording_id, labels, done, patient_id in rows:
        patient[recording_id] = patient_id
        if done:
            said.setdefault(reader, {})[recording_id] = labels
        else:
            said.get(reader, {}).pop(recording_id, None)
    sighted = select(func.count()).where(Reading.label_set_id == label_set.id, Reading.sighted, Reading.current)
    pairs = [
        _pair(label_set, first, second, said, patient)
        for first, second in combinations(sorted(said), 2)
        if said[first].keys() & said[second].keys()
    ]
    return Agreement(label_set.blind, session.scalar(sighted) or 0, sorted(pairs, key=lambda one: -one.n))


def _pair(
    label_set: LabelSet, first: str, second: str,
    said: Mapping[str, Mapping[str, list[str]]], patient: Mapping[str, str | None],
) -> PairAgreement:  # fmt: skip
    both = sorted(said[first].keys() & said[second].keys())
    a, b = [said[first][one] for one in both], [said[second][one] for one in both]
    known = [patient[one] for one in both]
    patients = patients_of(len(both), known if any(known) else None)
    names = [label["name"] for label in label_set.labels]
    return PairAgreement(
        first, second, len(both), sum(x == y for x, y in zip(a, b, strict=True)),
        _overall(label_set.task, a, b, names, patients), [_label(name, a, b, patients) for name in names],
    )  # fmt: skip


def _overall(
    task: str, a: Sequence[Sequence[str]], b: Sequence[Sequence[str]], names: Sequence[str], patients: Patients
) -> Estimate:
    if task == "single_label":
        return kappa(classes_of(a, names), classes_of(b, names), patients).estimate
    given = Counter(name for said in (*a, *b) for name in said)
    parts = [kappa(_has(a, name), _has(b, name), patients) for name in names if given[name]]
    return mean(parts, [1.0] * len(parts), patients, lowest=-1.0) if parts else NONE


def _has(said: Sequence[Sequence[str]], name: str) -> Classes:
    return np.array([name in labels for labels in said], np.intp)


def _label(name: str, a: Sequence[Sequence[str]], b: Sequence[Sequence[str]], patients: Patients) -> LabelAgreement:
    x, y = _has(a, name), _has(b, name)
    return LabelAgreement(name, int(x.sum()), int(y.sum()), int((x & y).sum()), kappa(x, y, patients).estimate)
