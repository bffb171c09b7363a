"""What is to be said beside a figure so that it is not taken for more than it is: the rules, all in one place."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Json, Model, Recording
from backend.ml.spec import ModelSpec

FEW: Final = 30  # ECGs with a label, or without: below, an interval says next to nothing
MANY_OF_ONE: Final = 5  # recordings of a patient, on average
_GOOD, _BAD = 0.85, 0.5  # F1 at home and elsewhere
_NAMED: Final = 5
_BY_AMPLITUDE: Final = re.compile(
    r"\b([LRB]VH|HYP|[LR]A[EO]|[LR]AO/[LR]AE|VCLVH|SEHYP|[HL]VOLT|LQRSV)\b|hypertroph|voltage|enlargement",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Caution:
    """`kind` is a word for programs: few_events, seen, no_patients, windows, amplitude, scale, elsewhere, persons, …"""

    kind: str
    text: str

    def to_dict(self) -> Json:
        """Return a JSON object."""
        return asdict(self)


def few_events(events: Mapping[str, int], n: int) -> list[Caution]:
    """Name the labels that fewer than FEW of `n` tested recordings have, or have not; `events` counts those that do."""
    rare = [
        f"{label} ({min(k, n - k)} {'with' if k <= n - k else 'without'})"
        for label, k in events.items()
        if min(k, n - k) < FEW
    ]
    if not rare:
        return []
    shown = ", ".join(rare[:_NAMED]) + (f" and {len(rare) - _NAMED} more" if len(rare) > _NAMED else "")
    return [
        Caution(
            "few_events",
            f"Of {counted(n, 'tested recording')} too few, fewer than {FEW}, are with or without: {shown}. "
            "Their figures say little.",
        )
    ]


def of_results(evaluation: Mapping[str, Any]) -> list[Caution]:
    """Return the cautions that results as JSON call for by themselves."""
    if not evaluation:
        return []
    if evaluation.get("task") == "regression":
        n = evaluation["n"]
        tested = counted(n, "recording was", "recordings were")
        return [] if n >= FEW else [Caution("few_events", f"Only {tested} tested: the figures say little.")]
    return few_events(
        {row["label"]: row["support"] for row in evaluation["classes"] if row["support"] is not None}, evaluation["n"]
    )


def of_seen(counts: Mapping[str, int], told: str = "") -> list[Caution]:
    """Say how many of the recordings of a result the model has seen; `counts` is what `seen.counts` gives.

    `told` is what the cards of models that keep no list say in words.
    """
    n, learnt = sum(counts.values()), counts.get("training", 0) + counts.get("validation", 0)
    said = []
    if learnt:
        whole = "All of them are" if learnt == n else f"{learnt} of {counted(n, 'recording')} {_be(learnt)}"
        said.append(
            f"{whole} known to the model from its training or validation, or from those of a model it was made from. "
            "What it says of them is remembered, not found: this is no result."
        )
    if unknown := counts.get("not known", 0):
        said.append(
            f"Whether the model, or one it was made from, has seen {unknown} of {counted(n, 'recording')} is not "
            f"known. If it has, the figures are too good.{told and f' {told}'}"
        )
    return [Caution("seen", text) for text in said]


def of_patients(patients: Sequence[str | None]) -> list[Caution]:
    """Say where patients are not known, or many recordings are of few; one entry a tested recording."""
    known = Counter(patient for patient in patients if patient)
    return of_patient_counts(len(patients), len(patients) - known.total(), len(known))


def of_patient_counts(n: int, missing: int, patients: int) -> list[Caution]:
    """Say the same of `n` tested recordings, of which `missing` name no patient and the others `patients` of them."""
    found = []
    if missing:
        do = "does" if missing == 1 else "do"
        which = "No record names" if missing == n else f"{missing} of {counted(n, 'record')} {do} not name"
        found.append(
            Caution(
                "no_patients",
                f"{which} a patient; each counts as a patient of its own. If some are of the same person, the results "
                "may look better than they are.",
            )
        )
    if patients and n - missing >= MANY_OF_ONE * patients:
        found.append(
            Caution(
                "windows",
                f"{n - missing} of the tested recordings are of {counted(patients, 'patient')}, "
                "as windows of long recordings are: they count as so few patients, not as so many ECGs.",
            )
        )
    return found


def _be(n: int) -> str:
    return "is" if n == 1 else "are"


def of_amplitude(labels: Iterable[str], names: Iterable[str], standardise: str) -> list[Caution]:
    """Name the labels that are told by amplitude where the preprocessing takes it away."""
    if standardise == "none":
        return []
    told = [label for label, name in zip(labels, names, strict=True) if _BY_AMPLITUDE.search(f"{label} {name}")]
    if not told:
        return []
    return [
        Caution(
            "amplitude",
            f"{', '.join(told[:_NAMED])}: told by amplitude, which the preprocessing takes away by standardising. "
            "Choose one that keeps mV.",
        )
    ]


def of_model(model: Model) -> list[Caution]:
    """Return what is to be said beside the results of a model, whether it was trained here or not."""
    spec = ModelSpec.from_json(model.spec)
    kept = [Caution(**one) for one in model.manifest.get("cautions", ())]
    derived = [
        *of_results(model.evaluation),
        *of_amplitude(spec.labels, spec.label_names, spec.preprocessing.standardise),
    ]
    left = (one for one in kept if one.kind not in ("few_events", "amplitude"))
    return [*derived, *left, *_of_erased(model.n_erased)]


def _of_erased(n: int) -> list[Caution]:
    """Say that a model has learned from recordings of patients who were erased since."""
    if not n:
        return []
    text = (
        f"{counted(n, 'recording')} that this model has learned from {'has' if n == 1 else 'have'} been erased since."
    )
    return [Caution("erased", f"{text} Train it anew without, if the patient asks for that.")]


def of_scale(session: Session, project_id: str, recording_ids: Collection[str]) -> list[Caution]:
    """Name recordings whose amplitude is no ECG's, as of one a thousand times too large."""
    odd = session.execute(
        select(Recording.id, Recording.file_name)
        .where(Recording.project_id == project_id, cast(Recording.findings, String).contains('"amplitude"'))
        .order_by(Recording.file_name)
    )
    wanted = set(recording_ids)
    names = [name for recording_id, name in odd if recording_id in wanted]
    if not names:
        return []
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return [
        Caution(
            "scale",
            f"The amplitude of {shown} is no ECG's: a wrong unit, such as µV taken for mV. Declare the unit and import "
            "again, or leave them out.",
        )
    ]


def of_contradictions(counts: Mapping[str, int]) -> list[Caution]:
    """Say where file and table differ about the person, or one patient has two sexes; see `evaluation_groups`."""
    said = [
        f"Of {counted(counts[kind], 'recording')} the table says another {kind} than the file, which is what groups go "
        "by: look whether its rows and recordings belong together."
        for kind in ("sex", "age")
        if counts.get(kind)
    ]
    if n := counts.get("patients"):
        have = "has recordings of both sexes" if n == 1 else "have recordings of both sexes"
        said.append(
            f"{counted(n, 'patient')} {have}: different persons may bear one identifier, and are taken as one here."
        )
    return [Caution("persons", text) for text in said]


def of_elsewhere(at_home: float | None, elsewhere: float | None) -> list[Caution]:
    """Say where a macro F1 of the model's own test part is far from that on recordings from elsewhere."""
    if at_home is None or elsewhere is None or not (at_home > _GOOD and elsewhere < _BAD):
        return []
    return [
        Caution(
            "elsewhere",
            f"F1 is {at_home:.2f} on the model's own test part and {elsewhere:.2f} here. So large a gap mostly means "
            "leakage there, other labels or another way to record: look for the reason before you use either figure.",
        )
    ]
