"""Exchanges: their passwords are sealed, bound to their address, and shown to nobody; keys are trusted on first use."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backend.db.session import read_session, write_session
from backend.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from backend.exchange.errors import AddressError
from backend.sealing import seal, unseal
from backend.services import exchanges
from backend.services.exchanges import Request
from backend.settings import Settings
from tests.installation import installation

KEY = b"k" * 32
SECRET = "päss:w#rd of the ward"


@given(st.text(), st.text())
def test_what_is_sealed_opens_again(secret: str, purpose: str) -> None:
    assert unseal(KEY, seal(KEY, secret, purpose), purpose) == secret


@given(st.data())
def test_what_was_sealed_otherwise_or_changed_by_a_bit_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, SECRET, "one"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    for bytes_, key, purpose in (
        (bytes(sealed), KEY, "one"), (seal(KEY, SECRET, "one"), KEY, "two"),
        (seal(KEY, SECRET, "one"), b"j" * 32, "one"), (b"", KEY, "one"), (b"1" + b"x" * 11, KEY, "one"),
    ):  # fmt: skip
        with pytest.raises(UnavailableError, match="Enter the password again"):
            unseal(key, bytes_, purpose)


def test_equal_passwords_are_sealed_differently() -> None:
    assert len({seal(KEY, SECRET, "one") for _ in range(50)}) == 50


def _request(**changes: object) -> Request:
    said = {"name": "Clinic", "url": "https://cloud.example.org/dav/models", "username": "ward", "password": SECRET}
    return Request(**said | changes)


def _add(settings: Settings, **changes: object) -> str:
    with write_session(settings.resolved_database_url) as session:
        return exchanges.add(session, settings, _request(**changes)).id


def test_a_password_is_nowhere_in_the_data_folder_nor_in_logs_or_texts(
    installed: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    exchange_id = _add(installed)
    with read_session(installed.resolved_database_url) as session:
        connection = exchanges.connection(installed, exchanges.get(session, exchange_id))
    assert connection.password == SECRET
    kept = b"".join(path.read_bytes() for path in installed.data_dir.rglob("*") if path.is_file())
    assert b"Clinic" in kept  # the row is there
    for written in (kept, caplog.text.encode(), repr(connection).encode(), repr(_request()).encode()):
        assert SECRET.encode() not in written
        assert b"of the ward" not in written


def test_with_another_secret_of_the_installation_the_password_must_be_given_again(installed: Settings) -> None:
    exchange_id = _add(installed)
    with (
        installation(installed.data_dir, secret_key="another secret of at least 32 characters") as other,
        read_session(other.resolved_database_url) as session,
        pytest.raises(UnavailableError, match="Enter the password again"),
    ):
        exchanges.connection(other, exchanges.get(session, exchange_id))


@pytest.mark.parametrize("column", ["url", "username", "id"])
def test_a_password_does_not_go_to_another_address_that_somebody_writes_into_the_database(
    installed: Settings, column: str
) -> None:
    exchange_id = _add(installed)
    with write_session(installed.resolved_database_url) as session:
        session.execute(text(f"UPDATE exchanges SET {column} = 'https://elsewhere.example.org/'"))
    with read_session(installed.resolved_database_url) as session:
        row = exchanges.get(session, "https://elsewhere.example.org/" if column == "id" else exchange_id)
        with pytest.raises(UnavailableError):
            exchanges.connection(installed, row)


def _connection(settings: Settings, exchange_id: str) -> exchanges.Connection:
    with read_session(settings.resolved_database_url) as session:
        return exchanges.connection(settings, exchanges.get(session, exchange_id))


def test_a_changed_address_or_user_needs_the_password_again_and_a_changed_name_does_not(installed: Settings) -> None:
    exchange_id, url = _add(installed), installed.resolved_database_url
    with write_session(url) as session:
        row = exchanges.get(session, exchange_id)
        exchanges.change(session, installed, row, Request(name="Hospital", access="read_write"))
    assert _connection(installed, exchange_id).password == SECRET
    for change in (Request(url="https://elsewhere.example.org/"), Request(username="other")):
        with write_session(url) as session, pytest.raises(InvalidInputError, match="password"):
            exchanges.change(session, installed, exchanges.get(session, exchange_id), change)
    with write_session(url) as session:
        row = exchanges.get(session, exchange_id)
        exchanges.change(session, installed, row, Request(url="https://elsewhere.example.org/", password="new one"))
    moved = _connection(installed, exchange_id)
    assert (moved.url, moved.username, moved.password) == ("https://elsewhere.example.org/", "ward", "new one")
    with write_session(url) as session:
        exchanges.change(session, installed, exchanges.get(session, exchange_id), Request(password=""))
    assert _connection(installed, exchange_id).password == ""


def test_a_share_link_becomes_its_public_folder_with_the_token_as_user(installed: Settings) -> None:
    link = "https://cloud.example.org/index.php/s/AbCdEf123"
    exchange_id = _add(installed, url=link, username="", password=None)
    found = _connection(installed, exchange_id)
    assert found.url == "https://cloud.example.org/public.php/webdav/"
    assert (found.username, found.password) == ("AbCdEf123", "")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"url": "ftp://cloud.example.org"}, AddressError, "https://"), ({"url": " "}, InvalidInputError, "address"),
        ({"name": " "}, InvalidInputError, "name"), ({"certificate": "no PEM"}, InvalidInputError, "PEM"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"}, InvalidInputError, "private"),
    ],
)  # fmt: skip
def test_what_is_no_exchange_is_refused_in_words(
    installed: Settings, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        _add(installed, **changes)


def test_two_exchanges_do_not_share_a_name(installed: Settings) -> None:
    _add(installed)
    with pytest.raises(ConflictError, match="another name"):
        _add(installed, url="https://elsewhere.example.org/")


def test_a_key_is_trusted_as_that_of_one_publisher_refused_or_forgotten(installed: Settings) -> None:
    exchange_id = _add(installed)
    with write_session(installed.resolved_database_url) as session:
        for publisher, fingerprint, status in (("A", "1", "trusted"), ("B", "2", "refused"), ("A", "3", "trusted")):
            exchanges.decide(session, exchange_id, publisher, fingerprint, status)
        trust = exchanges.trust_of(session, exchange_id)
        assert (trust.known, set(trust.refused)) == ({"A": {"1", "3"}}, {"2"})
        exchanges.decide(session, exchange_id, "A", "3", "refused")
        exchanges.forget(session, exchange_id, "1")
        assert exchanges.trust_of(session, exchange_id).known == {}
        with pytest.raises(NotFoundError):
            exchanges.forget(session, exchange_id, "1")
