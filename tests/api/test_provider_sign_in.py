"""Signing in at an OpenID provider: who is let in, who is not, and that names and addresses open nothing."""

from collections.abc import Iterator

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Identity, LoginSession, User
from backend.services import identities, logins, oidc, oidc_provider, tokens, users
from tests.accounts import PASSWORD, House
from tests.api.visitor import BEGIN, CALLBACK, Visitor, house_with
from tests.api_calls import refusal
from tests.openid_provider import OpenIdProvider, openid_provider

REFUSED = "/?sign-in=refused"


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as one:
        one.people = {
            "sub-anna": {"preferred_username": "Anna", "email": "anna@hospital.example", "groups": ["ecg"]},
            "sub-bert": {"preferred_username": "bert", "groups": ["ward", "cleaning"]},
        }
        yield one


@pytest.fixture
def ours(house: House, provider: OpenIdProvider) -> Iterator[House]:
    """An installation where people of the provider get a user at their first sign-in."""
    with house_with(house, provider, oidc_create_users="true") as one:
        yield one


def _give(house: House, user_id: str, subject: str) -> None:
    with write_session(house.settings.resolved_database_url) as session:
        identities.add(session, users.get(session, user_id), house.settings.oidc_issuer, subject)


def _sessions(house: House) -> list[LoginSession]:
    with read_session(house.settings.resolved_database_url) as session:
        return list(session.query(LoginSession))


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oidc_provider.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_somebody_new_gets_a_user_who_sees_nothing_yet(ours: House, provider: OpenIdProvider) -> None:
    ours.project("Ward")
    with ours.client() as api:
        visitor = Visitor(api, provider)
        assert visitor.account()["provider"] == "your organisation"
        assert visitor.sign_in("sub-anna", to="/exchanges?page=2") == "/exchanges?page=2"
        shown = visitor.account()
        assert (shown["signed_in"], shown["name"], shown["is_admin"], shown["by_provider"]) == (
            True, "anna", False, True,
        )  # fmt: skip
        assert api.client.get("/api/v1/projects").json() == []
        assert visitor.sign_in("sub-anna") == "/"
        assert visitor.account()["id"] == shown["id"]  # the same user again


def test_the_cookie_of_the_session_is_that_of_a_password_and_new_each_time(
    ours: House, provider: OpenIdProvider
) -> None:
    planted = ours.token(ours.user("mallory"))
    with ours.client() as api:
        visitor = Visitor(api, provider)
        api.client.cookies.set("exchangeai", planted)
        asked = visitor.begin()
        answer = visitor.come_back(visitor.chosen(asked, "sub-anna"))
        cookies = [one for one in answer.headers.get_list("set-cookie") if one.startswith("exchangeai=")]
        assert len(cookies) == 1
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookies[0].split("; "))
        assert planted not in cookies[0]
    assert ours.kept(LoginSession, tokens.kept(planted)) is None  # it has ended


def test_a_local_user_of_the_same_name_or_address_is_not_taken_over(ours: House, provider: OpenIdProvider) -> None:
    for name in ("anna", "anna@hospital.example"):
        ours.user(name, is_admin=True)
    with ours.client() as api:
        visitor = Visitor(api, provider)
        assert visitor.sign_in("sub-anna") == REFUSED
        assert not visitor.account()["signed_in"]
    assert _sessions(ours) == []
    with read_session(ours.settings.resolved_database_url) as session:
        assert session.query(Identity).count() == 0


def test_where_users_are_not_made_somebody_unknown_stays_out(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider) as one, one.client() as api:
        visitor = Visitor(api, provider)
        assert visitor.sign_in("sub-anna") == REFUSED
        user = one.user("dr. anna")
        _give(one, user, "sub-anna")
        assert visitor.sign_in("sub-anna") == "/"
        assert visitor.account()["id"] == user
        with read_session(one.settings.resolved_database_url) as session:
            assert session.query(User).count() == 1


def test_whoever_was_shut_out_stays_out(ours: House, provider: OpenIdProvider) -> None:
    ours.user("root", is_admin=True)
    with ours.client() as api:
        visitor = Visitor(api, provider)
        visitor.sign_in("sub-anna")
        user = visitor.account()["id"]
        with write_session(ours.settings.resolved_database_url) as session:
            users.change(session, users.get(session, user), disabled=True)
        assert not visitor.account()["signed_in"]
        assert visitor.sign_in("sub-anna") == REFUSED
        assert _sessions(ours) == []
        with write_session(ours.settings.resolved_database_url) as session:
            users.change(session, users.get(session, user), disabled=False)
        assert visitor.sign_in("sub-anna") == "/"


