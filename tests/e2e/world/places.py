"""Every page there is, some in several states: what is checked to be for all, and what pictures are taken of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.world import acts
from tests.e2e.world.world import World

ROUTER = Path(__file__).parents[3] / "frontend" / "src" / "app" / "router.tsx"


@dataclass(frozen=True)
class Place:
    """A page: `path` names things of the world in braces; `act` is what a person does there before it is looked at."""

    name: str
    path: str
    act: Callable[[Page], None] | None = None
    signed_in: bool = True
    """False for what is shown to somebody who has not signed in, where people sign in."""
    only_server: bool = False
    """Whether there is something only where people sign in."""

    def address(self, world: World) -> str:
        return "/" + self.path.format(**world.ids)


W = "projects/{ward}"
PLACES = (
    Place("projects", ""),
    Place("new-project", "", acts.new_project),
    Place("jobs-tray", W + "/overview", acts.tray),
    Place("overview", W + "/overview"),
    Place("overview-empty", "projects/{empty}/overview"),
    Place("recordings", W + "/recordings"),
    Place("recordings-filtered", W + "/recordings?search=nothing-is-called-so"),
    Place("recordings-empty", "projects/{empty}/recordings"),
    Place("recording", W + "/recordings/{recording}"),
    Place("recording-predicted", W + "/recordings/{recording}", acts.predict),
    Place("recording-waves", W + "/recordings/{recording}", acts.waves),
    Place("recording-beats", W + "/recordings/{recording}", acts.beats),
    Place("recording-model-sees", W + "/recordings/{recording}", acts.model_sees),
    Place("recording-calipers", W + "/recordings/{recording}", acts.calipers),
    Place("recording-shortcuts", W + "/recordings/{recording}", acts.shortcuts),
    Place("recording-gone", W + "/recordings/" + "0" * 32),
    Place("imports", W + "/imports"),
    Place("import", W + "/imports/{import}"),
    Place("labels", W + "/labels"),
    Place("labels-empty", "projects/{empty}/labels"),
    Place("labels-new-set", W + "/labels", acts.new_label_set),
    Place("statistics", W + "/labels/tables/{table}"),
    Place("statistics-values", W + "/labels/tables/{values}"),
    Place("read", W + "/labels/{label_set}/read", acts.read),
    Place("readers", W + "/labels/{label_set}/readers", acts.say_who),
    Place("runs", W + "/runs"),
    Place("runs-empty", "projects/{empty}/runs"),
    Place("new-run", W + "/runs/new", acts.advanced),
    Place("run", W + "/runs/{run}"),
    Place("run-cross-validated", W + "/runs/{crossed_run}"),
    Place("run-cancelled", W + "/runs/{cancelled_run}"),
    Place("runs-side-by-side", W + "/runs/side-by-side?run={run}&run={crossed_run}&run={cancelled_run}"),
    Place("comparisons", W + "/comparisons"),
    Place("new-comparison", W + "/comparisons/new"),
    Place("comparison", W + "/comparisons/{comparison}"),
    Place("models", W + "/models"),
    Place("models-empty", "projects/{empty}/models"),
    Place("model", W + "/models/{model}"),
    Place("model-card", W + "/models/{model}", acts.card),
    Place("model-fine-tuned", W + "/models/{tuned}"),
    Place("model-of-values", W + "/models/{estimator}"),
    Place("model-cross-validated", W + "/models/{crossed}"),
    Place("evaluate", W + "/models/{model}/evaluate"),
    Place("publish", W + "/models/{model}/publish"),
    Place("drift-check", W + "/drift-checks/{drift}"),
    Place("drift-check-strange", W + "/drift-checks/{strange}"),
    Place("evaluation", W + "/evaluations/{evaluation}"),
    Place("evaluation-cell", W + "/evaluations/{evaluation}?label=NORM&threshold=50&cell=true_positive"),
    Place("evaluation-elsewhere", W + "/evaluations/{elsewhere}"),
    Place("evaluation-of-values", W + "/evaluations/{of_values}"),
    Place("predictions", W + "/predictions"),
    Place("predictions-empty", "projects/{empty}/predictions"),
    Place("prediction", W + "/predictions/{prediction}"),
    Place("explanation", W + "/explanations/{explanation}"),
    Place("privacy", W + "/privacy"),
    Place("no-such-project", "projects/" + "0" * 32 + "/overview"),
    Place("no-such-page", "nothing/of/this/name"),
    Place("exchanges", "exchanges"),
    Place("exchange", "exchanges/{exchange}"),
    Place("exchange-add", "exchanges", acts.add_exchange),
    Place("exchange-rounds", "exchanges/{exchange}?tab=rounds"),
    Place("exchange-transfers", "exchanges/{broken}?tab=transfers"),
    Place("exchange-keys", "exchanges/{exchange}?tab=keys"),
    Place("exchange-settings", "exchanges/{exchange}?tab=settings"),
    Place("exchange-model", "exchanges/{exchange}/models/{listed}"),
    Place("exchange-file", "exchanges/{exchange}/files/{bare}"),
    Place("account", "account", only_server=True),
    Place("account-new-key", "account", acts.new_key, only_server=True),
    Place("users", "users", only_server=True),
    Place("audit", "audit", only_server=True),
    Place("members", W + "/privacy", acts.retention, only_server=True),
    Place("sign-in", "", signed_in=False, only_server=True),
    Place("sign-in-refused", "", acts.refused, signed_in=False, only_server=True),
    Place("welcome", "{welcome}", signed_in=False, only_server=True),
)  # fmt: skip


def routes() -> set[str]:
    """Return the addresses of the page's router, with names after a colon for what varies."""
    text = ROUTER.read_text()
    inside = {f"projects/:projectId/{path}" for path in re.findall(r"\bpage\(\s*\"([^\"]+)\"", text)}
    written = re.findall(r"\bpath: \"([^\"]+)\"", text)
    return inside | {path for path in written if path not in ("projects/:projectId",)} | {""}


def shows(place: Place, route: str) -> bool:
    """Say whether a place is of a route: what is fixed in one is fixed in the other."""
    path = place.path.format_map(_Marked()).partition("?")[0].partition("#")[0].split("/")
    parts = route.split("/")
    return len(path) == len(parts) and all(
        (own.startswith(":") if part.startswith(("\0", "0000")) else own == part)
        for own, part in zip(parts, path, strict=True)
    )


class _Marked(dict[str, str]):
    """Names of the world, as places where something varies."""

    def __missing__(self, name: str) -> str:
        return {"listed": "\0listed/\0version", "welcome": "welcome#token"}.get(name, f"\0{name}")
