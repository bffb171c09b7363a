"""`train` and how the model is tested: what the shell asks for, what it says, what it refuses."""

from tests.shell_calls import fault, run, run_json
from tests.trained import Trained

ASKED = ("train", "-p", "Simulated", "--architecture", "rlign_logistic")


def test_few_ecgs_are_cross_validated_and_the_plan_says_why(trained: Trained) -> None:
    text = run(*ASKED, "--estimate").stdout
    assert "Cross-validation: 5 folds, 2 repeats. 60 recordings are tested" in text
    assert "With 60 ECGs, " in text
    assert "one test part would hold" in text
    assert "Recordings: " in run(*ASKED, "--split", "holdout", "--estimate").stdout
    told = run_json(*ASKED, "--cross-validate", "--folds", "4", "--repeats", "2", "--estimate")
    assert (told["how_tested"]["method"], told["how_tested"]["folds"], told["how_tested"]["repeats"]) == (
        "cross_validation", 4, 2,
    )  # fmt: skip


def test_an_unknown_way_to_test_is_refused_with_the_known_ones(trained: Trained) -> None:
    text = fault(*ASKED, "--split", "magic")
    assert "cross_validation" in text
    assert "3 to 20 folds" in fault(*ASKED, "--cross-validate", "--folds", "2")
