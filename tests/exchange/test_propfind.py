"""Lists of folders as strangers' XML: read by a parser of our own choice of what counts, never expanded."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.exchange.errors import ExchangeError, ServerAnswerError
from backend.exchange.paths import encoded, is_name, names_of
from backend.exchange.propfind import MAX_ENTRIES, entries_in, quota_in
from backend.exchange.webdav import Folder
from tests.exchange.liar import answer, liar, listing

BOMB = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12)
) + "]>"  # fmt: skip
FILE = "<!DOCTYPE b [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize("body", [
    BOMB, FILE, "<html>Log in</html>", "", "<", "<d:multistatus xmlns:d='DAV:'/>", "<a>" * 200_000, "\0",
    "<?xml version='1.0' encoding='no-such'?><a/>",
])  # fmt: skip
def test_what_is_no_list_is_refused_quickly(body: str) -> None:
    began = time.monotonic()
    said = listing(("/dav/&a;", 1), before=body) if body in (BOMB, FILE) else answer(207, body.encode())
    with liar(lambda _: said) as server, Folder(server.url, attempts=1) as folder, pytest.raises(ServerAnswerError):
        folder.list()
    assert time.monotonic() - began < 60


def test_only_what_lies_in_the_folder_itself_is_listed() -> None:
    said = listing(
        ("/dav/a%20b.onnx", 1), ("http://elsewhere/dav/c", 2), ("/dav/d/", None), ("/dav/d/e", 1), ("/other/f", 1),
        ("/dav/../g", 1), ("/dav/..", None), ("/dav/%2e%2e", None), ("/dav/h%2Fi", 1), ("/dav/j%00", 1),
        ("/dav/%ff", 1),
        ("/dav/k%0a", 1), ("/dav/l%5Cm", 1),
    )  # fmt: skip
    with liar(lambda _: said) as server, Folder(server.url, attempts=1) as folder:
        assert [entry.name for entry in folder.list()] == ["a b.onnx", "c", "d"]


def test_a_list_without_end_is_refused() -> None:
    rows = [(f"/dav/{n}", 1) for n in range(MAX_ENTRIES)]
    with liar(lambda _: listing(*rows)) as server, Folder(server.url, attempts=1) as folder:  # noqa: SIM117
        with pytest.raises(ServerAnswerError, match="more than"):
            folder.list()


def test_a_proxy_that_shows_another_address_does_not_matter() -> None:
    said = listing(("/inner/x/one", 1), ("/inner/x/two/", None), ("/inner/x/two/three", 1), itself="/inner/x/")
    with liar(lambda _: said) as server, Folder(server.url, attempts=1) as folder:
        assert [entry.name for entry in folder.list()] == ["one", "two"]


@pytest.mark.parametrize("value", ["-1", "1e3", "9" * 30, "x", "", "١"])
def test_a_size_that_is_none_is_unknown(value: str) -> None:
    said = listing(("/dav/a", 7)).replace(b">7<", f">{value}<".encode())
    body = said.split(b"\r\n\r\n")[1]
    (entry,) = entries_in(body, "http://x/dav/")[1]
    assert entry.size is None
    assert entry.modified is None
    assert quota_in(body) is None


@given(st.text(max_size=40))
def test_a_name_comes_out_of_a_url_as_it_went_in(name: str) -> None:
    if is_name(name):
        assert names_of(encoded(name)) == (name,)
        assert names_of(f"https://host:1/dav/{encoded(name)}/") == ("dav", name)
        assert set(encoded(name)) <= set("%-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    elif name:
        with pytest.raises(ExchangeError):
            encoded(name.replace("/", "//"))


@given(st.binary(max_size=300))
def test_no_bytes_bring_the_reader_down(body: bytes) -> None:
    for read in (lambda: entries_in(body, "http://x/"), lambda: quota_in(body)):
        with pytest.raises(ServerAnswerError):
            read()
