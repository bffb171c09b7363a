"""docs/exchange.md says what is so: its fields, its names, and the commands by which anybody verifies a version."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from backend.exchange import layout
from backend.exchange.listing import Listing
from backend.exchange.publish import publish
from backend.exchange.signing import SigningKey
from tests.exchange.packages import MOST, a_package
from tests.exchange.webdav_servers import Server

PAGE = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text()


@pytest.mark.parametrize("name", [field.name for field in fields(Listing)])
def test_every_field_of_a_listing_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [
    layout.INDEX, layout.PACKAGE, layout.LISTING, layout.CARD, layout.SUMS, layout.SIGNATURE, layout.WITHDRAWN,
    layout.WITHDRAWN_SIGNATURE, layout.INCOMING, f"{layout.MODELS}/", f"{layout.ROUNDS}/",
])  # fmt: skip
def test_every_file_of_an_exchange_is_documented(name: str) -> None:
    assert name in PAGE


def test_the_commands_of_the_page_verify_a_published_version(wsgidav: Server, tmp_path: Path) -> None:
    if not all(map(shutil.which, ("sha256sum", "openssl", "python3", "base64"))):
        pytest.skip("coreutils or openssl are not installed")
    key = SigningKey.new()
    with wsgidav.subfolder("by hand") as folder:
        publish(folder, a_package(tmp_path), key, publisher="Ward 3", most=MOST)
    place = wsgidav.root / "by hand" / "models" / "rhythm-ss-model" / "1"
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    verify, fingerprint = (block for block in blocks if "openssl" in block or "base64" in block)

    def shell(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-ec", script], cwd=place, capture_output=True, text=True)

    assert shell(verify).returncode == 0, shell(verify).stderr
    assert shell(fingerprint).stdout.strip() == key.public.fingerprint
    (place / "listing.json").write_text("{}")
    assert shell(verify).returncode != 0
