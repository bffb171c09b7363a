"""A model goes from one hospital to another over each real server, and two publishers do not lose each other's."""

import json
import threading
from pathlib import Path

import pytest

from backend.exchange.errors import AccessRefusedError, AddressError, NotPublishableError, WithdrawnError
from backend.exchange.fetch import describe, fetch
from backend.exchange.index import read_catalogue
from backend.exchange.publish import Published, publish, withdraw
from backend.exchange.signing import SigningKey
from backend.exchange.trust import Trust
from tests.exchange.packages import LABELS, MOST, a_package, raw
from tests.exchange.webdav_servers import Server


def test_a_published_model_is_listed_described_and_fetched_to_the_byte(dav: Server, tmp_path: Path) -> None:
    package, key = a_package(tmp_path), SigningKey.new()
    told: list[tuple[int, int]] = []
    with dav.subfolder("to the byte") as folder:
        published = publish(
            folder, package, key, publisher="Ward 3", notes="First\nof all.", most=MOST,
            progress=lambda *both: told.append(both),
        )  # fmt: skip
        assert (published.slug, published.version, published.notes) == ("rhythm-ss-model", 1, ())
        assert told[-1] == (package.stat().st_size,) * 2
        (row,) = read_catalogue(folder).rows
        assert row.listing == published.listing
        assert (row.listing.labels, row.listing.publisher, row.listing.notes) == (LABELS, "Ward 3", "First\nof all.")
        assert row.fingerprint == key.public.fingerprint
        seen = describe(folder, "rhythm-ss-model", 1, Trust())
        assert (seen.listing, seen.is_new, seen.withdrawn) == (row.listing, True, "")
        assert "# Rhythm ß model" in seen.card
        fetched = fetch(folder, "rhythm-ss-model", 1, tmp_path / "here", Trust(), most=MOST)
        assert fetched.path.read_bytes() == package.read_bytes()
        assert (fetched.key, fetched.is_new) == (key.public, True)
        known = Trust({"Ward 3": {key.public.fingerprint}})
        assert not fetch(folder, "rhythm-ss-model", 1, tmp_path / "again", known, most=MOST).is_new
    on_server = {name for name, path in dav.on_disk("to the byte").items() if path.is_file()}
    names = ("SHA256SUMS", "SHA256SUMS.sig", "card.md", "listing.json", "package.zip")
    assert on_server == {"index.json", *(f"models/rhythm-ss-model/1/{name}" for name in names)}


def test_of_publishers_at_once_each_gets_a_version_and_none_is_lost(dav: Server, tmp_path: Path) -> None:
    package, done, wrong = a_package(tmp_path), [], []
    dav.subfolder("at once").close()
    barrier = threading.Barrier(4)

    def one(number: int) -> None:
        try:
            with dav.client("at once/", attempts=8) as folder:
                barrier.wait()
                done.append(publish(folder, package, SigningKey.new(), publisher=f"Ward {number}", most=MOST))
        except Exception as problem:  # noqa: BLE001  # told below
            wrong.append(problem)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sorted(one.version for one in done) == [1, 2, 3, 4]
    with dav.client("at once/") as folder:
        catalogue = read_catalogue(folder)
        assert {row.key: row.listing.publisher for row in catalogue.rows} == {
            (one.slug, one.version): one.listing.publisher for one in done
        }
        assert catalogue.notes == ()
        for version in range(1, 5):
            fetch(folder, "rhythm-ss-model", version, tmp_path / str(version), Trust(), most=MOST)
        assert {entry.name for entry in folder.list()} == {"index.json", "models"}
    index = json.loads((dav.root / "at once" / "index.json").read_bytes())
    assert sorted(row["listing"]["version"] for row in index["rows"]) == [1, 2, 3, 4]


def test_a_withdrawn_model_says_why_and_is_not_fetched(dav: Server, tmp_path: Path) -> None:
    key, slug = SigningKey.new(), "rhythm-ss-model"
    with dav.subfolder("withdrawn") as folder:
        publish(folder, a_package(tmp_path), key, publisher="Ward 3", most=MOST)
        with pytest.raises(AccessRefusedError, match="another key"):
            withdraw(folder, slug, 1, SigningKey.new(), "I do not like it")
        assert withdraw(folder, slug, 1, key, "It confuses\nMI with NORM.") == ()
        assert [row.withdrawn for row in read_catalogue(folder).rows] == ["It confuses\nMI with NORM."]
        assert describe(folder, slug, 1, Trust()).withdrawn == "It confuses\nMI with NORM."
        with pytest.raises(WithdrawnError, match="It confuses"):
            fetch(folder, slug, 1, tmp_path / "here", Trust(), most=MOST)
        assert not (dav.root / "withdrawn" / "models" / slug / "1" / "package.zip").exists()
        assert publish(folder, a_package(tmp_path), key, publisher="Ward 3", most=MOST).version == 2


def test_the_same_package_is_not_published_twice_by_the_same_hand(wsgidav: Server, tmp_path: Path) -> None:
    package, key = a_package(tmp_path), SigningKey.new()

    def again(by: SigningKey, name: str = "") -> Published:
        return publish(folder, package, by, publisher="Ward 3", slug=name, most=MOST)

    with wsgidav.subfolder("twice") as folder:
        first = again(key)
        assert (again(key).version, again(key).listing) == (1, first.listing)
        assert again(SigningKey.new()).version == 2
        assert again(key, "another-name").version == 1
        a_package(tmp_path, use="Something else.")
        assert again(key).version == 3


def test_a_version_number_is_one_more_than_the_largest_there(wsgidav: Server, tmp_path: Path) -> None:
    with wsgidav.subfolder("numbers") as folder:
        for name in ("2", "10", "09", "x", "1e3", "٣"):
            folder.make_folder(f"models/rhythm-ss-model/{name}")
        assert publish(folder, a_package(tmp_path), SigningKey.new(), publisher="W", most=MOST).version == 11


@pytest.mark.parametrize(("change", "words"), [
    ({"licence": " "}, "licence"), ({"intended_use": ""}, "intended use"), ({"publisher": "\u202e "}, "who publishes"),
    ({"notes": "as for patient 4711123"}, "patient"), ({"intended_use": "like /home/anna/ecg.csv"}, "folder"),
])  # fmt: skip
def test_what_a_model_lacks_or_says_too_much_is_named_and_nothing_is_sent(
    wsgidav: Server, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    about = {"publisher": "Ward 3", "notes": ""} | {k: v for k, v in change.items() if k in ("publisher", "notes")}
    package = raw(tmp_path, evaluation=None, **{k: v for k, v in change.items() if k not in about})
    with wsgidav.subfolder("lacking") as folder:
        with pytest.raises(NotPublishableError, match=words) as caught:
            publish(folder, package, SigningKey.new(), most=MOST, **about)
        assert len(caught.value.reasons) == 1
        assert folder.list() == []


def test_a_package_with_counts_of_few_patients_is_not_published(wsgidav: Server, tmp_path: Path) -> None:
    with wsgidav.subfolder("few") as folder, pytest.raises(NotPublishableError, match="under 5 patients"):
        publish(folder, raw(tmp_path), SigningKey.new(), publisher="Ward 3", most=MOST)


@pytest.mark.parametrize("slug", ["../x", "A", "a--b", "-a", "a/b", "x" * 61, "ä", ".incoming-1"])
def test_a_short_name_that_is_none_is_refused(wsgidav: Server, tmp_path: Path, slug: str) -> None:
    with wsgidav.client() as folder, pytest.raises(AddressError):
        publish(folder, a_package(tmp_path), SigningKey.new(), publisher="W", slug=slug, most=MOST)
