"""Signing in and out: cookies, sessions that nobody can plant, guesses that are slowed, changes that a page signs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from backend.db.session import write_session
from backend.db.tables import LoginSession, User
from backend.errors import NotSignedInError, TooOftenError
from backend.services import logins, passwords, tokens, users
from tests.accounts import PASSWORD, House
from tests.api_calls import Api, refusal
from tests.installation import installation

SIGN_IN = "/api/v1/account/sign-in"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes of argon2id with the least effort, so that a thousand of them take a second."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def anna(house: House) -> str:
    """A user with a password."""
    user_id = house.user("anna")
    with write_session(house.settings.resolved_database_url) as session:
        users.set_password(session, users.get(session, user_id), PASSWORD)
    return user_id


def _sign_in(api: Api, name: str = "anna", password: str = PASSWORD, **headers: str) -> Any:
    return api.client.post(SIGN_IN, json={"name": name, "password": password}, headers=headers)


def _cookie(answer: Any) -> Any:
    jar = SimpleCookie(answer.headers["set-cookie"])
    (morsel,) = jar.values()
    return morsel


def test_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(house: House, anna: str) -> None:
    with house.client() as api:
        answer = _sign_in(api)
        assert answer.status_code == 200
        cookie = _cookie(answer)
        assert (cookie.key, cookie["path"], cookie["samesite"]) == ("exchangeai", "/", "strict")
        assert cookie["httponly"]
        assert not cookie["secure"]  # plain http: it would never come back
        assert not cookie["domain"]
        assert api.client.get("/api/v1/account").json()["name"] == "anna"
        assert api.client.get("/api/v1/projects").status_code == 200


def test_behind_https_the_cookie_goes_by_https_alone(house: House, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.main import create_app

    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    for proxy, secure in (("testclient", True), ("", False)):
        with (
            installation(house.settings.data_dir, mode="server", trusted_proxy=proxy),
            House(house.settings, create_app()).client(forwarded) as api,
        ):
            answer = _sign_in(api)
            cookie = _cookie(answer)
            assert bool(cookie["secure"]) == secure
            assert cookie.key == ("__Host-exchangeai" if secure else "exchangeai")
            assert ("Strict-Transport-Security" in answer.headers) == secure


def test_what_is_kept_of_a_session_opens_nothing(house: House, anna: str) -> None:
    with house.client() as api:
        token = _cookie(_sign_in(api)).value
    assert house.kept(LoginSession, token) is None
    assert house.kept(LoginSession, tokens.kept(token)).user_id == anna
    with house.client({"Cookie": f"exchangeai={tokens.kept(token)}"}) as api:
        refusal(api.client.get("/api/v1/projects"), 401, "NotSignedInError")
    assert house.kept(User, anna).password_hash.startswith("$argon2id$")
    assert PASSWORD.encode() not in (house.settings.data_dir / "exchangeai.sqlite").read_bytes()


def test_a_session_that_was_planted_is_never_taken_up(house: House, anna: str) -> None:
    planted = house.token(house.user("mallory"))
    with house.client() as api:
        for brought in (planted, "of-my-own-making"):
            answer = _sign_in(api, Cookie=f"exchangeai={brought}")
            assert _cookie(answer).value not in (brought, planted)
    assert house.kept(LoginSession, tokens.kept(planted)) is None  # and it has ended


def test_after_signing_out_a_session_opens_nothing(house: House, anna: str) -> None:
    with house.client() as api:
        token = _cookie(_sign_in(api)).value
        answer = api.client.post("/api/v1/account/sign-out")
        assert answer.status_code == 204
        assert _cookie(answer)["max-age"] == "0"
    with house.client({"Cookie": f"exchangeai={token}"}) as api:
        refusal(api.client.get("/api/v1/projects"), 401, "NotSignedInError")
        assert not api.client.get("/api/v1/account").json()["signed_in"]


def test_a_change_takes_what_only_the_own_page_knows(house: House, anna: str) -> None:
    mine, other = house.by_session(anna), house.by_session(anna)
    for sent, status in (
        (mine, 201),
        ({"Cookie": mine["Cookie"]}, 403),
        (mine | {"X-CSRF-Token": other["X-CSRF-Token"]}, 403),
        (mine | {"X-CSRF-Token": ""}, 403),
    ):
        with house.client(sent) as api:
            answer = api.client.post("/api/v1/projects", json={"name": "A"})
            assert answer.status_code == status, answer.text
            assert api.client.get("/api/v1/projects").status_code == 200  # reading changes nothing


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    house: House, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str | None] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda kept, given: looked.append(kept) or real(kept, given))
    shut = house.user("shut out")
    with write_session(house.settings.resolved_database_url) as session:
        users.set_password(session, users.get(session, shut), PASSWORD)
        users.add(session, "root", is_admin=True)
        users.change(session, users.get(session, shut), disabled=True)
    with house.client() as api:
        answers = [
            _sign_in(api, name, password)
            for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("shut out", PASSWORD))
        ]
    texts = {refusal(answer, 401, "NotSignedInError") for answer in answers}
    assert len(texts) == 1
    assert len({frozenset(set(answer.headers) - {"date"}) for answer in answers}) == 1
    assert len(looked) == 3  # the work is done for all of them


def test_ten_thousand_guesses_take_months_and_say_nothing(house: House, anna: str) -> None:
    """With a clock of our own: whoever guesses waits as told, and tries again at once."""
    for name, address in (("anna", "192.0.2.1"), ("no such person", "192.0.2.2")):
        now = datetime(2026, 1, 1, tzinfo=UTC)
        begun, looked, waits = now, 0, []
        for n in range(10_000):
            try:
                logins.sign_in(house.settings, name, f"guess {n}", address, lambda now=now: now)
            except NotSignedInError:
                looked += 1
            except TooOftenError as error:
                waits.append(error.retry_after_s)
                now += timedelta(seconds=error.retry_after_s)
            if looked > 40:
                break
        rest = (10_000 - looked) * waits[-1]
        assert waits[:5] == [1, 2, 4, 8, 16], name
        assert waits[-1] == 15 * 60
        assert (now - begun).total_seconds() + rest > 90 * 24 * 3600


def test_many_addresses_are_slowed_by_name_and_many_names_by_address(house: House, anna: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def tries(pairs: list[tuple[str, str]]) -> int:
        looked, waits = 0, [0]
        for name, address in pairs:
            try:
                logins.sign_in(house.settings, name, "guess", address, lambda: now)
            except NotSignedInError:
                looked += 1
            except TooOftenError as error:
                waits.append(error.retry_after_s)
        assert max(waits) <= 60  # so that nobody shuts out a colleague for long
        return looked

    assert tries([("anna", f"192.0.2.{n}") for n in range(100)]) <= 21
    assert tries([(f"user {n}", "198.51.100.1") for n in range(100)]) <= 51


def test_the_right_password_is_let_in_again_and_counts_anew(house: House, anna: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotSignedInError):
                logins.sign_in(house.settings, "anna", "wrong", "192.0.2.1", lambda: now)
        logins.sign_in(house.settings, " Anna ", PASSWORD, "192.0.2.1", lambda: now)


def test_too_many_tries_say_when_to_come_again(house: House, anna: str) -> None:
    with house.client() as api:
        answers = [_sign_in(api, password="wrong") for _ in range(9)]
        assert [answer.status_code for answer in answers][:5] == [401] * 5
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) >= 1
        refusal(_sign_in(api), 429, "TooOftenError")  # the right one too: else it could be told apart


def test_a_session_ends_when_it_is_not_used_and_after_a_week(house: House, anna: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with write_session(house.settings.resolved_database_url) as session:
        token = logins.begin(session, anna, now)
        for hours, there in ((11.9, True), (12.1, False)):
            found = logins.of_session(session, house.settings, token, lambda h=hours: now + timedelta(hours=h))
            assert (found is not None) == there
        row = session.get_one(LoginSession, tokens.kept(token))
        for days, there in ((6.9, True), (7.1, False)):
            later = now + timedelta(days=days)
            row.last_used_at = later
            session.flush()
            assert (logins.of_session(session, house.settings, token, lambda at=later: at) is not None) == there


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "the name anna is in it", "x" * 1001])
def test_a_password_that_is_easily_guessed_is_not_taken(house: House, anna: str, password: str) -> None:
    with house.client(house.by_session(anna)) as api:
        body = {"password": PASSWORD, "new_password": password}
        answer = api.client.post("/api/v1/account/password", json=body)
        refusal(answer, 422, "InvalidInputError")
        assert password not in answer.text


@pytest.mark.parametrize(
    "password", ["Password1234!", "qwertyuiop123", "1q2w3e4r5t6y", "iloveyou12345", "trustno1trustno1"]
)
def test_a_password_that_many_have_chosen_is_refused(house: House, anna: str, password: str) -> None:
    """Twelve signs and more, of several kinds, and yet in or near the lists of leaked ones."""
    with house.client(house.by_session(anna)) as api:
        answer = api.client.post("/api/v1/account/password", json={"password": PASSWORD, "new_password": password})
        said = refusal(answer, 422, "InvalidInputError")
        assert "many people have chosen" in str(said)
        assert password not in answer.text


def test_long_sentences_are_taken_and_judged_in_no_time() -> None:
    for good in (
        "wortsalat morgens kaffee tasse",
        "x9$kLq2!vbTz",
        "correct horse battery staple",
        "ein langer Satz, den niemand kennt " * 20,
    ):
        passwords.check(good, "anna")


def test_a_new_password_ends_all_other_sessions(house: House, anna: str) -> None:
    elsewhere = house.by_session(anna)
    with house.client(house.by_session(anna)) as api:
        new = "another four good words"
        refusal(
            api.client.post("/api/v1/account/password", json={"password": "wrong", "new_password": new}),
            401, "NotSignedInError",
        )  # fmt: skip
        answer = api.client.post("/api/v1/account/password", json={"password": PASSWORD, "new_password": new})
        assert answer.status_code == 200, answer.text
    with house.client(elsewhere) as api:
        refusal(api.client.get("/api/v1/projects"), 401, "NotSignedInError")
    with house.client() as api:
        assert _sign_in(api, password=new).status_code == 200


def test_in_local_mode_nobody_signs_in(api: Api, application: FastAPI) -> None:
    shown = api.client.get("/api/v1/account").json()
    assert shown == {
        "mode": "local", "signed_in": True, "id": "local", "name": "local", "is_admin": True, "roles": {},
        "csrf_token": "", "provider": None, "by_provider": False, "password_sign_in": True,
    }  # fmt: skip
    refusal(_sign_in(api), 409, "ConflictError")
    assert "set-cookie" not in api.client.get("/api/v1/projects").headers
