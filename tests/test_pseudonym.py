"""Pseudonyms: the same patient the same, nobody else, nothing to be guessed without the secret of the installation."""

import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.pseudonym import project_key, pseudonym
from backend.settings import Settings
from tests.installation import installation

SECRET = b"s" * 32


def test_it_is_an_hmac_of_rfc_2104() -> None:
    key = b"k" * 32
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(64, b"\0")) + b"4711").digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(64, b"\0")) + inner).hexdigest()
    assert pseudonym(key, "4711") == f"p-{outer[:16]}"


def test_the_key_of_a_project_hangs_on_the_secret_and_on_the_project() -> None:
    keys = {project_key(secret, project) for secret in (SECRET, b"t" * 32) for project in ("a", "b")}
    assert len(keys) == 4
    assert SECRET not in keys
    assert hmac.compare_digest(project_key(SECRET, "a"), project_key(SECRET, "a"))


@given(st.text(), st.text())
def test_two_identifiers_have_one_pseudonym_only_if_they_are_the_same(one: str, other: str) -> None:
    key = project_key(SECRET, "p")
    assert (pseudonym(key, one) == pseudonym(key, other)) == (one.strip() == other.strip())
    assert one.strip() == "" or one.strip() in "p-0123456789abcdef" or one.strip() not in pseudonym(key, one)


def test_an_identifier_that_is_no_unicode_has_a_pseudonym() -> None:
    assert pseudonym(SECRET, "\udcff").startswith("p-")


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        settings = [Settings(data_dir=tmp_path / "data") for _ in range(16)]
        secrets = set(pool.map(lambda one: one.resolved_secret_key, settings))
    (secret,) = secrets
    assert len(secret) == 64
    (path,) = (tmp_path / "data").iterdir()
    assert path.name == "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_of_the_environment_goes_first_and_is_never_shown(tmp_path: Path) -> None:
    with installation(tmp_path / "data", secret_key="x" * 40) as settings:
        assert settings.resolved_secret_key == b"x" * 40
        assert "xxx" not in repr(settings)
        assert "xxx" not in settings.model_dump_json()
    assert not list(tmp_path.rglob("secret.key"))


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(ValidationError, match="shorter than 32") as refused:
        Settings(secret_key="hunter2")
    assert "hunter2" not in str(refused.value)


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("\n")
    with pytest.raises(OSError, match="secret"):
        _ = Settings(data_dir=tmp_path).resolved_secret_key
