"""How many patients stand behind the counts of a model's card, as far as its run still knows them."""

from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Model, Run
from backend.exchange.privacy import Patients
from backend.ml.data.split import PARTS
from backend.services import examples


def patients_of(session: Session, model: Model) -> Patients | None:
    """Return part -> label -> patients of the training of a model; None where its run or its labels are gone.

    A recording without a patient counts as one of its own. The card counts recordings: ten of them may be of one
    patient.
    """
    run = session.get(Run, model.run_id) if model.run_id else None
    dataset = session.get(Dataset, run.dataset_id) if run is not None and run.dataset_id else None
    if run is None or dataset is None:
        return None
    known = {one.recording_id: one for one in examples.load(session, dataset)}
    found: dict[str, dict[str, int]] = {}
    for part in PARTS:
        who: dict[str, set[str]] = {label: set() for label in run.facts["labels"]}
        for recording_id in run.split[part]:
            one = known.get(recording_id)
            if one is None:
                continue
            patient = one.patient_id or recording_id
            if run.facts["task"] == "regression":
                values = zip(run.facts["columns"], one.values, strict=True)
                labels = [label for label, value in values if value is not None]
            else:
                labels = list(one.labels)
            for label in labels:
                if label in who:
                    who[label].add(patient)
        found[part] = {label: len(patients) for label, patients in who.items()}
    return found
