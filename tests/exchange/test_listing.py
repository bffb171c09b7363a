"""Listings, slugs and the index: strict readers of what anybody may have written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.exchange.errors import AddressError, ListingError
from backend.exchange.index_file import FORMAT, Row, parse, written
from backend.exchange.layout import is_slug, slug_of, version_of, version_path
from backend.exchange.listing import Listing, cleaned, listing_of
from backend.ml.packaging.manifest import FileFacts
from tests.exchange.packages import LABELS, manifest

H = "a" * 64


def a_listing(**changes: Any) -> Listing:
    said = manifest(files={"model.onnx": FileFacts(sha256=H, size=1)})
    facts = {"slug": "x", "version": 3, "publisher": "Ward 3", "published": "2026-01-02T03:04:05+00:00", "notes": ""}
    return listing_of(said, **(facts | {"sha256": "b" * 64, "size": 10} | changes))


def test_a_listing_is_read_as_it_was_written() -> None:
    one = a_listing(notes="two\nlines")
    assert Listing.from_json(one.to_json()) == one
    assert Listing.from_dict(one.to_dict()) == one
    assert one.to_json() == a_listing(notes="two\nlines").to_json()


def test_a_listing_tells_what_the_manifest_says() -> None:
    one = a_listing()
    said = manifest()
    assert (one.name, one.licence, one.labels, one.tested_on, one.trained_on) == (
        "Rhythm ß model", "CC BY 4.0", LABELS, 400, 300,  # 700 in all, 400 of them tested on
    )  # fmt: skip
    assert (one.model_sha256, one.lineage, one.fine_tunes, one.predicts) == (H, said.lineage, False, True)
    auroc = next(metric for metric in one.metrics if metric.name == "macro_auroc")
    assert auroc.value == said.evaluation["macro_auroc"]["value"]
    assert auroc.low < auroc.value < auroc.high


@pytest.mark.parametrize("change", [
    {"format": "other"}, {"schema_version": 2}, {"schema_version": 0}, {"schema_version": True}, {"version": 0},
    {"version": "1"}, {"slug": "../x"}, {"slug": "X"},
    {"name": "a\x1b[31mb"}, {"name": "a\u202eb"}, {"name": "x" * 201},
    {"sha256": H.upper()}, {"sha256": "x"}, {"size": -1}, {"size": 2**60}, {"labels": []}, {"labels": ["a"]},
    {"labels": "NORM"}, {"task": "any"}, {"metrics": [{}]}, {"metrics": "x"}, {"lineage": [{"name": "x"}]},
    {"rate": "100"}, {"rate": -1}, {"predicts": 1}, {"extra": 1}, {"leads": None}, {"drawn_by": "lot"},
    {"metrics": [{"name": "m", "value": 1e300, "low": None, "high": None}]}, {"notes": "x" * 10_001},
])  # fmt: skip
def test_a_listing_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ListingError):
        Listing.from_json(json.dumps(a_listing().to_dict() | change).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"[" * 100_000, b'{"a": NaN}', b" " * 2_000_000, b"\xff"])
def test_what_is_no_json_is_no_listing(data: bytes) -> None:
    for read in (Listing.from_json, parse):
        if read is parse and not data.strip():
            continue
        with pytest.raises(ListingError):
            read(data)


def test_a_field_that_is_missing_is_named() -> None:
    for name in a_listing().to_dict():
        data = {key: value for key, value in a_listing().to_dict().items() if key != name}
        with pytest.raises(ListingError):
            Listing.from_dict(data)


@given(st.text(max_size=200))
def test_every_name_has_a_slug(name: str) -> None:
    slug = slug_of(name)
    assert is_slug(slug)
    assert slug_of(slug) == slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(("name", "slug"), [
    ("Rhythm ß model", "rhythm-ss-model"),
    ("Änderung Öl Übung", "aenderung-oel-uebung"), ("A\u0308nderung", "aenderung"),
    ("../../etc/passwd", "etc-passwd"), ("日本", "model"), ("", "model"), ("a" * 99, "a" * 60), ("--A__B--", "a-b"),
    ("é²", "e2"), ("K\u212a", "kk"),
])  # fmt: skip
def test_slugs_are_spelled(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(("slug", "version"), [("..", 1), ("a/b", 1), ("", 1), ("a", 0), ("a", -1), ("a", 10**9)])
def test_no_path_is_made_of_what_is_no_model(slug: str, version: int) -> None:
    with pytest.raises(AddressError):
        version_path(slug, version)


@pytest.mark.parametrize("name", ["", "0", "01", "1.0", "-1", "1e2", "²", "٣", "1000000", "x"])
def test_a_folder_that_is_no_number_is_no_version(name: str) -> None:
    assert version_of(name) is None
    assert version_of("17") == 17


@given(st.text(max_size=100))
def test_a_cleaned_text_moves_no_terminal(text: str) -> None:
    for lines in (False, True):
        clean = cleaned(text, lines=lines)
        assert not any(ord(sign) < 32 and not (lines and sign in "\n\t") for sign in clean)
        assert cleaned(clean, lines=lines) == clean


def test_the_index_keeps_rows_of_newer_versions_of_the_platform() -> None:
    strange = {"listing": {"slug": "new", "version": 1, "schema_version": 99}, "more": [1]}
    row = Row(listing=a_listing(), fingerprint="ab cd")
    rows = parse(json.dumps({"format": FORMAT, "schema_version": 1, "rows": [strange, row.to_dict(), 7, {}]}).encode())
    assert rows == {("new", 1): strange, ("x", 3): row.to_dict()}
    assert parse(written(rows)) == rows
    assert Row.from_dict(rows["x", 3]) == row


@pytest.mark.parametrize("told", [
    {"format": "x", "schema_version": 1, "rows": []}, {"format": FORMAT, "schema_version": 2, "rows": []},
    {"format": FORMAT, "schema_version": 1, "rows": {}}, {"format": FORMAT, "schema_version": 1},
    {"format": FORMAT, "schema_version": 1, "rows": [{}] * 10_001},
    {"format": FORMAT, "rows": [], "schema_version": 1, "a": 1},
])  # fmt: skip
def test_an_index_that_is_none_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ListingError):
        parse(json.dumps(told).encode())


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_bring_the_readers_down(data: bytes) -> None:
    for read in (Listing.from_json, parse):
        try:
            read(data)
        except ListingError:
            continue
        assert not data.strip()
