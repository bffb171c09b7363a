"""Settings from files, as containers are given their secrets."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from backend.settings import Settings

KEY = "k" * 40


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # without a file .env


def _file(folder: Path, text: str) -> str:
    (folder / "secret").write_text(text)
    return str(folder / "secret")


def test_a_setting_comes_from_the_file_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY_FILE", _file(tmp_path, f"{KEY}\n"))
    assert Settings().secret_key.get_secret_value() == KEY


def test_the_file_counts_where_both_are_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY", "v" * 40)
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY_FILE", _file(tmp_path, KEY))
    assert Settings().secret_key.get_secret_value() == KEY


def test_a_file_may_be_named_in_the_file_of_settings_and_hold_any_of_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"EXCHANGEAI_PORT_FILE={_file(tmp_path, ' 8123 ')}\n")
    assert Settings().port == 8123


def test_a_file_that_is_not_there_is_an_error_and_not_a_setting_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(FileNotFoundError):
        Settings()


@pytest.mark.parametrize("password", ["p@ss:w/rd%", "plain"])
def test_the_password_of_the_database_need_not_stand_in_its_url(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, password: str
) -> None:
    monkeypatch.setenv("EXCHANGEAI_DATABASE_URL", "postgresql://ward@db/ecgs")
    monkeypatch.setenv("EXCHANGEAI_DATABASE_PASSWORD_FILE", _file(tmp_path, password))
    url = make_url(Settings().resolved_database_url)
    assert (url.username, url.password, url.host, url.database) == ("ward", password, "db", "ecgs")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGEAI_SECRET_KEY", KEY)
    monkeypatch.setenv("EXCHANGEAI_DATABASE_PASSWORD", "hidden")
    assert KEY not in repr(Settings())
    assert "hidden" not in repr(Settings())
