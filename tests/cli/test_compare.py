"""`compare`: what would be compared, a comparison whole, and what is refused."""

from tests.shell_calls import fault, run, run_json
from tests.trained import Trained


def test_what_would_be_compared_is_told_with_its_time(trained: Trained) -> None:
    text = run("compare", "-p", "Simulated", "--estimate", "--minutes", "2").stdout
    assert "CardX, head only" in text
    assert "not compared: It would take longer than the time that is left." in text
    told = run_json(
        "compare", "-p", "Simulated", "-c", "cardx:head", "-c", "xresnet1d18", "-c", "Tiny:all", "--estimate"
    )
    assert [one["title"] for one in told] == ["CardX, head only", "XResNet1d-18", "Tiny, all layers"]
    assert all(one["included"] and one["seconds"] > 0 for one in told)


def test_what_cannot_be_compared_is_refused_in_a_line(trained: Trained) -> None:
    assert "2 to 12 candidates" in fault("compare", "-p", "Simulated", "-c", "xresnet1d18")
    assert "no method 'magic'" in fault("compare", "-p", "Simulated", "-c", "cardx:magic", "-c", "xresnet1d18")
    assert "nobody" in fault("compare", "-p", "Simulated", "-c", "nobody:head", "-c", "xresnet1d18")
    assert "3 to 20 folds" in fault(
        "compare", "-p", "Simulated", "-c", "rlign_logistic", "-c", "xresnet1d18", "--folds", "2"
    )