def test_only_the_groups_that_are_named_are_let_in(house: House, provider: OpenIdProvider) -> None:
    for groups, told, there in (
        ("ecg", ["ecg"], True), ("ecg, ward", ["ward", "x"], True), ("ecg", "ecg", True), ("ecg", ["ECG"], False),
        ("ecg", [], False), ("ecg", None, False), ("ecg", {"ecg": 1}, False), ("ecg", ["ecg2", 1, None], False),
    ):  # fmt: skip
        provider.people["sub-anna"]["groups"] = told
        with house_with(house, provider, oidc_create_users="true", oidc_groups=groups) as one, one.client() as api:
            assert (Visitor(api, provider).sign_in("sub-anna") == "/") == there, (groups, told)


def test_a_user_who_left_the_group_is_let_in_no_more(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider, oidc_create_users="true", oidc_groups="ecg") as one, one.client() as api:
        visitor = Visitor(api, provider)
        assert visitor.sign_in("sub-anna") == "/"
        provider.people["sub-anna"]["groups"] = ["pathology"]
        assert visitor.sign_in("sub-anna") == REFUSED


def test_groups_may_stand_in_userinfo_but_not_in_that_of_somebody_else(house: House, provider: OpenIdProvider) -> None:
    provider.in_userinfo = {"groups", "preferred_username"}
    with house_with(house, provider, oidc_create_users="true", oidc_groups="ecg") as one, one.client() as api:
        visitor = Visitor(api, provider)
        assert visitor.sign_in("sub-anna") == "/"
        provider.userinfo_subject = "sub-bert"
        assert visitor.sign_in("sub-anna") == "/?sign-in=failed"


def test_by_a_link_an_identity_is_joined_once(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider, password_sign_in="false") as one:
        user = one.user("anna", is_admin=True)
        with write_session(one.settings.resolved_database_url) as session:
            assert not users.has_admin(session)
            link = users.new_link(session, users.get(session, user))
        with one.client() as api:
            visitor = Visitor(api, provider)
            body = {"token": link, "password": PASSWORD}
            refusal(api.client.post("/api/v1/account/password-by-link", json=body), 409, "ConflictError")
            assert visitor.sign_in("sub-bert", link="made-up") == REFUSED
            assert visitor.sign_in("sub-anna", link=link) == "/"
            assert visitor.account()["id"] == user
            assert visitor.sign_in("sub-bert", link=link) == REFUSED  # it has worked once
        with write_session(one.settings.resolved_database_url) as session:
            assert users.has_admin(session)


def test_who_is_signed_in_joins_an_identity_and_takes_it_away_again(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider) as one:
        anna, bert = one.user("anna"), one.user("bert")
        with write_session(one.settings.resolved_database_url) as session:
            users.set_password(session, users.get(session, anna), PASSWORD)
        token = one.token(anna)
        with one.client() as api:
            visitor = Visitor(api, provider)
            place, csrf = "/api/v1/account/identities", logins.csrf_token(one.settings, token)
            api.client.cookies.set("exchangeai", token)
            refusal(api.client.post(place), 403, "ForbiddenError")  # another site may not ask for it
            asked = visitor.begin(place, {"X-CSRF-Token": csrf})
            assert visitor.come_back(visitor.chosen(asked, "sub-anna")).headers["location"] == "/account"
            shown = visitor.account()
            assert (shown["id"], shown["by_provider"]) == (anna, True)
            (identity,) = api.client.get(place).json()
            assert (identity["issuer"], identity["subject"]) == (provider.issuer, "sub-anna")
            answer = api.client.delete(f"{place}/{identity['id']}", headers={"X-CSRF-Token": shown["csrf_token"]})
            assert answer.status_code == 204, answer.text
            assert not visitor.account()["signed_in"]  # the session was begun with it
            assert visitor.sign_in("sub-anna") == REFUSED
        _give(one, bert, "sub-bert")
        with one.client(one.by_session(bert)) as api:
            (identity,) = api.client.get(place).json()
            refusal(api.client.delete(f"{place}/{identity['id']}"), 409, "ConflictError")  # bert has no password


