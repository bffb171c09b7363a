"""Federated rounds: what a training has changed is sent, what the sites have sent is merged into the next version."""

import hashlib
import secrets
import shutil
from pathlib import Path

import numpy as np

from backend.counted import counted
from backend.db.tables import Json, Model
from backend.errors import ConflictError
from backend.exchange import rounds as folder_rounds
from backend.exchange.errors import QuarantinedError
from backend.exchange.round_files import Outcome, key_name, now
from backend.exchange.rounds import Round, Site
from backend.ml.errors import ContributionError
from backend.ml.federated import delta as deltas
from backend.ml.federated.delta import Delta, Weights
from backend.ml.federated.merge import Merged, prepared
from backend.ml.federated.merge import merge as merge_deltas
from backend.ml.packaging.manifest import TrainingCard
from backend.services import exchange_push, exchanges, models, quarantine, round_jobs, rounds
from backend.services.exchanges import Connection
from workers.exchanges import patiently, progress_of
from workers.lifecycle import RunningJob
from workers.round_merge import judge_of, made_of

PREPARED, READ, MERGED = 0.1, 0.6, 0.8  # shares of the progress bar
_OVERHEAD = 1 << 20  # bytes of a file of weights beside its numbers


def contribute(job: RunningJob) -> Json:
    """Send what a training has changed in the base of a round: clipped, with noise where the rules ask for it."""
    one, connection = _round(job)
    key = exchange_push.signing_key(job.settings)
    own = next((site for site in one.sites if site.fingerprint == key.public.fingerprint), None)
    done = {"round": f"{one.slug}/{one.number}", "fingerprint": key.public.fingerprint}
    if own is not None and own.facts is not None and job.attempt > 1:  # a worker has died after sending it
        return done
    if own is None or not own.joined:
        raise ConflictError("This installation does not take part in the round. Join it first.")
    with job.read() as session:
        rounds.check_coordinator(session, job.settings, job.payload["exchange_id"], one)
        model = models.get(session, job.project_id, job.payload["model_id"])
        base = rounds.held(session, one.terms.base.model_sha256)
        _check_lineage(model, base, one)
    own_weights = deltas.read_weights(job.storage.get(str(model.weights_key)))
    trained = deltas.in_order(own_weights, model.spec["labels"], one.terms.base.labels)
    weights = _base_weights(job, base, one)
    rules = one.terms.rules
    change, length, factor = prepared(weights, trained, rules, _random())
    hidden = rules.noise > 0 and rules.noise_at == "site"  # its exact length would tell what the noise hides
    with job.read() as session:
        facts = round_jobs.facts_of(session, model, one, None if hidden else length, None if hidden else factor)
    shortened = f", shortened to {factor:.0%}" if factor < 1 else ""
    job.log(f"The training has moved the model by {length:.3g}{shortened}; {facts.recordings:,} recordings.")
    data = deltas.delta_bytes(change)

    def send() -> None:
        with connection.folder() as folder:
            folder_rounds.contribute(folder, one, data, facts, key, progress_of(job, 1.0))

    patiently(job, send)
    job.log(f"Sent to round {one.number} of {one.slug}, signed with the key {key.public.fingerprint}.")
    return done


