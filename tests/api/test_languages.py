"""The API in German: what the platform says of its own, and nothing else."""

from sqlalchemy import select

from backend.db.session import read_session
from backend.db.tables import ImportOutcome
from backend.language.spoken import german, spoken
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
