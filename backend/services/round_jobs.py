"""Jobs of federated rounds: a contribution is sent, a round is merged; what is asked for is checked before."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Exchange, Job, Json, Model, Run
from backend.errors import ConflictError, InvalidInputError
from backend.exchange.rounds import Round
from backend.ml.federated.facts import FEWEST, ContributionFacts, told
from backend.ml.packaging.manifest import Ancestor, TrainingCard
from backend.ml.spec import ModelSpec
from backend.services import examples, exchange_push, exchanges, jobs, models
from backend.services.exchange_patients import patients_of
from backend.settings import Settings
from backend.storage import Storage

CONTRIBUTE: Final = "rounds.contribute"
MERGE: Final = "rounds.merge"


def contribute(session: Session, project_id: str, exchange: Exchange, slug: str, number: int, model_id: str) -> Job:
    """Queue that what the training of a model of this project has changed is sent to a round."""
    exchanges.check_writable(exchange)
    model = models.get(session, project_id, model_id)
    if model.weights_key is None:
        raise ConflictError(f"Of the model “{model.name}” only its graph is known; a contribution is made of weights.")
    if not model.manifest.get("training_data"):
        raise ConflictError(
            f"The model “{model.name}” does not say how many recordings it was trained on. Contribute one that was "
            "trained here from the base model of the round."
        )
    payload = {"exchange_id": exchange.id, "slug": slug, "number": number, "model_id": model.id}
    return jobs.create(session, project_id, CONTRIBUTE, payload)


def merge(
    session: Session,
    settings: Settings,
    project_id: str,
    exchange: Exchange,
    slug: str,
    number: int,
    *,
    leave_out: Mapping[str, str] | None = None,
    keep_odd: Sequence[str] = (),
    model_id: str | None = None,
    publisher: str = "",
) -> Job:
    """Queue the merging of a round into the next version of its model, which is kept in this project and published.

    `leave_out` has keys of sites and reasons, `keep_odd` keys of those that count although they look odd. `model_id` is
    a model that was trained here for the round: on its validation part thresholds and calibration are chosen, on its
    test part the new version is evaluated. Without it the new version has neither.
    """
    exchanges.check_writable(exchange)
    name = publisher.strip() or exchange_push.usual_publisher(session, settings)
    if not name:
        raise InvalidInputError("Say under which name the model is published, such as that of your institution.")
    run_id = None
    if model_id is not None:
        run_id = models.get(session, project_id, model_id).run_id
        if run_id is None:
            raise ConflictError("The model to judge by has no training run here. Choose one that was trained here.")
        split = session.get_one(Run, run_id).split
        if not split["validation"] or not split["test"]:
            raise ConflictError(
                "The model to judge by was cross-validated: it has learned from all its recordings, and none is left "
                "to judge on. Choose one that was tested on a part of its own (--split holdout)."
            )
    payload = {
        "exchange_id": exchange.id, "slug": slug, "number": number, "leave_out": dict(leave_out or {}),
        "keep_odd": list(keep_odd), "run_id": run_id, "publisher": name[:100],
    }  # fmt: skip
    return jobs.create(session, project_id, MERGE, payload)


def facts_of(session: Session, model: Model, one: Round, norm: float | None, factor: float | None) -> ContributionFacts:
    """Return what is told beside the contribution of a model: counts of its training part, none of them of a few.

    A label's recordings are told where they, and those without it, are of FEWEST patients or more. Raises ConflictError
    where the whole training part is of fewer.
    """
    card = TrainingCard.from_dict(model.manifest["training_data"])
    part = card.counts.get("train", {"n": 0, "labels": {}})
    people = _people(session, model)
    if part["n"] < FEWEST or (people is not None and people < FEWEST):
        raise ConflictError(
            f"The model was trained on {part['n']} recordings; a contribution of fewer than {FEWEST} patients is not "
            "sent."
        )
    labels = {label: int(part["labels"].get(label, 0)) for label in one.terms.base.labels}
    shown = told(labels, part["n"])
    with_label = (patients_of(session, model) or {}).get("train", {})
    for label, patients in with_label.items():
        if label in shown and 0 < patients < FEWEST:
            shown[label] = None
    return ContributionFacts(
        recordings=part["n"], patients=people, labels=shown, norm=norm, factor=factor, round_sha256=one.sha256
    )


def keep(
    session: Session,
    storage: Storage,
    project_id: str,
    base: Model,
    one: Round,
    spec: ModelSpec,
    onnx: bytes,
    weights: bytes,
    *,
    parity: float,
    evaluation: Json,
    card: TrainingCard,
    job_id: str,
    notes: Sequence[str],
    sites: Json,
    norm: float,
) -> Model:
    """Keep what a round was merged into, a model of its own with the base as its nearest ancestor.

    What it has seen is not known here: only the sites know their recordings.
    """
    nearest = Ancestor(name=base.name, architecture=base.architecture, sha256=base.onnx_key)
    model = Model(
        project_id=project_id, origin="merged", name=one.terms.base.name[:200], architecture=spec.architecture,
        spec=spec.to_dict(), evaluation=evaluation, parity=parity, parameters=base.parameters, licence=base.licence,
        intended_use=base.intended_use, base_model_id=base.id if base.project_id == project_id else None, seen=None,
        manifest={
            "training_data": card.to_dict(),
            "lineage": [nearest.to_dict(), *base.manifest.get("lineage", [])],
            "versions": base.manifest.get("versions", {}),
            "methods": models.methods_of(spec.architecture),
            "notes": list(notes),
            "round": {"slug": one.slug, "number": one.number, "sha256": one.sha256, "job_id": job_id,
                      "sites": sites, "norm": norm},
        },
    )  # fmt: skip
    models.set_files(session, storage, model, onnx, weights)
    session.add(model)
    session.flush()
    return model


def merged_by(session: Session, project_id: str, job_id: str) -> Model | None:
    """Return the model that an earlier attempt of this job has made, if it got so far."""
    for model in models.list_models(session, project_id):
        if model.manifest.get("round", {}).get("job_id") == job_id:
            return model
    return None


def _people(session: Session, model: Model) -> int | None:
    """Return how many patients the training part has; None where its run or the labels are gone."""
    run = session.get(Run, model.run_id) if model.run_id else None
    dataset = session.get(Dataset, run.dataset_id) if run is not None and run.dataset_id else None
    if run is None or dataset is None:
        return None
    of = {example.recording_id: example.patient_id for example in examples.load(session, dataset)}
    return len({of.get(recording_id) or recording_id for recording_id in run.split["train"]})