def merge(job: RunningJob) -> Json:
    """Merge what the sites have sent into the next version, keep and publish it; repeated after a kill, once only."""
    one, connection = _round(job)
    key = exchange_push.signing_key(job.settings)
    if one.fingerprint != key.public.fingerprint:
        raise ConflictError(f"The round is coordinated by “{one.terms.coordinator}”. Only that installation merges it.")
    if one.undone is not None:
        raise ConflictError(f"The round was undone: {one.undone.reason} Start another one.")
    with job.read() as session:
        model = round_jobs.merged_by(session, job.project_id, job.id)
        base = rounds.held(session, one.terms.base.model_sha256)
    if one.outcome is not None and model is None:
        raise ConflictError(f"The round is merged already, as {one.outcome.slug}/{one.outcome.version}.")
    place = quarantine.place(job.settings.data_dir, f"round-{job.id}")
    try:
        if model is None:
            place.mkdir(parents=True, exist_ok=True)
            model = _merged(job, one, base, connection, place)
        item = _publish(job, one, model, connection, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    job.log(f"Published as {item}. Sites pull it, and the next round starts from it.")
    return {"model_id": model.id, "item": item, "round": f"{one.slug}/{one.number}"}


def _merged(job: RunningJob, one: Round, base: Model, connection: Connection, place: Path) -> Model:
    """Average what counts, make a model of it and keep it."""
    weights = _base_weights(job, base, one)
    refused: dict[str, str] = dict(job.payload["leave_out"])
    with job.read() as session:
        for fingerprint in exchanges.trust_of(session, job.payload["exchange_id"]).refused:
            refused.setdefault(fingerprint, "its key was refused by the coordinator")
    sent: dict[str, tuple[Delta, int]] = {}
    names = {site.fingerprint: site.name for site in one.sites}
    unusable: dict[str, tuple[Site, str]] = {}
    for number, site in enumerate(one.sites):
        if site.facts is None:
            if site.fault:
                unusable[site.fingerprint] = site, site.fault
            continue
        try:
            sent[site.fingerprint] = _fetched(job, one, site, connection, place, weights), site.facts.recordings
        except (QuarantinedError, ContributionError) as problem:
            reason = problem.reason if isinstance(problem, QuarantinedError) else str(problem)
            unusable[site.fingerprint] = site, reason
        job.progress(PREPARED + (READ - PREPARED) * (number + 1) / len(one.sites), "Reading contributions")
    for site, reason in unusable.values():
        job.say("note", text=f"{site.name or site.fingerprint} does not count: {reason}")
    with judge_of(job, base) as judge:
        result = merge_deltas(
            weights, sent, one.terms.rules, _random(), left_out=refused, keep_odd=job.payload["keep_odd"],
            trial=None if judge is None else judge.macro_auroc,
        )  # fmt: skip
        for fingerprint, verdict in result.verdicts.items():
            fate = f"left out: {verdict.left_out}" if verdict.left_out else f"counts {verdict.share:.0%}"
            remark = f"; {verdict.remark}" if verdict.remark and not verdict.left_out else ""
            job.say("note", text=f"{names[fingerprint]} ({verdict.recordings:,} recordings) {fate}{remark}.")
        job.progress(MERGED, "Exporting as ONNX", always=True)
        made = made_of(base, result.weights, judge)
    sites = sum(verdict.share > 0 for verdict in result.verdicts.values())
    card = _card(one, result, {site.fingerprint: site for site in one.sites})
    said: Json = {name: _fate(verdict, names[name]) for name, verdict in result.verdicts.items()} | {
        name: _unusable(site, reason) for name, (site, reason) in unusable.items()
    }
    notes = [f"Merged from {counted(sites, 'site')} in round {one.number} of {one.slug}.", made.note]
    with job.session() as session:
        return round_jobs.keep(
            session, job.storage, job.project_id, base, one, made.spec, made.onnx, made.weights, parity=made.parity,
            evaluation=made.evaluation, card=card, job_id=job.id, notes=notes, sites=said, norm=result.norm,
        )  # fmt: skip


def _fate(verdict: object, site: str) -> Json:
    """Return what became of a contribution, as it is published."""
    names = ("recordings", "share", "norm", "longer", "cosine", "alone", "left_out")
    return {"site": site, **{name: getattr(verdict, name) for name in names}}


def _unusable(site: Site, reason: str) -> Json:
    return {
        "site": site.name, "recordings": 0, "share": 0.0, "norm": 0.0, "longer": None, "cosine": None,
        "alone": None,
        "left_out": reason[:2000],
    }  # fmt: skip


def _publish(job: RunningJob, one: Round, model: Model, connection: Connection, place: Path) -> str:
    """Publish the merged model as the next version, then say what the round has come to."""
    place.mkdir(parents=True, exist_ok=True)
    key = exchange_push.signing_key(job.settings)
    request = exchange_push.Request(
        model_id=model.id, publisher=job.payload["publisher"], slug=one.slug,
        notes=f"Federated round {one.number}: {one.terms.title}",
    )  # fmt: skip
    exchange_push.written(job.storage, model, place, None)  # what the sites have seen stays with them
    about = model.manifest["round"]
    found, _ = rounds.read_all(job.settings, job.payload["exchange_id"])

    def send() -> str:
        with connection.folder() as folder:
            said = exchange_push.send(
                folder, place, request, key, None, job.settings, again=True, progress=progress_of(job, 1.0)
            )
            slug, _, version = str(said["item"]).rpartition("/")
            outcome = Outcome(
                round_sha256=one.sha256, created=now(), slug=slug, version=int(version),
                sha256=hashlib.sha256((place / "safe.zip").read_bytes()).hexdigest(), norm=about["norm"],
                epsilon=rounds.spent(found, one.slug, one.number), sites=about["sites"],
            )  # fmt: skip
            folder_rounds.conclude(folder, one, outcome, key)
            return str(said["item"])

    return patiently(job, send)


def _fetched(job: RunningJob, one: Round, site: Site, connection: Connection, place: Path, weights: Weights) -> Delta:
    most = 4 * sum(weights[name].size for name in deltas.shared_names(weights)) + _OVERHEAD
    into = place / key_name(site.fingerprint)

    def fetch() -> bytes:
        with connection.folder() as folder:
            return folder_rounds.fetch_delta(folder, one, site, into, most)

    return deltas.read_delta(patiently(job, fetch), weights)


def _card(one: Round, result: Merged, sites: dict[str, Site]) -> TrainingCard:
    """Return how many recordings the sites that count have together: counts that they tell, and no others."""
    facts = [sites[name].facts for name, verdict in result.verdicts.items() if verdict.share > 0]
    told = [one_fact for one_fact in facts if one_fact is not None]
    n = sum(fact.recordings for fact in told)
    labels = {}
    for label in one.terms.base.labels:
        counts = [fact.labels[label] for fact in told]
        if all(count is not None for count in counts):
            labels[label] = sum(count or 0 for count in counts)
    people = [fact.patients for fact in told]
    return TrainingCard(
        dataset=f"{counted(len(told), 'site')}, federated (round {one.number})",
        n=n,
        n_patients=sum(count or 0 for count in people) if all(count is not None for count in people) else 0,
        counts={"train": {"n": n, "labels": labels}},
        data_hash=one.sha256,
    )


def _round(job: RunningJob) -> tuple[Round, Connection]:
    with job.read() as session:
        exchange = exchanges.get(session, job.payload["exchange_id"])
        connection = exchanges.connection(job.settings, exchange)
    slug, number = job.payload["slug"], job.payload["number"]
    return patiently(job, lambda: rounds.read(job.settings, exchange.id, slug, number)), connection


def _base_weights(job: RunningJob, base: Model, one: Round) -> Weights:
    data = job.storage.get(str(base.weights_key))
    if hashlib.sha256(data).hexdigest() != one.terms.base.weights_sha256:
        raise ConflictError(
            "The named weights of the base model here are not those that the round is based on. Pull it from the "
            "exchange again."
        )
    return deltas.read_weights(data)


def _check_lineage(model: Model, base: Model, one: Round) -> None:
    nearest = (model.manifest.get("lineage") or [{}])[0].get("sha256")
    if nearest != base.onnx_key:
        raise ConflictError(
            f"The model “{model.name}” was not trained from the base model of the round, {one.terms.base.slug}/"
            f"{one.terms.base.version}. Fine-tune that one, and contribute the result."
        )


def _random() -> np.random.Generator:
    """Return random numbers that nobody can guess."""
    return np.random.default_rng(secrets.randbits(256))
