"""What is asked of learning curves, as examples of the API's description."""

from typing import Any

from backend.settings import Settings
from tests.api_recorder import Recorder
from tests.finished_runs import finish


def ask_learning_curve(to: Recorder, settings: Settings, question: dict[str, Any]) -> None:
    """Ask what more data would bring the first candidate of a comparison that is done."""
    made = to.ask("POST", "/comparisons", question)
    for number, one in enumerate(made["candidates"]):
        finish(settings, one["run_id"], 1.0, seed=number)
    curve = f"/comparisons/{made['id']}/learning-curves/0"
    started = to.ask("POST", curve)
    to.ask("POST", f"{curve}/cancel")
    for point in to.ask("POST", curve)["points"]:
        if point["job"] and point["job"]["status"] == "queued":
            finish(settings, point["run_id"], 2.0 if point["share"] == 0.5 else 4.0)
    assert to.ask("GET", curve)["status"] == "done", started
