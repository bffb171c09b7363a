"""Servers that lie, dawdle, or are none: each is found out, told in words, and costs neither memory nor time."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.exchange.errors import (
    AbsentError,
    AccessRefusedError,
    ExchangeError,
    LockedError,
    NoRoomError,
    ServerAnswerError,
    TakenError,
    UnreachableError,
)
from backend.exchange.webdav import Folder
from tests.exchange.liar import Asked, Liar, Say, answer, liar, listing

USER, PASSWORD = "anna", "correct horse battery"


def folder_of(server: Liar, **options: object) -> Folder:
    return Folder(server.url, USER, PASSWORD, **{"attempts": 2, "first_pause": 0.01, **options})


@pytest.mark.parametrize(("status", "method", "kind", "words"), [
    (401, "read", AccessRefusedError, "user name and password"), (403, "read", AccessRefusedError, "not allow reading"),
    (403, "write", AccessRefusedError, "not allow writing"), (404, "read", AbsentError, "not on"),
    (405, "list", ServerAnswerError, "no WebDAV folder"), (409, "write", TakenError, "folder above it is gone"),
    (412, "write", TakenError, "Somebody else was first"), (413, "write", NoRoomError, "takes no file as large"),
    (423, "write", LockedError, "locked by somebody else"), (429, "read", LockedError, "wants a pause"),
    (507, "write", NoRoomError, "no room"), (500, "read", UnreachableError, "failed at GET"),
    (503, "list", UnreachableError, "not available now"), (300, "read", ServerAnswerError, "300"),
])  # fmt: skip
def test_each_refusal_is_told_in_words_that_say_what_to_do(
    status: int, method: str, kind: type[ExchangeError], words: str
) -> None:
    with liar(lambda _: answer(status)) as server, folder_of(server) as folder:
        asks = {"read": lambda: folder.read("x", 9), "write": lambda: folder.write("x", b"1"), "list": folder.list}
        with pytest.raises(kind, match=words) as caught:
            asks[method]()
    assert type(caught.value) is kind
    assert "localhost" in str(caught.value)


@pytest.mark.parametrize(("statuses", "requests"), [
    ([503, 200], 2), ([502, 504, 200], 3), ([429, 200], 2), ([423, 200], 2), ([404], 1), ([401], 1), ([403], 1),
    ([412], 1), ([507], 1), ([423] * 9, 4), ([500], 1), ([503] * 9, 4),
])  # fmt: skip
def test_only_what_may_pass_is_asked_again(statuses: list[int], requests: int) -> None:
    left = iter(statuses)
    with liar(lambda _: answer(next(left), b"x")) as server, folder_of(server, attempts=4) as folder:
        try:
            assert folder.read("x", 9)[0] == b"x"
        except ExchangeError:
            assert statuses[-1] != 200
        assert len(server.asked) == requests


def test_the_pause_that_a_server_asks_for_is_kept() -> None:
    left = iter([answer(429, Retry_After=1), answer(200, b"x")])
    with liar(lambda _: next(left)) as server, folder_of(server) as folder:
        began = time.monotonic()
        folder.read("x", 9)
    assert time.monotonic() - began > 0.9


def test_the_password_goes_to_no_other_server() -> None:
    with liar(lambda _: listing()) as other:
        away = answer(302, Location=other.url)
        for ask in ("list", "read", "write", "download"):
            with liar(lambda _: away) as server, folder_of(server) as folder:
                asks = {
                    "list": folder.list, "read": lambda: folder.read("x", 9), "write": lambda: folder.write("x", b"1"),
                    "download": lambda: folder.download("x", Path("/nowhere/x")),
                }  # fmt: skip
                with pytest.raises(ServerAnswerError, match="another server"):
                    asks[ask]()
                assert server.asked[0].headers["authorization"].startswith("Basic ")
        assert other.asked == []


def test_a_redirect_within_the_server_keeps_method_and_body() -> None:
    def say(asked: Asked) -> bytes:
        if asked.path.startswith("/dav/"):
            return answer(301, Location=asked.path.replace("/dav/", "/moved/"))
        return listing(("/moved/x", 3), itself="/moved/") if asked.method == "PROPFIND" else answer(201)

    with liar(say) as server, folder_of(server) as folder:
        assert [entry.name for entry in folder.list()] == ["x"]
        folder.write("y", b"body")
        sent = [asked for asked in server.asked if asked.path == "/moved/y" and asked.method == "PUT"]
        assert sent[0].body == b"body"
        assert sent[0].headers["authorization"].startswith("Basic ")


def test_redirects_without_end_are_left() -> None:
    with liar(lambda asked: answer(302, Location=asked.path + "x")) as server, folder_of(server) as folder:
        with pytest.raises(ServerAnswerError, match="without end"):
            folder.list()
        assert len(server.asked) < 12


def test_the_password_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with liar(lambda _: answer(401)) as server, folder_of(server) as folder:
        with pytest.raises(AccessRefusedError) as caught:
            folder.list()
        shown = [repr(folder), str(folder), repr(folder._connection), str(caught.value), caplog.text]
    secret = server.asked[0].headers["authorization"].removeprefix("Basic ")
    assert caplog.text
    assert not any(word in text for word in (PASSWORD, secret) for text in shown)


SIZE = 300_000
HALF = b"x" * (SIZE // 2)


def _short(_: Asked) -> bytes:
    return answer(200, HALF, Content_Length=SIZE, ETag='"1"')


def _short_without_length(_: Asked) -> bytes:
    return answer(200, HALF, Content_Length=None)


def _long_without_length(_: Asked) -> Iterator[bytes]:
    yield answer(200, Content_Length=None)
    for _step in range(200):
        yield b"x" * 1_000_000


def _other_length(_: Asked) -> bytes:
    return answer(200, HALF)


def _other_part(asked: Asked) -> bytes:
    if "range" in asked.headers:
        return answer(206, HALF, Content_Range=f"bytes 0-{SIZE // 2 - 1}/{SIZE}", ETag='"1"')
    return _short(asked)


def _other_file(asked: Asked) -> bytes:
    if "range" in asked.headers:
        return answer(206, HALF, Content_Range=f"bytes {SIZE // 2}-{SIZE - 1}/{SIZE}", ETag='"2"')
    return _short(asked)


@pytest.mark.parametrize(("say", "words"), [
    (_short, "broke off|too early"), (_short_without_length, "broke off"),
    (_long_without_length, "larger than|more of"), (_other_length, "should have 300,000"),
    (_other_part, "broke off|fit"), (_other_file, "broke off|fit"),
])  # fmt: skip
def test_a_lie_about_the_length_of_a_file_is_found_out(say: Say, words: str, tmp_path: Path) -> None:
    into = tmp_path / "x"
    tracemalloc.start()
    with liar(say) as server, folder_of(server) as folder, pytest.raises(ExchangeError, match=words):
        folder.download("x", into, size=SIZE, most=2 * SIZE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not into.exists()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * SIZE
    assert peak < 20_000_000


def test_an_answer_longer_than_its_limit_is_not_read() -> None:
    def endless(_: Asked) -> Iterator[bytes]:
        yield answer(200, Content_Length=None)
        while True:
            yield b"x" * 1_000_000

    tracemalloc.start()
    with liar(endless) as server, folder_of(server) as folder:
        for ask in (lambda: folder.read("x", 1000), folder.list):
            with pytest.raises(ServerAnswerError, match="longer than"):
                ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_server_that_gives_no_parts_is_told_from_one_that_does() -> None:
    with liar(lambda _: answer(200, b"0123456789")) as server, folder_of(server) as folder:
        assert folder.read_range("x", 0, 4) == b"0123"
        with pytest.raises(ServerAnswerError, match="parts of files"):
            folder.read_range("x", 4, 6)


def _silent(_: Asked) -> Iterator[bytes]:
    time.sleep(3)
    yield answer(200)


def _trickling_head(_: Asked) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: "
    for _step in range(3000):
        time.sleep(0.05)
        yield b"x"


def _trickling_body(_: Asked) -> Iterator[bytes]:
    yield answer(200, Content_Length=10_000)
    for _step in range(3000):
        time.sleep(0.05)
        yield b"x"


@pytest.mark.parametrize("say", [_silent, _trickling_head, _trickling_body])
def test_a_slow_server_is_given_up(say: Say, tmp_path: Path) -> None:
    with liar(say) as server, folder_of(server, timeout=0.3, attempts=1) as folder:
        for ask in (lambda: folder.read("x", 99_999), lambda: folder.download("x", tmp_path / "x")):
            began = time.monotonic()
            with pytest.raises(UnreachableError, match=r"slow|broke off"):
                ask()
            assert time.monotonic() - began < 60  # before it has sent all


def test_a_compressed_answer_is_not_unpacked(tmp_path: Path) -> None:
    with liar(lambda _: answer(200, b"\x1f\x8b", Content_Encoding="gzip")) as server, folder_of(server) as folder:
        with pytest.raises(ServerAnswerError, match="compressed"):
            folder.download("x", tmp_path / "x")
        assert server.asked[0].headers["accept-encoding"] == "identity"


def test_nobody_at_the_address_is_said_in_words() -> None:
    for url, words in (("http://localhost:1/", "Nothing answers"), ("http://no-such-host.invalid/", "is known as")):
        with Folder(url, attempts=1, timeout=3) as folder, pytest.raises(UnreachableError, match=words):
            folder.list()


def test_a_write_whose_answer_was_lost_is_not_taken_for_somebody_elses() -> None:
    state: dict[str, bytes] = {}

    def say(asked: Asked) -> bytes:
        if asked.method == "PUT" and "x" not in state:
            state["x"] = asked.body
            return b""  # it is written, but nobody hears of it
        return answer(412) if asked.method == "PUT" else answer(200, state["x"], ETag='"mine"')

    with liar(say) as server, folder_of(server) as folder:
        assert folder.write("x", b"1", only_if_new=True) == '"mine"'
        with pytest.raises(TakenError):
            folder.write("x", b"2", only_if_new=True)


@pytest.mark.parametrize(("is_there", "kind"), [(True, TakenError), (False, UnreachableError)])
def test_a_server_that_fails_where_another_was_first_by_a_moment_is_understood(
    is_there: bool, kind: type[ExchangeError]
) -> None:
    """As wsgidav does, which looks for the target, and stumbles over the one that appears before it moves."""

    def say(asked: Asked) -> bytes:
        if asked.method == "MOVE":
            return answer(500)
        if asked.path.endswith("target") and not is_there:
            return answer(404)
        return listing(itself=asked.path)

    with liar(say) as server, folder_of(server) as folder, pytest.raises(kind):
        folder.move("source", "target")


def test_a_folder_that_another_has_made_by_a_moment_is_there() -> None:
    def say(asked: Asked) -> bytes:
        return answer(500) if asked.method == "MKCOL" else listing(itself=asked.path)

    with liar(say) as server, folder_of(server) as folder:
        assert not folder.make_folder("models")
