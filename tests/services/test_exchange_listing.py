"""What is kept of an exchange's list: searched, ordered, and beside each model what is known of its key."""

from dataclasses import replace

import pytest

from backend.db.session import write_session
from backend.db.tables import Model
from backend.errors import NotFoundError
from backend.exchange.bare_onnx import BareModel
from backend.exchange.index import Row
from backend.exchange.listing import Listing, Metric
from backend.ml.packaging.manifest import Ancestor
from backend.services import exchange_listing, exchanges, projects
from backend.services.exchange_listing import Query
from backend.settings import Settings
from tests.model_files import SPEC

LEADS = ("I", "II", "V1")


def _listing(name: str, version: int = 1, **changes: object) -> Listing:
    key = f"{name.lower()}{version}".encode().hex().ljust(64, "0")
    one = Listing(
        slug=name.lower(), version=version, name=name, publisher="Ward 3", published=f"2026-01-0{version}T00:00:00Z",
        notes="", licence="CC BY 4.0", intended_use="adults", task="multi_label", architecture="cardx",
        labels=("AF", "MI"), label_names=("Fibrillation", "Infarction"), leads=LEADS, rate=100, seconds=10,
        parameters=10, sha256="a" * 64, size=1000, model_sha256=key,
        metrics=(), tested_on=100, trained_on=900, drawn_by="patient", lineage=(), predicts=True, fine_tunes=True,
    )  # fmt: skip
    return replace(one, **changes)


def _auroc(value: float | None, name: str = "macro_auroc") -> tuple[Metric, ...]:
    return (Metric(name=name, value=value),)


ROWS = [
    Row(listing=_listing("Good", metrics=_auroc(0.9), size=3000), fingerprint="ab"),
    Row(listing=_listing("Best", metrics=_auroc(0.95), task="single_label", leads=("aVR",)), fingerprint="cd"),
    Row(listing=_listing("Best", 2, metrics=_auroc(0.96), licence="MIT"), fingerprint="cd"),
    Row(listing=_listing("Untested", publisher="Clinic", architecture="s4", size=500), fingerprint="ef"),
    Row(
        listing=_listing("Gone", metrics=_auroc(0.99), lineage=(Ancestor(name="B", architecture="", sha256="b" * 64),)),
        fingerprint="ab", withdrawn="wrong labels",
    ),
    Row(listing=_listing("Potassium", task="regression", labels=("K",), label_names=("K",),
                         metrics=_auroc(0.5, "macro_r2")), fingerprint="ab"),
]  # fmt: skip
BARE = BareModel(name="net.onnx", size=700, etag="1", spec=SPEC)


@pytest.fixture
def exchange_id(installed: Settings) -> str:
    with write_session(installed.resolved_database_url) as session:
        row = exchanges.add(session, installed, exchanges.Request(name="E", url="https://dav.example.org/"))
        kept = [exchange_listing._kept(one) for one in ROWS] + [{"bare": exchange_listing._bare_json(BARE)}]
        exchange_listing.keep(session, row.id, kept)
        return row.id


def _found(settings: Settings, exchange_id: str, **query: object) -> list[str]:
    with write_session(settings.resolved_database_url) as session:
        found = exchange_listing.search(session, exchanges.get(session, exchange_id), Query(**query))
        return [one.place for one in found]


def test_the_best_stands_first_values_after_labels_and_untested_ones_last(
    installed: Settings, exchange_id: str
) -> None:
    assert _found(installed, exchange_id) == ["best/2", "good/1", "potassium/1", "net.onnx", "untested/1"]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"order": "name"}, ["best/2", "good/1", "net.onnx", "potassium/1", "untested/1"]),
        ({"order": "smallest"}, ["untested/1", "net.onnx", "best/2", "potassium/1", "good/1"]),
        ({"old_versions": True, "text": "best"}, ["best/2", "best/1"]),
        ({"withdrawn": True, "text": "gone"}, ["gone/1"]), ({"text": "gone"}, []),
        ({"text": "CLINIC untested"}, ["untested/1"]), ({"label": "k"}, ["potassium/1"]),
        ({"label": "infarction"}, ["best/2", "good/1", "net.onnx", "untested/1"]),
        ({"task": "regression"}, ["potassium/1"]), ({"architecture": "S4"}, ["untested/1"]),
        ({"licence": "mit"}, ["best/2"]), ({"lead": "aVR", "old_versions": True}, ["best/1", "net.onnx"]),
        ({"most_bytes": 700}, ["net.onnx", "untested/1"]), ({"least_score": 0.9}, ["best/2", "good/1"]),
        ({"least_score": 0.2}, ["best/2", "good/1", "potassium/1"]),
        ({"lineage": "b" * 64, "withdrawn": True}, ["gone/1"]),
    ],
)  # fmt: skip
def test_models_are_found_by_each_of_what_they_say(
    installed: Settings, exchange_id: str, query: dict[str, object], places: list[str]
) -> None:
    assert _found(installed, exchange_id, **query) == places


def test_a_name_means_the_newest_version_that_was_not_withdrawn(installed: Settings, exchange_id: str) -> None:
    with write_session(installed.resolved_database_url) as session:
        row = exchanges.get(session, exchange_id)
        assert exchange_listing.find(session, row, "Best").place == "best/2"
        assert exchange_listing.find(session, row, "best/1").place == "best/1"
        assert exchange_listing.find(session, row, "gone").withdrawn == "wrong labels"
        with pytest.raises(NotFoundError, match="Read its list again"):
            exchange_listing.find(session, row, "nobody")


def test_beside_each_model_stands_what_is_known_of_its_key_and_whether_it_is_here(
    installed: Settings, exchange_id: str
) -> None:
    with write_session(installed.resolved_database_url) as session:
        for publisher, fingerprint, status in (
            ("Ward 3", "ab", "trusted"), ("Clinic", "ef", "refused"),
        ):  # fmt: skip
            exchanges.decide(session, exchange_id, publisher, fingerprint, status)
        project = projects.create(session, "Ward")
        session.add(Model(project_id=project.id, name="Mine", architecture="", onnx_key=ROWS[0].listing.model_sha256))
        session.flush()
        found = {one.place: one for one in exchange_listing.items(session, exchanges.get(session, exchange_id))}
    assert {place: one.signature for place, one in found.items()} == {
        "good/1": "trusted", "best/1": "another key", "best/2": "another key", "untested/1": "refused",
        "gone/1": "trusted", "potassium/1": "trusted", "net.onnx": "unsigned",
    }  # fmt: skip
    assert [one.name for one in found["good/1"].here] == ["Mine"]
    assert [place for place, one in found.items() if one.here] == ["good/1"]
    assert [place for place, one in found.items() if not one.newest] == ["best/1"]
