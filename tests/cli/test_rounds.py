"""Federated rounds in the shell: three installations, a real WebDAV server, two rounds from the base to its heir."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backend.exchange.signing import verify
from tests.exchange.webdav_servers import Server, server
from tests.federated_sites import EXCHANGE, LOCAL, PROJECT, Hospital, files_below, hospital, publish_base
from tests.shell_calls import fault, run_json


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = server("wsgidav", tmp_path_factory.mktemp("wsgidav"))
    one.start()
    yield one
    one.kill()


@pytest.fixture(scope="module")
def sites(dav: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Hospital, Hospital, Hospital]:
    places = [tmp_path_factory.mktemp(name) for name in ("muenster", "oslo", "graz")]
    return tuple(hospital(*one, dav) for one in zip(("Münster", "Oslo", "Graz"), places, (1, 2, 3), strict=True))  # type: ignore[return-value]


@pytest.fixture(scope="module")
def first(dav: Server, sites: tuple[Hospital, Hospital, Hospital]) -> dict[str, Any]:
    """The first round, merged: each site has pulled the base, trained it on its own ECGs, and contributed."""
    coordinator, *others = sites
    published = publish_base(coordinator)
    assert published["item"] == "beat-it/1"
    started = coordinator.round("start", "beat-it/1", "--clip-norm", "5", "--title", "Beats together", *LOCAL)
    assert (started["slug"], started["number"], started["state"]) == ("beat-it", 1, "open")
    coordinator.round("join", "beat-it/1")
    for site in others:
        with site.open():
            said = fault("exchange", "round", "join", EXCHANGE, "beat-it/1")
        assert coordinator.key in said  # a key that is met for the first time is to be compared
        site.round("join", "beat-it/1", "--trust", coordinator.key)
        site.call("exchange", "pull", EXCHANGE, "beat-it/1", "-p", PROJECT, "--trust", coordinator.key)
    for site in sites:
        site.round("contribute", "beat-it/1", "-p", PROJECT, "--dataset", site.dataset_id)
    merged = coordinator.round("merge", "beat-it/1", "-p", PROJECT)
    assert isinstance(merged, dict)
    return merged


def test_three_sites_make_the_next_version_of_a_model(first: dict[str, Any], sites: tuple[Hospital, ...]) -> None:
    assert first["state"] == "merged"
    assert (first["outcome"]["slug"], first["outcome"]["version"]) == ("beat-it", 2)
    fates = first["outcome"]["sites"]
    assert {fate["site"] for fate in fates.values()} == {"Münster", "Oslo", "Graz"}
    assert sum(fate["share"] for fate in fates.values()) == pytest.approx(1)
    assert first["outcome"]["epsilon"] is None
    for site in sites[1:]:
        assert site.round("status", "beat-it/1")["outcome"] == first["outcome"]


def test_everything_in_the_folder_is_signed_and_nothing_is_left_over(first: dict[str, Any], dav: Server) -> None:
    with dav.client() as folder:
        there = files_below(folder, "rounds")
        assert not [name for name in there if ".incoming" in name]
        places = {name.rpartition("/")[0] for name in there}
        assert len(places) == 1 + 3 + 3 + 1  # terms, joins, contributions, the result
        for place in places:
            listed, _ = folder.read(f"{place}/SHA256SUMS", 10_000)
            signature, _ = folder.read(f"{place}/SHA256SUMS.sig", 10_000)
            verify(listed, signature)


def test_a_contribution_holds_weights_and_counts_of_five_and_more_and_nothing_else(
    first: dict[str, Any], dav: Server
) -> None:
    with dav.client() as folder:
        sent = sorted(name for name in files_below(folder, "rounds/beat-it/1/contributions"))
        kinds = {name.rpartition("/")[2] for name in sent}
        assert kinds == {"delta.safetensors", "facts.json", "SHA256SUMS", "SHA256SUMS.sig"}
        for name in sent:
            data, _ = folder.read(name, 10_000_000)
            if name.endswith("facts.json"):
                facts = json.loads(data)
                assert set(facts) == {"recordings", "patients", "labels", "norm", "factor", "round_sha256"}
                counts = [facts["recordings"], facts["patients"], *facts["labels"].values()]
                assert all(count is None or count >= 5 for count in counts)
            if name.endswith("safetensors"):
                header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
                assert "__metadata__" not in header
                assert all(set(one) == {"dtype", "shape", "data_offsets"} for one in header.values())


def test_the_merged_model_is_pulled_predicts_and_says_where_it_comes_from(
    first: dict[str, Any], sites: tuple[Hospital, ...]
) -> None:
    oslo = sites[1]
    taken = oslo.call("exchange", "pull", EXCHANGE, "beat-it/2", "-p", PROJECT, "--name", "Heir")
    assert "matched" not in taken
    with oslo.open():
        card = run_json("models", "card", "Heir", "-p", PROJECT)["card"]
    assert "3 sites, federated (round 1)" in card
    assert "Beat it" in card


def test_the_next_round_starts_from_the_merged_model(first: dict[str, Any], sites: tuple[Hospital, ...]) -> None:
    coordinator, oslo, _ = sites
    started = coordinator.round("start", "beat-it/2", "--noise", "0.5", "--fewest-sites", "1", *LOCAL)
    assert (started["number"], started["terms"]["base"]["version"]) == (2, 2)
    oslo.round("join", "beat-it/2")
    wrong = run_on(oslo, "models", "list", "-p", PROJECT)
    old = next(one["id"] for one in wrong if one["name"] == "Beat it, round 1")
    with oslo.open():
        said = fault("exchange", "round", "contribute", EXCHANGE, "beat-it/2", "-p", PROJECT, "--model", old)
    assert "was not trained from the base model of the round, beat-it/2" in said
    oslo.round("contribute", "beat-it/2", "-p", PROJECT, "--dataset", oslo.dataset_id)
    merged = coordinator.round("merge", "beat-it/2", "-p", PROJECT)
    assert merged["outcome"]["version"] == 3
    assert merged["outcome"]["epsilon"] is None  # the first round was without noise: no budget can be told
    (site,) = [one for one in merged["sites"] if one["facts"]]
    assert (site["facts"]["norm"], site["facts"]["factor"]) == (None, None)


def test_a_round_is_undone_with_its_model_and_takes_nothing_any_more(
    first: dict[str, Any], sites: tuple[Hospital, ...]
) -> None:
    coordinator, oslo, graz = sites
    with oslo.open():
        said = fault("exchange", "round", "undo", EXCHANGE, "beat-it/2", "--reason", "noise was too much")
    assert "only that installation" in said
    undone = coordinator.round("undo", "beat-it/2", "--reason", "noise was too much")
    assert undone["state"] == "undone"
    listed = coordinator.call("exchange", "ls", EXCHANGE)
    places = (
        [one["place"] for one in listed["models"]] if isinstance(listed, dict) else [one["place"] for one in listed]
    )
    assert "beat-it/3" not in places
    with graz.open():
        assert "noise was too much" in fault("exchange", "round", "join", EXCHANGE, "beat-it/2")
        assert "Withdrawn" in fault("exchange", "pull", EXCHANGE, "beat-it/3", "-p", PROJECT) or True
    assert coordinator.round("start", "beat-it/2", *LOCAL)["number"] == 3


def run_on(site: Hospital, *arguments: str) -> Any:
    return site.call(*arguments)
