"""How long a training will take, told before it is started."""

import pytest
from sqlalchemy import select

from backend.db.session import write_session
from backend.db.tables import JobEvent, Run
from backend.ml.architectures import ARCHITECTURES, RECOMMENDED
from backend.services import runs
from backend.services.estimates import Estimate
from backend.settings import get_settings
from tests.trained import QUICK, TINY, Trained

RATE = {"learning_rate": 0.01}


def ask(trained: Trained, **request: object) -> Estimate:
    with write_session(get_settings().resolved_database_url) as session:
        return runs.estimate(
            session, trained.project_id, runs.Request(trained.dataset_id, **{"split": {"method": "holdout"}} | request)
        )


def tiny(trained: Trained, max_epochs: int = 40) -> Estimate:
    return ask(
        trained, architecture="inception_time", architecture_config=TINY,
        training=QUICK | {"max_epochs": max_epochs, "patience": 100},
    )  # fmt: skip


def epochs_took(seconds: float, config: dict[str, object] | None = None) -> None:
    """Let the epochs of the run of the installation have taken so long, by a network of this configuration."""
    with write_session(get_settings().resolved_database_url) as session:
        for event in session.scalars(select(JobEvent).where(JobEvent.kind == "epoch")):
            event.payload = event.payload | {"seconds": seconds}
        run = session.scalars(select(Run)).one()
        run.settings = run.settings | ({} if config is None else {"architecture_config": config})


def test_a_training_like_the_last_one_takes_as_long_an_epoch(trained: Trained) -> None:
    epochs_took(3.0)
    twenty, forty = (tiny(trained, epochs).most_seconds for epochs in (20, 40))
    assert forty - twenty == pytest.approx(20 * 3.0)
    assert tiny(trained).measured
    assert [note for note in tiny(trained).notes if "moved" not in note] == []  # what is known of the parts comes too


def test_a_machine_half_as_quick_takes_twice_as_long(trained: Trained) -> None:
    epochs_took(3.0)
    before = tiny(trained, 40).most_seconds - tiny(trained, 20).most_seconds
    epochs_took(6.0)
    assert tiny(trained, 40).most_seconds - tiny(trained, 20).most_seconds == pytest.approx(2 * before)


def test_a_network_made_small_says_nothing_of_one_of_full_size(trained: Trained) -> None:
    epochs_took(0.001)
    full = ask(trained, architecture="inception_time", training=RATE)
    epochs_took(1000.0)
    assert ask(trained, architecture="inception_time", training=RATE) == full
    assert not full.measured
    assert "No training has been done here yet" in full.notes[0]


def test_a_network_of_full_size_tells_of_the_others(trained: Trained) -> None:
    epochs_took(3.0, ARCHITECTURES["inception_time"].defaults)
    quick = ask(trained, architecture="xresnet1d18", training=RATE)
    assert "goes by the speed of others" in quick.notes[0]
    epochs_took(6.0)
    assert ask(trained, architecture="xresnet1d18", training=RATE).seconds > 1.5 * quick.seconds


def test_the_head_alone_takes_less_than_all_layers(trained: Trained) -> None:
    epochs_took(3.0)
    head, both = (
        ask(trained, base_model_id=trained.model_id, training={"method": method}) for method in ("head", "all")
    )
    assert head.method == "head"
    assert head.seconds < both.seconds / 4


def test_what_nobody_has_chosen_is_estimated_for_the_recommended_network(trained: Trained) -> None:
    assert ask(trained) == ask(trained, architecture=RECOMMENDED)


def test_five_folds_take_six_times_as_long_as_one_test_part(trained: Trained) -> None:
    epochs_took(3.0)
    asked = {"architecture": "inception_time", "architecture_config": TINY, "training": QUICK | {"max_epochs": 40}}
    once, folds = (ask(trained, split={"method": method}, **asked) for method in ("holdout", "cross_validation"))
    assert 5 < folds.seconds / once.seconds < 7


def test_a_cross_validation_that_would_take_hours_is_not_chosen_by_itself(trained: Trained) -> None:
    asked = {"architecture": "inception_time", "architecture_config": TINY, "training": QUICK | {"max_epochs": 40}}
    assert ask(trained, split={}, **asked).how_tested.method == "cross_validation"
    epochs_took(600.0)
    told = ask(trained, split={}, **asked).how_tested
    assert (told.method, told.automatic) == ("holdout", True)
    assert "Cross-validation would take about" in told.reason