def test_an_identity_of_somebody_else_is_not_joined(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider) as one:
        anna, bert = one.user("anna"), one.user("bert")
        _give(one, bert, "sub-bert")
        token = one.token(anna)
        with one.client() as api:
            visitor = Visitor(api, provider)
            api.client.cookies.set("exchangeai", token)
            headers = {"X-CSRF-Token": logins.csrf_token(one.settings, token)}
            asked = visitor.begin("/api/v1/account/identities", headers)
            to = visitor.come_back(visitor.chosen(asked, "sub-bert")).headers["location"]
            assert to == "/account?sign-in=taken"
            assert visitor.account()["id"] == anna


def test_an_admin_joins_and_takes_away(house: House, provider: OpenIdProvider) -> None:
    with house_with(house, provider) as one:
        root, anna = one.user("root", is_admin=True), one.user("anna")
        with one.client(one.by_session(root)) as api:
            place = f"/api/v1/users/{anna}/identities"
            made = api.client.post(place, json={"subject": "sub-anna"})
            assert made.status_code == 201
            assert api.client.get(made.headers["location"]).json() == made.json()
            refusal(api.client.post(place, json={"subject": "sub-anna"}), 409, "ConflictError")
            assert [one["n_identities"] for one in api.client.get("/api/v1/users").json()] == [1, 0]
        with one.client() as api:
            visitor = Visitor(api, provider)
            assert visitor.sign_in("sub-anna") == "/"
            with one.client(one.by_session(root)) as of_root:
                assert of_root.client.delete(made.headers["location"]).status_code == 204
            assert not visitor.account()["signed_in"]
        with one.client(one.by_session(anna)) as api:
            refusal(api.client.post(place, json={"subject": "mine"}), 403, "ForbiddenError")


def test_signing_out_ends_the_session_here_and_names_the_end_there(ours: House, provider: OpenIdProvider) -> None:
    with ours.client() as api:
        visitor = Visitor(api, provider)
        visitor.sign_in("sub-anna")
        place = api.client.post("/api/v1/account/provider/sign-out").json()["address"]
        assert place.startswith(f"{provider.issuer}/end?client_id=exchangeai&post_logout_redirect_uri=http%3A%2F%2F127")
        assert not visitor.account()["signed_in"]
        assert _sessions(ours) == []
        api.client.cookies.set("exchangeai", ours.token(ours.user("carl")))  # by password: there is nothing to end
        assert api.client.post("/api/v1/account/provider/sign-out").json() == {"address": ""}


def test_every_sign_in_and_refusal_has_a_line_in_the_log(ours: House, provider: OpenIdProvider) -> None:
    ours.user("bert")
    with ours.client() as api:
        visitor = Visitor(api, provider)
        visitor.sign_in("sub-anna")
        api.client.cookies.clear()
        visitor.sign_in("sub-bert")
    lines = [one for one in ours.lines() if one["action"] == "finish_provider_sign_in"]
    assert [(one["person"], one["status"], one["via"]) for one in lines] == [
        ("anna", 200, "session"), ("", 401, "nobody"),
    ]  # fmt: skip
    assert "sub-" not in str(ours.lines())


def test_without_a_provider_nothing_of_it_works(house: House) -> None:
    with house.client() as api:
        assert api.client.get("/api/v1/account").json()["provider"] is None
        refusal(api.client.post(BEGIN, json={}), 409, "ConflictError")
        assert api.client.get(CALLBACK, follow_redirects=False).headers["location"] == "/?sign-in=failed"


def test_where_passwords_are_off_none_is_looked_at(house: House, provider: OpenIdProvider) -> None:
    user = house.user("anna")
    with write_session(house.settings.resolved_database_url) as session:
        users.set_password(session, users.get(session, user), PASSWORD)
    for allowed, status in (("true", 200), ("false", 401)):
        with house_with(house, provider, password_sign_in=allowed) as one, one.client() as api:
            answer = api.client.post("/api/v1/account/sign-in", json={"name": "anna", "password": PASSWORD})
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/projects/1/recordings?page=2#x", True), ("/", True), ("//evil.example", False), ("/\\evil.example", False),
        ("https://evil.example", False), ("javascript:alert(1)", False), ("", False), ("/api/v1/account", False),
        ("/\t/evil.example", False), ("/a b", False), ("/ä", False), ("/" + "x" * 1000, False), ("/\n/evil", False),
        ("evil.example/", False), ("/%2F%2Fevil.example", True),
    ],
)  # fmt: skip
def test_after_signing_in_one_stays_on_the_platform(path: str, kept: bool) -> None:
    assert oidc.safe_path(path) == (path if kept else "/")
