"""Rounds in a folder where anybody can write anything: what is signed for another round, by another key, or hostile."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.exchange import rounds, signed
from backend.exchange.errors import AbsentError, AccessRefusedError, QuarantinedError, TakenError
from backend.exchange.round_files import BaseModel, Outcome, Terms, key_name
from backend.exchange.signing import SigningKey
from backend.exchange.webdav import Folder
from backend.ml.federated.delta import delta_bytes
from backend.ml.federated.facts import ContributionFacts
from backend.ml.federated.rules import Rules
from tests.exchange.webdav_servers import Server, server

COORDINATOR, SITE, OTHER = SigningKey.new(), SigningKey.new(), SigningKey.new()
DELTA = delta_bytes({"head.bias": np.ones(2, np.float32)})


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = server("wsgidav", tmp_path_factory.mktemp("wsgidav"))
    one.start()
    yield one
    one.kill()


@pytest.fixture
def folder(dav: Server, request: pytest.FixtureRequest) -> Iterator[Folder]:
    with dav.subfolder(f"of-{abs(hash(request.node.name))}") as one:
        yield one


def terms(**changes: Any) -> Terms:
    base = BaseModel(
        slug="beats", version=1, name="Beats", sha256="1" * 64, model_sha256="2" * 64, weights_sha256="3" * 64,
        labels=("AFIB", "NORM"),
    )  # fmt: skip
    usual: dict[str, Any] = {
        "title": "Together", "coordinator": "Münster", "created": "2030-01-01T00:00:00+00:00", "deadline": "",
        "base": base, "rules": Rules(), "training": {"max_epochs": 2}, "nonce": "5" * 32,
    }  # fmt: skip
    return Terms(**(usual | changes))


def begun(folder: Folder, **changes: Any) -> rounds.Round:
    return rounds.read_round(folder, *rounds.start(folder, terms(**changes), COORDINATOR))


def facts(one: rounds.Round, n: int = 100) -> ContributionFacts:
    return ContributionFacts(
        recordings=n, patients=n, labels={"AFIB": 20, "NORM": None}, norm=1.0, factor=1.0, round_sha256=one.sha256
    )


def joined(folder: Folder, one: rounds.Round, key: SigningKey = SITE, name: str = "Oslo") -> rounds.Round:
    rounds.join(folder, one, name, key)
    return rounds.read_round(folder, one.slug, one.number)


def the_site(folder: Folder, one: rounds.Round) -> rounds.Site:
    (site,) = rounds.read_round(folder, one.slug, one.number).sites
    return site


def test_terms_go_out_and_come_back_signed(folder: Folder) -> None:
    one = begun(folder, deadline="2099-01-01T00:00:00+00:00")
    assert one.terms == terms(deadline="2099-01-01T00:00:00+00:00", number=1)
    assert (one.state, one.fingerprint) == ("open", COORDINATOR.public.fingerprint)


def test_rounds_of_a_model_are_numbered_and_two_at_once_get_two_numbers(folder: Folder) -> None:
    assert [begun(folder).number for _ in range(3)] == [1, 2, 3]
    assert rounds.list_rounds(folder) == ([("beats", 1), ("beats", 2), ("beats", 3)], [])


def test_a_site_joins_contributes_and_is_read_back(folder: Folder, tmp_path: Path) -> None:
    one = joined(folder, begun(folder))
    rounds.contribute(folder, one, DELTA, facts(one), SITE)
    site = the_site(folder, one)
    assert (site.name, site.facts, site.fault) == ("Oslo", facts(one), "")
    assert rounds.fetch_delta(folder, one, site, tmp_path / "delta", 10_000) == DELTA


def test_a_second_contribution_takes_that_the_first_is_taken_back(folder: Folder) -> None:
    one = joined(folder, begun(folder))
    rounds.contribute(folder, one, DELTA, facts(one), SITE)
    with pytest.raises(TakenError, match="Take that contribution back first"):
        rounds.contribute(folder, one, DELTA, facts(one), SITE)
    rounds.take_back(folder, one, SITE)
    rounds.contribute(folder, one, DELTA, facts(one, 50), SITE)
    assert the_site(folder, one).facts == facts(one, 50)


def test_the_terms_of_one_round_are_not_those_of_another(folder: Folder) -> None:
    begun(folder)
    signed.put(folder, "rounds/beats/2/terms", {"round.json": terms(number=1).to_json()}, COORDINATOR)
    with pytest.raises(QuarantinedError, match="terms of another round"):
        rounds.read_round(folder, "beats", 2)


def test_what_was_signed_for_one_round_does_not_count_in_another(folder: Folder) -> None:
    first, second = joined(folder, begun(folder)), joined(folder, begun(folder))
    rounds.contribute(folder, first, DELTA, facts(first), SITE)
    rounds.contribute(folder, second, DELTA, facts(first), SITE)
    site = the_site(folder, second)
    assert site.facts is None
    assert "made for another round" in site.fault


def test_a_contribution_under_another_sites_key_does_not_count(folder: Folder) -> None:
    one = joined(folder, begun(folder))
    place = f"{one.path}/contributions/{key_name(SITE.public.fingerprint)}"
    signed.put(folder, place, {"delta.safetensors": DELTA, "facts.json": facts(one).to_json().encode()}, OTHER)
    assert "signed by another key" in the_site(folder, one).fault


def test_changed_bytes_are_found_out(folder: Folder, tmp_path: Path) -> None:
    one = joined(folder, begun(folder))
    rounds.contribute(folder, one, DELTA, facts(one), SITE)
    site, place = the_site(folder, one), f"{one.path}/contributions/{key_name(SITE.public.fingerprint)}"
    folder.write(f"{place}/delta.safetensors", DELTA[:-1] + b"\0")
    with pytest.raises(QuarantinedError, match="not the file that was signed"):
        rounds.fetch_delta(folder, one, site, tmp_path / "delta", 10_000)
    assert not (tmp_path / "delta").exists()
    folder.write(f"{place}/facts.json", facts(one, 10**6).to_json().encode())
    assert "not the file that was signed" in the_site(folder, one).fault


def test_too_large_a_delta_is_not_read_to_its_end(folder: Folder, tmp_path: Path) -> None:
    one = joined(folder, begun(folder))
    rounds.contribute(folder, one, b"x" * 200_000, facts(one), SITE)
    with pytest.raises(Exception, match=r"larger|more than|longer"):
        rounds.fetch_delta(folder, one, the_site(folder, one), tmp_path / "delta", 1000)
    assert not (tmp_path / "delta").exists()


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a small count": ({"labels": {"AFIB": 3, "NORM": None}}, "AFIB"),
    "more than counts": ({"patient_ids": ["p1"]}, "unknown fields"),
    "no number": ({"recordings": "many"}, "recordings"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_facts_that_tell_too_much_or_nothing_do_not_count(folder: Folder, what: str) -> None:
    changes, reason = HOSTILE[what]
    one = joined(folder, begun(folder))
    place = f"{one.path}/contributions/{key_name(SITE.public.fingerprint)}"
    said = json.dumps(json.loads(facts(one).to_json()) | changes).encode()
    signed.put(folder, place, {"delta.safetensors": DELTA, "facts.json": said}, SITE)
    site = the_site(folder, one)
    assert site.facts is None
    assert reason in site.fault


def test_who_has_not_joined_or_was_not_invited_does_not_count(folder: Folder) -> None:
    one = begun(folder)
    rounds.contribute(folder, one, DELTA, facts(one), SITE)
    assert "without joining" in the_site(folder, one).fault
    closed = begun(folder, invited=(OTHER.public.fingerprint,))
    with pytest.raises(AccessRefusedError, match="not among"):
        rounds.join(folder, closed, "Oslo", SITE)
    forced = replace(closed, terms=terms())
    rounds.join(folder, forced, "Oslo", SITE)
    assert "not invited" in the_site(folder, closed).fault


def test_after_the_deadline_nothing_is_taken(folder: Folder) -> None:
    late = begun(folder, deadline="2020-01-01T00:00:00+00:00")
    assert late.state == "closed"
    with pytest.raises(TakenError, match="has passed"):
        rounds.join(folder, late, "Oslo", SITE)


def outcome(one: rounds.Round) -> Outcome:
    return Outcome(
        round_sha256=one.sha256, created="2030-01-02T00:00:00+00:00", slug="beats", version=2, sha256="4" * 64,
        norm=1.0, epsilon=None, sites={},
    )  # fmt: skip


def test_only_the_coordinator_ends_a_round(folder: Folder) -> None:
    one = begun(folder)
    for do in (
        lambda: rounds.conclude(folder, one, outcome(one), OTHER),
        lambda: rounds.undo(folder, one, "no", OTHER),
    ):
        with pytest.raises(AccessRefusedError, match="only that installation"):
            do()
    signed.put(folder, f"{one.path}/merged", {"merged.json": outcome(one).to_json()}, OTHER)
    read = rounds.read_round(folder, "beats", 1)
    assert read.outcome is None
    assert "not signed by the coordinator" in read.notes[0]


def test_a_round_that_was_undone_meanwhile_is_not_merged(folder: Folder) -> None:
    one = begun(folder)
    rounds.undo(folder, one, "wrong base", COORDINATOR)
    undone = rounds.read_round(folder, "beats", 1)
    assert undone.state == "undone"
    with pytest.raises(TakenError, match="undone meanwhile"):
        rounds.conclude(folder, undone, outcome(one), COORDINATOR)
    with pytest.raises(TakenError, match="wrong base"):
        rounds.join(folder, undone, "Oslo", SITE)


def test_unsigned_foreign_and_half_uploaded_things_harm_no_round(folder: Folder) -> None:
    one = joined(folder, begun(folder))
    folder.make_folder(f"{one.path}/sites/.incoming-0123")
    folder.make_folder(f"{one.path}/sites/{'0' * 32}")
    folder.make_folder(f"{one.path}/sites/..evil name")
    folder.make_folder("rounds/Not A Slug")
    read = rounds.read_round(folder, "beats", 1)
    assert {site.fault.split(".")[0][:20]: site.name for site in read.sites if not site.fault} == {"": "Oslo"}
    assert len([site for site in read.sites if site.fault]) == 2
    assert "Not A Slug" in rounds.list_rounds(folder)[1][0]
    with pytest.raises(AbsentError):
        rounds.read_round(folder, "beats", 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("slug", "../models"), ("model_sha256", "x"), ("version", 0), ("labels", "NORM")],
)  # fmt: skip
def test_hostile_terms_are_refused(folder: Folder, name: str, value: Any) -> None:
    said = json.loads(terms(number=1).to_json())
    said["base"][name] = value
    signed.put(folder, "rounds/beats/1/terms", {"round.json": json.dumps(said).encode()}, COORDINATOR)
    with pytest.raises(QuarantinedError, match=name):
        rounds.read_round(folder, "beats", 1)
