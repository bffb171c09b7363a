"""Nobody is offered what they may not do: each role walks all pages and presses every button, and nothing is refused.

Reading is answered by the platform itself. A change goes no farther than to the rule of the gate, so that the walk
leaves everything as it is: what the rule refuses is a button too many.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Response, Route, expect
from playwright.sync_api import Error as BrowserError

from backend.api.access import NEEDS
from backend.api.gate import check
from backend.api.routes import Routes
from backend.db.session import read_session
from backend.errors import UserError
from backend.services import logins
from backend.services.person import Role
from tests.accounts import House
from tests.api.test_walls import one_of_each
from tests.installation import SECRET, installation, same_ids
from tests.platform_process import running_platform
from tests.stores import copy_blobs
from tests.test_architecture import ROOT
from tests.trained import Trained

CLOSED = "Not open to your role"
ROLES: tuple[Role, ...] = ("viewer", "annotator", "trainer", "admin")
PATIENCE_MS = 60_000
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "viewer": (set(), {"runs/new", "comparisons/new", "evaluate", "publish", "read", "readers", "users", "audit"}),
    "annotator": (set(), {"runs/new", "comparisons/new", "evaluate", "publish", "readers", "users", "audit"}),
    "trainer": (
        {"create_run", "delete_run", "update_model", "delete_model", "cancel_job", "delete_label_set"},
        {"publish", "users", "audit"},
    ),
    "admin": ({"create_run", "delete_recording", "update_project", "delete_project"}, {"users", "audit"}),
}
"""Role -> changes that it is at least offered, and pages that are closed to it: an oracle that is not the table."""


NAMES = {
    "projectId": "project_id", "recordingId": "recording_id", "importId": "import_id", "datasetId": "dataset_id",
    "labelSetId": "label_set_id", "runId": "run_id", "comparisonId": "comparison_id", "modelId": "model_id",
    "checkId": "check_id", "evaluationId": "evaluation_id", "predictionId": "prediction_id",
    "explanationId": "explanation_id", "exchangeId": "exchange_id", "slug": "slug", "version": "number", "name": "slug",
}  # fmt: skip
"""Names in the addresses of the page -> those of the API."""

DRAWN = """async () => {
  for (let n = 0; n < 3; n++) await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
}"""
NO_FARTHER = """(() => {
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const request = new Request(...asked);
    if (request.method === "GET") return ask(request);
    await window.askTheRule(request.method, new URL(request.url).pathname);
    const said = { error: "ConflictError", detail: "Nothing is changed on this walk." };
    return Response.json(said, { status: 409 });
  };
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, ...more) {
    if (method !== "GET") throw new Error("Nothing is sent on this walk.");
    return open.call(this, method, ...more);
  };
})()"""
"""In the page, not by Playwright's routes: with those the browser keeps nothing and loads all of the page each time."""
UNDO = "() => [...document.querySelectorAll('button')].some((one) => one.textContent.trim() === 'Undo')"


@pytest.fixture(scope="module")
def paths() -> list[str]:
    """The addresses of the page as its router knows them."""
    text = (ROOT / "frontend" / "src" / "app" / "router.tsx").read_text()
    inside, _, outside = text.partition("export const router")
    found = [f"projects/:projectId/{one}" for one in re.findall(r'page\(\s*"([^"*]+)"', inside)]
    return found + [one for one in re.findall(r'path: "([^"*]+)"', outside) if one != "projects/:projectId"]


