"""`compare --more-data`: how long it would take, the trainings, the sentence, and what is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Run
from backend.services import comparisons
from backend.services.candidates import Candidate, Question
from backend.settings import get_settings
from backend.storage import storage_of
from tests.finished_runs import finish
from tests.shell_calls import fault, run, run_json
from tests.trained import Trained


@pytest.fixture
def compared(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> str:
    """A comparison that is done; what is queued after it is done at once, with half as good as it may be."""
    settings = get_settings()
    question = Question(
        dataset_id=trained.dataset_id, name="Which?", folds=3,
        candidates=[Candidate(architecture=one) for one in ("rlign_logistic", "xresnet1d18")],
    )  # fmt: skip
    with write_session(settings.resolved_database_url) as session:
        made = comparisons.create(session, storage_of(settings), trained.project_id, question)
        ids = [str(one.run_id) for one in made.candidates]
        comparison_id = made.id
    for run_id, noise in zip(ids, (0.3, 2.0), strict=True):
        finish(settings, run_id, noise, seconds=60)

    @contextmanager
    def worker(url: str, kind: str) -> Iterator[None]:
        with read_session(url) as session:
            waiting = [
                (one.id, one.facts["share"]["share"]) for one in session.query(Run).all()
                if "share" in one.facts and one.job.status == "queued"
            ]  # fmt: skip
        for run_id, share in waiting:
            finish(settings, run_id, 1 / share)
        yield

    monkeypatch.setattr("backend.cli.more_data.some_worker", worker)
    monkeypatch.setattr("backend.cli.follow.some_worker", worker)
    return comparison_id


def test_a_curve_is_told_before_it_is_trained_then_trained_and_told_again(compared: str) -> None:
    asked = ("compare", "-p", "Simulated", "--more-data", "Which?")
    planned = run_json(*asked, "--estimate")
    assert (planned["status"], planned["place"], planned["found"]) == ("not_started", 0, None)
    text = run(*asked, "--estimate").stdout
    assert "How much would more data bring “Rlign and logistic regression”?" in text
    assert "half " in text
    assert "not trained yet" in text
    told = run_json(*asked)
    assert told["status"] == "done"
    assert told["found"]["verdict"] in ("gain", "uncertain")
    half, all_ = told["points"][-2:]
    assert told["found"]["last"]["value"] == pytest.approx(all_["score"]["value"] - half["score"]["value"])
    again = run(*asked).stdout
    assert f"mean AUROC {half['score']['value']:.3f}" in again
    assert told["text"][0] in again.replace("\n", " ")


def test_any_candidate_is_named_by_its_title_or_place(compared: str) -> None:
    for name in ("XResNet1d-18", "1"):
        told = run_json("compare", "-p", "Simulated", "--more-data", compared, "-c", name, "--estimate")
        assert (told["place"], told["title"]) == (1, "XResNet1d-18")


def test_what_is_not_there_is_refused_in_a_line(compared: str) -> None:
    assert "no comparison 'nothing'" in fault("compare", "-p", "Simulated", "--more-data", "nothing")
    line = fault("compare", "-p", "Simulated", "--more-data", compared, "-c", "S4")
    assert "no candidate 'S4'; it has “Rlign and logistic regression”, “XResNet1d-18”" in line
