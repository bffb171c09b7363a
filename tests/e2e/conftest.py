"""The platform as a person starts it (`exchangeai up`, with real workers), and a real browser before it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from install_chromium import installed
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright
from servers import free_port

START_S = 90
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def platform() -> Iterator[str]:
    """The address of a running platform with data of its own."""
    with running_platform() as address:
        yield address


@contextmanager
def running_platform() -> Iterator[str]:
    """Start the platform as a person does, on a free port and in a folder of its own; yield its address."""
    port = free_port()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = {"EXCHANGEAI_DATA_DIR": folder, "EXCHANGEAI_PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "up"],
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/v1/health", process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = installed()
    if path is None:
        pytest.skip("no Chromium is here and none could be installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, platform: str) -> Iterator[BrowserContext]:
    """A window of 1440 pixels whose pages must neither fail nor ask any other host for anything."""
    context = browser.new_context(base_url=platform, viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(20_000)
    faults: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((platform, "data:", "blob:")):
            faults.append(f"asked another host: {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        # A refused request is logged by the browser itself; that it is shown to the person is what the tests look at.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(f"console: {message.text}")

    context.on("request", on_request)
    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"page error: {error.error}"))
    yield context
    context.close()
    assert not faults, faults


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of the window."""
    return context.new_page()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The source of axe, the accessibility checker, from the packages of the page."""
    path = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    return path.read_text()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the platform ended at its start"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the platform does not answer after {START_S} s")
