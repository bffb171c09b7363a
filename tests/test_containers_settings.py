"""What containers are told can be used: settings of docker-compose.yml and of the images, as we read them."""

import re
from pathlib import Path

import pytest

from backend.settings import Settings

ROOT = Path(__file__).parents[1]


def _settings(file: str) -> dict[str, str]:
    """Return the settings that a file fixes, by their names, with the defaults of what .env may say."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / file).read_text())
    form = r"^ +EXCHANGEAI_(\w+): \"?([^\"\s]+)" if file.endswith(".yml") else r"\bEXCHANGEAI_(\w+)=([^\s\\]+)"
    return {name.lower(): value for name, value in re.findall(form, text, re.MULTILINE)}


@pytest.mark.parametrize("file", ["docker-compose.yml", "Dockerfile.cpu", "Dockerfile.gpu"])
def test_what_containers_are_told_can_be_used_and_means_that_people_sign_in(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # without a file .env
    told = {name: value for name, value in _settings(file).items() if name in Settings.model_fields}
    assert Settings(**told).has_accounts
    assert {"data_dir", "log_files"} <= set(told)
