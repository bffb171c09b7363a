"""The API in German: what the platform says of its own, and nothing else."""

import pytest
from sqlalchemy import select

from backend.api.errors import MOST_TOLD
from backend.db.session import read_session
from backend.db.tables import ImportOutcome
from backend.language.spoken import german, spoken
from backend.language.translator import Translator
from backend.settings import get_settings
from tests.api_calls import Api

DE = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}


def test_an_error_is_told_in_the_language_of_whoever_asks(api: Api) -> None:
    english = api.client.get("/api/v1/projects/none")
    told = api.client.get("/api/v1/projects/none", headers=DE)
    assert told.status_code == english.status_code == 404
    assert told.json()["error"] == english.json()["error"]
    assert told.json()["detail"] == german().say(english.json()["detail"]) != english.json()["detail"]
    assert (english.headers["Content-Language"], told.headers["Content-Language"]) == ("en", "de")
    assert "Accept-Language" in told.headers["Vary"]


def test_one_who_cannot_send_headers_says_the_language_in_the_address(api: Api) -> None:
    told = api.client.get("/api/v1/projects/none?language=de")
    assert told.json() == api.client.get("/api/v1/projects/none", headers=DE).json()
    assert api.client.get("/api/v1/projects/none?language=en", headers=DE).headers["Content-Language"] == "en"


def test_settings_are_explained_in_german_under_the_same_names(api: Api) -> None:
    english, told = (
        api.client.get("/api/v1/system", headers=headers).json()["training_settings"] for headers in ({}, DE)
    )
    assert [one["name"] for one in told] == [one["name"] for one in english]
    pairs = [(a[key], b[key]) for a, b in zip(english, told, strict=True) for key in ("title", "help")]
    assert [one for one, text in pairs if text != german().say(one)] == []
    assert sum(one != text for one, text in pairs) > 0.8 * len(pairs)


def test_what_people_have_written_is_left_as_it_is(api: Api) -> None:
    name = "The project is being deleted."  # could be a sentence of the platform
    project = api.new_project(name=name, description="No recordings yet")
    told = api.client.get(f"/api/v1/projects/{project}", headers=DE).json()
    assert (told["name"], told["description"]) == (name, "No recordings yet")


def test_what_is_imported_in_german_is_stored_in_english(api: Api) -> None:
    def reasons(headers: dict[str, str]) -> list[str]:
        parts = [("files", (name, data)) for name, data in (("b.csv", b""), ("c.xml", b"<x/>"))]
        report = api.client.post(api.url("/recordings"), files=parts, headers=headers).json()
        return [one["detail"] for one in report["outcomes"]]

    english, told = reasons({}), reasons(DE)
    assert told == [german().say(text) for text in english]
    assert not set(told) & set(english)
    with read_session(get_settings().resolved_database_url) as session:
        kept = list(session.scalars(select(ImportOutcome.detail)))
    assert sorted(set(kept)) == sorted(english)


def test_after_a_german_request_nothing_is_german_any_more(api: Api) -> None:
    api.client.get("/api/v1/projects", headers=DE)
    assert spoken() == "en"
    assert api.client.get("/api/v1/projects/none").headers["Content-Language"] == "en"


def test_names_of_fields_are_told_as_they_were_sent_up_to_a_length_and_a_number(api: Api) -> None:
    keys = ["Head only", "3 ECGs", "1.10", "a is b. " * 2_000, *(f"field {number}" for number in range(40))]
    english, told = (
        api.client.post("/api/v1/account/sign-in", json=dict.fromkeys(keys, 1), headers=headers).json()["detail"]
        for headers in ({}, DE)
    )
    assert max(len(told), len(english)) < 2_000
    for text in (english, told):
        assert f"{'a is b. ' * 7}a is…: " in text
        assert "a is b. " * 8 not in text
        assert all(f"{key}: " in text for key in keys[:3])
    n = len(keys) + 2 - MOST_TOLD  # and the two that are missing
    assert (english[-13:], told[-16:]) == (f"; and {n} more", f"; und {n} weitere")


def test_a_field_called_like_a_sentence_of_the_platform_keeps_its_name(api: Api) -> None:
    key = "x. Fewer than two candidates are done. y"
    body = {"name": "a", "password": "b", key: 1}
    told = api.client.post("/api/v1/account/sign-in", json=body, headers=DE).json()["detail"]
    assert told.startswith(f"{key}: ")


def test_what_a_text_of_any_length_costs_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    say = Translator.say
    monkeypatch.setattr(Translator, "say", lambda self, text: read.append(text) or say(self, text))
    body = {"a is b. " * 2_000: {"b is c. " * 2_000: 1}, **{f"a is {number}. " * 50: 1 for number in range(200)}}
    answer = api.client.post("/api/v1/account/sign-in", json=body, headers=DE)
    assert answer.status_code == 422
    assert 0 < sum(map(len, read)) < 2_000


def test_weights_of_languages_may_stand_behind_blanks(api: Api) -> None:
    def language(accepted: str) -> str:
        answer = api.client.get("/api/v1/projects/none", headers={"Accept-Language": accepted})
        return str(answer.headers["Content-Language"])

    assert (language("de; q=0.1, en;q=0.9"), language("de ; q=0.9,en; q=0.1")) == ("en", "de")
