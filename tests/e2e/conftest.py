"""The platform as a person starts it (`exchangeai up`, with real workers), and a real browser before it."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.api_calls import Api
from tests.e2e.chromium import installed, launched
from tests.platform_process import running_platform

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running platform with data of its own."""
    with running_platform(tmp_path_factory.mktemp("platform")) as running:
        yield running.address


@pytest.fixture(scope="module")
def api(platform: str) -> Iterator[Api]:
    """The API, with a project of its own for the tests of a module."""
    with httpx.Client(base_url=platform, timeout=60) as client:
        yield Api(client)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if installed() is None:
        pytest.skip("no Chromium is here and none could be installed")
    with launched() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser, platform: str) -> Iterator[BrowserContext]:
    """A window of 1440 pixels whose pages must neither fail nor ask any other host for anything."""
    context = browser.new_context(
        locale="en-GB", base_url=platform, viewport={"width": 1440, "height": 900}, accept_downloads=True
    )
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
