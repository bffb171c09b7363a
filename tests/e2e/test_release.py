"""What is released: source and wheel with the page inside, installed in a fresh environment, opened in a browser."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, expect

from tests import platform_process
from tests.platform_process import environment, running_platform

ROOT = Path(__file__).parents[2]
PAGE = "backend/static/index.html"


class Released(NamedTuple):
    """The two files of a release."""

    source: Path
    wheel: Path


def build(tree: Path, out: Path, *kinds: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Build a source tree as people do, but with what is installed here: no network is needed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGEAI_")}
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, *kinds, tree], capture_output=True,
        text=True, cwd=out, env=kept | values, timeout=400,
    )  # fmt: skip


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A source distribution, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("released")
    built = build(ROOT, out)
    assert built.returncode == 0, built.stdout + built.stderr
    (source,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return Released(source, wheel)


@pytest.fixture(scope="module")
def installed_at(released: Released, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; the libraries it needs are those of the tests."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", released.wheel], check=True, timeout=300
    )
    (site,) = folder.glob("lib/*/site-packages")
    (site / "libraries_of_the_tests.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder / "bin"


def test_source_and_wheel_hold_the_page_the_weights_and_the_migrations(released: Released) -> None:
    with zipfile.ZipFile(released.wheel) as wheel:
        names = set(wheel.namelist())
        size = wheel.getinfo("backend/weights/cardx/model.onnx").file_size
    assert {PAGE, "exchangeai/py.typed", "backend/api/examples.json", "backend/weights/cardx/README.md"} <= names
    assert size == (ROOT / "backend/weights/cardx/model.onnx").stat().st_size
    assert len([name for name in names if name.startswith("backend/static/assets/")]) > 3
    assert {f"backend/migrations/versions/{one.name}" for one in ROOT.glob("migrations/versions/*.py")} <= names
    assert not [name for name in names if name.startswith(("tests/", "frontend/", "bench/"))]
    with tarfile.open(released.source) as source:
        inside = {name.partition("/")[2] for name in source.getnames()}
    assert {PAGE, "hatch_build.py", "frontend/package.json", "Makefile", "LICENSE"} <= inside
    assert not [name for name in inside if "node_modules" in name or name.startswith((".venv", "data/"))]


def _fresh(installed_at: Path, *arguments: str | Path) -> str:
    ran = subprocess.run(
        arguments, capture_output=True, text=True, cwd=installed_at.parent, env=environment(installed_at.parent),
        timeout=90,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_the_command_and_the_package_are_installed(installed_at: Path, released: Released) -> None:
    version = released.wheel.name.split("-")[1]
    assert _fresh(installed_at, installed_at / "exchangeai", "--version") == f"exchangeai {version}"
    code = "import exchangeai as ex; print(ex.__file__, ex.__version__, ex.embed(ex.simulate('NORM', seed=1)).shape[0])"
    where, told, n = _fresh(installed_at, installed_at / "python", "-c", code).split()
    assert (told, n) == (version, "512")
    assert Path(where).is_relative_to(installed_at.parent)


@pytest.fixture
def address(installed_at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(platform_process, "COMMAND", installed_at / "exchangeai")
    with running_platform(tmp_path, "--no-workers") as running:
        assert str(installed_at) in " ".join(running.processes()[0].cmdline())
        yield running.address


def test_the_installed_platform_serves_its_page(address: str) -> None:
    with httpx.Client(base_url=address, timeout=30) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert '<div id="root">' in page.text
        for asset in [part.split('"')[0] for part in page.text.split('src="')[1:]]:
            answer = client.get(asset)
            assert answer.status_code == 200
            assert "javascript" in answer.headers["content-type"]


def test_the_page_opens_in_a_browser(address: str, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB", base_url=address)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    context.close()


@pytest.fixture
def tree(released: Released, tmp_path: Path) -> Path:
    """The source distribution, unpacked, without its page."""
    with tarfile.open(released.source) as source:
        source.extractall(tmp_path / "source", filter="data")
    (unpacked,) = (tmp_path / "source").iterdir()
    (unpacked / PAGE).unlink()
    return unpacked


def test_without_page_and_without_node_a_build_fails_and_says_what_to_do(tree: Path, tmp_path: Path) -> None:
    refused = build(tree, tmp_path, "--wheel", PATH="/nowhere")
    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    assert "Node.js 20 or later" in said
    assert "EXCHANGEAI_WITHOUT_PAGE=1" in said
    assert not list(tmp_path.glob("*.whl"))


def test_a_build_without_page_is_had_by_asking_for_it(tree: Path, tmp_path: Path) -> None:
    built = build(tree, tmp_path, "--wheel", PATH="/nowhere", EXCHANGEAI_WITHOUT_PAGE="1")
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        assert PAGE not in files.namelist()