class Walk:
    """Somebody with a session who presses every button, and what came of it."""

    def __init__(self, page: Page, house: House, token: str, ids: dict[str, str]) -> None:
        self.page, self.house, self.token, self.ids = page, house, token, ids
        self.refused: list[str] = []
        self.asked: set[str] = set()
        self.closed: set[str] = set()
        self.links: set[str] = set()
        self._routes = Routes(house.app)
        page.context.expose_function("askTheRule", self._change)
        page.context.add_init_script(NO_FARTHER)
        page.context.on("response", self._answered)

    def _answered(self, answer: Response) -> None:
        if answer.status == 403:
            self.refused.append(f"{answer.request.method} {urlsplit(answer.url).path} from {self.page.url}")

    def _change(self, method: str, path: str) -> None:
        found = self._routes.find({"type": "http", "path": path, "method": method})
        assert found is not None, path
        operation, ids = found
        self.asked.add(operation)
        with read_session(self.house.settings.resolved_database_url) as session:
            person = logins.of_session(session, self.house.settings, self.token)
        assert person is not None
        try:
            check(NEEDS[operation], person, ids.get("project_id", ""))
        except UserError as error:
            self.refused.append(f"{operation} from {self.page.url}: {error}")

    def over(self, path: str) -> None:
        """Open a page, whose address has names for ids, and press all that can be pressed there."""
        path = re.sub(r":(\w+)", lambda found: self.ids[NAMES.get(found[1], found[1])], path)
        self._open(path)
        if self.page.get_by_role("heading", level=1).first.inner_text() == CLOSED:
            self.closed.add(path)
            expect(self.page.get_by_text(re.compile("^It takes "))).to_be_visible()
            return
        self.links.update(
            self.page.eval_on_selector_all("main a.mantine-Button-root", "all => all.map(a => a.pathname)")
        )
        for name in self._names("main"):
            self._press(name)
            self._dialog()
            self._menu(name)
            self._delete_now()
            if urlsplit(self.page.url).path != f"/{path}":
                self._open(path)

    def over_tabs(self, path: str, tabs: tuple[str, ...]) -> None:
        """Open the tabs of a page, and press all that can be pressed there."""
        where = "main [role=tabpanel]"
        for tab in tabs:
            self.page.goto(f"/{path.replace(':exchangeId', self.ids['exchange_id'])}?tab={tab}")
            expect(self.page.locator(f"{where}:visible")).to_have_count(1, timeout=PATIENCE_MS)
            self._settle()
            for name in self._names(where):
                self._press(name, where)
                self._dialog()
                self._delete_now()

    def _open(self, path: str) -> None:
        self.page.goto(f"/{path}", wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE_MS)
        expect(self.page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=PATIENCE_MS)
        self._settle()
        self._fill("main form")

    def _fill(self, where: str) -> None:
        for box in self.page.locator(f"{where} input:not([type=checkbox]):not([type=radio]):visible").all():
            with suppress(BrowserError):  # a list to choose from, or one that was just drawn anew
                if box.is_editable(timeout=300) and not box.input_value(timeout=300):
                    box.fill("12", timeout=300)

    def _names(self, where: str) -> list[str]:
        """Names of what can be pressed, each once; links are only looked at."""
        found: list[str] = self.page.evaluate(
            """where => [...document.querySelectorAll(where)]
                .flatMap(one => [...one.querySelectorAll('button, [role=switch], [role=menuitem]')])
                .filter(one => one.offsetParent && !one.disabled && one.tagName !== 'A')
                .map(one => one.ariaLabel || one.innerText || one.id)""",
            where,
        )
        return list(dict.fromkeys(found))

    def _press(self, name: str, where: str = "main") -> None:
        self.page.evaluate(
            """([where, name]) => [...document.querySelectorAll(where)]
                .flatMap(one => [...one.querySelectorAll('button, [role=switch], [role=menuitem]')])
                .find(one => !one.disabled && (one.ariaLabel || one.innerText || one.id) === name)?.click()""",
            [where, name],
        )
        self._settle()

    def _settle(self) -> None:
        """Wait until what was asked has been drawn, however long a busy machine takes for that."""
        self.page.evaluate(DRAWN)

    def _dialog(self) -> None:
        box = "[role=dialog][aria-modal=true]"
        if self.page.locator(box).count():
            self._fill(box)
            for name in self._names(box):
                if name not in ("Cancel", ""):
                    self._press(name, box)
            self.page.keyboard.press("Escape")
            with suppress(AssertionError):
                expect(self.page.locator(box)).to_have_count(0, timeout=2000)

    def _delete_now(self) -> None:
        """Look away from the page: what could be undone is asked for at once, while the walk still hears of it."""
        if self.page.evaluate(UNDO):
            self.page.evaluate("""() => {
                Object.defineProperty(document, "hidden", {value: true, configurable: true});
                document.dispatchEvent(new Event("visibilitychange"));
                delete document.hidden;
            }""")
            expect(self.page.get_by_role("button", name="Undo")).to_have_count(0)

    def _menu(self, opener: str) -> None:
        names = self._names("[role=menu]")
        for name in names:
            if not self.page.locator("[role=menu]").count():
                self._press(opener)
            self._press(name, "[role=menu]")
            self._dialog()
        self.page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def ward(
    trained_once: Trained, application: FastAPI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, Path, dict[str, str], dict[str, str]]]:
    """People of each role and one of everything: who they are, where it lies, role -> session, names -> ids."""
    folder = tmp_path_factory.mktemp("roles") / "data"
    shutil.copytree(trained_once.folder, folder)
    with same_ids("roles"), installation(folder, mode="server") as settings:
        copy_blobs(trained_once.folder, settings)
        house, own = House(settings, application), trained_once.project_id
        tokens = {role: house.token(house.user(role, **{own: role})) for role in ROLES}
        root = house.user("root", is_admin=True)
        with house.client(house.by_session(root)) as api:
            api.project = own
            ids: dict[str, str] = one_of_each(api, trained_once._replace(folder=folder)) | {"project_id": own}
            for job in api.get("/jobs"):  # what is over is deleted, what waits is cancelled: there is both
                api.client.post(api.url(f"/jobs/{job['id']}/cancel"))
            waiting = api.client.post(api.url("/predictions"), json={"model_id": trained_once.model_id})
        yield house, folder, tokens, ids | {"waiting": waiting.json()["id"]}


