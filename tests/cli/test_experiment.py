"""`exchangeai experiment` on simulated ECGs: each runs whole, goes on where it was ended, and says what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cli import experiment as command
from backend.db.session import write_session
from backend.ml.experiments import few_labels
from backend.ml.experiments.register import EXPERIMENTS
from backend.services import projects
from backend.settings import Settings, get_settings
from tests.installation import installation, same_ids
from tests.shell_calls import fault, run, run_json
from workers.lifecycle import run as work
from workers.projects import demo

LEARN, OTHER = "Simulated", "Elsewhere"


@pytest.fixture(scope="module")
def two_projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A project of 160 simulated ECGs to learn from, and one of 60 that tests."""
    from backend.db.migrate import upgrade

    with installation(tmp_path_factory.mktemp("experiments") / "data") as settings, same_ids("experiments"):
        url = settings.resolved_database_url
        upgrade(url)
        for name, n, seed in ((LEARN, 160, 1), (OTHER, 60, 2)):
            with write_session(url) as session:
                _, job = projects.create_demo(session, name, n, seed)
            work(job.id, demo)
        yield settings


def test_without_a_name_the_questions_are_listed(two_projects: Settings) -> None:
    assert [row["name"] for row in run_json("experiment")] == list(EXPERIMENTS)
    assert "From how many labelled ECGs on" in run("experiment").stdout


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_experiment_runs_whole_and_writes_its_table_and_plot(
    two_projects: Settings, tmp_path: Path, name: str
) -> None:
    made = run_json("experiment", name, "-p", LEARN, "--test", OTHER, "--quick", "-o", tmp_path)
    arms = {line["arm"] for line in made["runs"]}
    assert len(made["runs"]) == len(arms) >= 2
    for line in made["runs"]:
        assert set(line["tests"]) == {"internal", line_of_other(line)}
        low, high = line["tests"][line_of_other(line)]["macro_auroc"][1:]
        assert 0 <= low <= line["tests"][line_of_other(line)]["macro_auroc"][0] <= high <= 1
    table = Path(made["table"]).read_text()
    assert all(f"| {arm} |" in table for arm in arms)
    assert EXPERIMENTS[name].question in table
    plot = Path(made["plot"]).read_text()
    assert plot.startswith("<svg")
    assert "<script" not in plot
    assert {path.name for path in tmp_path.iterdir()} == {"runs.jsonl", f"{name}.md", f"{name}.svg"}


def line_of_other(line: dict) -> str:
    return next(name for name in line["tests"] if name != "internal")


def test_it_goes_on_where_it_was_ended_and_other_settings_begin_anew(
    two_projects: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("experiment", "few_labels", "-p", LEARN, "--quick", "-o", tmp_path)
    one_arm = ("--arms", "pre-trained: head only")
    (first,) = run_json(*asked, *one_arm)["runs"]
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"experiment": "few_la')  # the machine went down
    done = []
    whole = few_labels.do
    monkeypatch.setattr(few_labels, "do", lambda run, *rest: done.append(run.arm) or whole(run, *rest))
    assert run_json(*asked, *one_arm)["runs"] == [first]
    assert done == []
    assert run_json(*asked, *one_arm, "--epochs", "2")["runs"][0]["of"] != first["of"]
    assert done == ["pre-trained: head only"]
    assert len(run_json(*asked, *one_arm, "--seeds", "2")["runs"]) == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("experiment", "dreams"), "There is no experiment “dreams”"),
        (("experiment", "few_labels"), "Name the project"),
        (("experiment", "few_labels", "-p", LEARN, "--sizes", "many"), "whole numbers"),
        (("experiment", "few_labels", "-p", LEARN, "--sizes", "100000"), "nothing to do"),
        (("experiment", "start", "-p", LEARN, "--sizes", "100000"), "100,000 labelled ECGs"),
        (("experiment", "few_labels", "-p", LEARN, "--arms", "luck"), "no arm “luck”"),
        (("experiment", "few_labels", "-p", LEARN, "--base", "cardy"), "cardx"),
        (("experiment", "few_labels", "-p", LEARN, "--test", "Nowhere"), "Nowhere"),
        (("experiment", "few_labels", "-p", LEARN, "--split", "luck"), "no split"),
        (("experiment", "few_labels", "-p", LEARN, "--labels", "NORM,DREAMS"), "DREAMS"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    two_projects: Settings, tmp_path: Path, asked: tuple[str, ...], message: str
) -> None:
    place = ("-o", str(tmp_path)) if "-p" in asked else ()
    result = run(*asked, *place)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_quick_settings_are_no_other_than_a_person_could_ask_for() -> None:
    assert json.loads(json.dumps(command.QUICK.sizes)) == [40]
    assert get_settings() is not None
    assert "Error" in fault("experiment", "few_labels")
