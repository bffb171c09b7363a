"""Exchanges of the platform: models published, fetched, refused and withdrawn, a bare file, and federated rounds."""

from tests.e2e.world.building import Builder
from tests.shared_folder import SharedFolder

LOCAL = {"method": "all", "max_epochs": 1, "batch_size": 16, "threads": 1}
US = "Hospital North"


def share(to: Builder, shared: SharedFolder, changed: SharedFolder) -> None:
    """Publish the ward's model, fetch it elsewhere, begin a round; in `changed` a package is not what was signed."""
    ward = to.api.project
    to.ids["guest"] = to.api.new_project(name="Outpatients")
    to.api.project = ward
    to.ids["exchange"] = _added(to, "Heart clinics", shared)
    _publish(to, to.ids["exchange"], to.ids["model"])
    onnx = to.api.client.get(to.api.url(f"/models/{to.ids['tuned']}/onnx")).content
    to.ids["bare"] = "from_elsewhere.onnx"
    (shared.path / to.ids["bare"]).write_bytes(onnx)
    to.ask(f"~/exchanges/{to.ids['exchange']}/listing")
    listed = to.ask(f"~/exchanges/{to.ids['exchange']}/models", method="GET")["items"]
    signed = next(one for one in listed if one.get("fingerprint"))
    to.ids["listed"] = signed["place"]
    _fetch(to, to.ids["exchange"], signed, "done")
    _round(to, signed["place"])

    to.ids["broken"] = _added(to, "Next town", changed)
    _publish(to, to.ids["broken"], to.ids["tuned"])
    (package,) = changed.path.rglob("package.zip")
    package.write_bytes(package.read_bytes()[:-300] + b"x" * 300)
    (torn,) = to.ask(f"~/exchanges/{to.ids['broken']}/models", method="GET")["items"]
    _fetch(to, to.ids["broken"], torn, "failed")


def _added(to: Builder, name: str, shared: SharedFolder) -> str:
    said = shared.request(name)
    asked = {"name": name, "url": said.url, "username": said.username, "password": said.password}
    made: str = to.ask("~/exchanges", asked | {"access": "read_write"})["id"]
    return made


def _publish(to: Builder, exchange: str, model: str) -> None:
    to.ask(f"/models/{model}", {"licence": "CC BY 4.0", "intended_use": "Resting 12-lead ECGs of adults"}, "PATCH")
    to.done("/transfers/push", {"exchange_id": exchange, "model_id": model, "publisher": US, "notes": "First version"})
    to.ask(f"~/exchanges/{exchange}/listing")


def _fetch(to: Builder, exchange: str, listed: dict[str, str], status: str) -> None:
    """Fetch into the project of the outpatients."""
    here, to.api.project = to.api.project, to.ids["guest"]
    asked = {"exchange_id": exchange, "item": listed["place"], "trust": listed["fingerprint"]}
    to.done("/transfers/pull", asked, status)
    to.api.project = here


def _round(to: Builder, place: str) -> None:
    """A round that has our contribution."""
    tuned = {"base_model_id": to.ids["model"], "training": LOCAL}
    _, part = to.train(to.ids["table"], "Our part of the round", **tuned)
    rounds = f"~/exchanges/{to.ids['exchange']}/rounds"
    to.ask(rounds, {"item": place, "coordinator": US, "title": "Better together", "rules": {"fewest_sites": 2}})
    (one,) = to.ask(rounds, method="GET")["rounds"]
    to.ask(f"{rounds}/{one['slug']}/{one['number']}/join", {"site": US})
    here = f"/exchanges/{to.ids['exchange']}/rounds/{one['slug']}/{one['number']}"
    to.done(f"{here}/contribution", {"model_id": part})
