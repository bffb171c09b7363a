"""Exchanges and what they offer, as they look on the wire."""

from typing import Literal

from sqlalchemy.orm import Session

from backend.api.schemas.exchanges import Exchange, ExchangeModel, HeldModel, ListedMetric
from backend.api.schemas.models import Ancestor, ModelScore
from backend.db import tables
from backend.services import exchange_listing
from backend.services.exchange_listing import Item, Query


def exchange_shown(session: Session, row: tables.Exchange) -> Exchange:
    """Return an exchange without its password."""
    columns = ("id", "name", "url", "username", "access", "certificate", "plain_http", "listed_at", "created_at")
    n = len(exchange_listing.search(session, row, Query()))
    return Exchange(**{name: getattr(row, name) for name in columns}, has_password=row.has_secret, n_models=n)


def model_shown(item: Item) -> ExchangeModel:
    """Return a version of a model, or a bare ONNX file."""
    common = {
        "place": item.place, "versions": item.versions, "newest": item.newest, "fingerprint": item.fingerprint,
        "signature": item.signature, "withdrawn": item.withdrawn,
        "here": [
            HeldModel(project_id=one.project_id, project_name=one.project_name, model_id=one.model_id, name=one.name)
            for one in item.here
        ],
    }  # fmt: skip
    return _signed(item, common) if item.bare is None else _bare(item, common)


def _signed(item: Item, common: dict[str, object]) -> ExchangeModel:
    told = item.listing
    assert told is not None
    names = (
        "name", "slug", "version", "publisher", "published", "notes", "licence", "intended_use", "task", "architecture",
        "rate", "seconds", "parameters", "size", "tested_on", "trained_on", "predicts", "fine_tunes",
    )  # fmt: skip
    measure: Literal["macro_r2", "macro_auroc"] = "macro_r2" if told.task == "regression" else "macro_auroc"
    own = next((one for one in told.metrics if one.name == measure), None)
    return ExchangeModel(
        **common,
        **{name: getattr(told, name) for name in names},
        bare=False,
        labels=list(told.labels),
        label_names=list(told.label_names),
        leads=list(told.leads),
        metrics=[ListedMetric(name=one.name, value=one.value, low=one.low, high=one.high) for one in told.metrics],
        score=own and ModelScore(measure=measure, value=own.value, low=own.low, high=own.high),
        lineage=[Ancestor(**one.to_dict()) for one in told.lineage],
        sha256=told.model_sha256,
        why="",
    )


def _bare(item: Item, common: dict[str, object]) -> ExchangeModel:
    bare = item.bare
    assert bare is not None
    spec = bare.spec
    return ExchangeModel(
        **common,
        bare=True, name=bare.name, slug="", version=None, publisher="", published="", notes="", licence="",
        intended_use="", architecture=spec.architecture if spec else "", task=spec.task if spec else None,
        labels=list(spec.labels) if spec else [], label_names=list(spec.label_names) if spec else [],
        leads=list(spec.leads) if spec else [], rate=spec.preprocessing.rate if spec else None,
        seconds=spec.preprocessing.window_s if spec else None, parameters=None, size=bare.size, metrics=[], score=None,
        tested_on=0, trained_on=0, lineage=[], predicts=True, fine_tunes=True, sha256="", why=bare.why,
    )  # fmt: skip