@pytest.fixture(scope="module")
def walk(browser: Browser, ward: tuple[House, Path, dict[str, str], dict[str, str]]) -> Iterator[Callable[[str], Walk]]:
    """A running platform, which the walks leave as it is; gives the walk of a role, in a window of its own."""
    house, folder, tokens, ids = ward
    with running_platform(folder.parent, "--no-workers", mode="server", secret_key=SECRET) as running:
        contexts = []

        def of(role: str) -> Walk:
            context = browser.new_context(locale="en-GB", base_url=running.address)
            context.set_default_timeout(20_000)
            context.add_cookies([{"name": "exchangeai", "value": tokens[role], "url": running.address}])
            contexts.append(context)
            return Walk(context.new_page(), house, tokens[role], ids)

        yield of
        for context in contexts:
            context.close()


def test_no_button_leads_to_a_refusal(walk: Callable[[str], Walk], paths: list[str]) -> None:
    """With EVERY_ROLE, as in `make test-servers`, all roles go everywhere; else each page is walked by one in turn."""
    assert len(paths) > 30
    whole = "EVERY_ROLE" in os.environ
    for turn, (role, (offered, closed)) in enumerate(EXPECTED.items()):
        one = walk(role)
        for place, path in enumerate(["", *paths, "projects/:projectId/predictions/:waiting"]):
            if whole or place % len(EXPECTED) == turn or path.endswith(tuple(closed)):
                one.over(path)
        if whole or role == "trainer":
            one.over_tabs("exchanges/:exchangeId", ("rounds", "transfers", "keys", "settings"))
        assert not one.refused, (role, one.refused)
        assert not whole or offered <= one.asked, (role, offered - one.asked)
        ends = {path.rpartition(f"{one.ids['project_id']}/")[2] for path in one.closed}
        assert {next((end for end in closed if path.endswith(end)), path) for path in ends} == closed, (role, ends)
        assert not one.links & {f"/{path}" for path in one.closed}, (role, one.links)


def test_the_walk_finds_a_button_too_many(walk: Callable[[str], Walk]) -> None:
    """A page that takes its viewer for an admin offers what the rule refuses: so the walk would notice."""
    one = walk("viewer")

    def flattered(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        route.fulfill(response=answer, json=told | {"roles": dict.fromkeys(told["roles"], "admin")})

    one.page.context.route("**/api/v1/account", flattered)
    one.over("projects/:projectId/recordings/:recordingId")
    one.over("projects/:projectId/privacy")
    said = " ".join(one.refused)
    assert "delete_recording" in said  # a change, which the rule was asked about
    assert "retention/holds" in said  # reading, which the platform itself refused
