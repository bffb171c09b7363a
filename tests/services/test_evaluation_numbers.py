"""How the numbers of an evaluation are written: as exact as they are known, and never so that a decision is hidden."""

from hypothesis import example, given
from hypothesis import strategies as st

from backend.cli.predictions import as_line
from backend.services.evaluation_numbers import apart, decimals, estimate, per_cent


def test_a_third_decimal_takes_a_thousand_recordings() -> None:
    assert (decimals(999), decimals(1000)) == (2, 3)
    assert estimate({"value": 0.81234, "low": 0.7, "high": 0.9}, decimals(81)) == "0.81 (0.70 to 0.90)"
    assert estimate({"value": 0.8, "low": None, "high": None}, 2) == "0.80 (no interval)"
    assert estimate({"value": None, "low": None, "high": None, "withheld": "too few to say: 3"}) == "too few to say: 3"


def test_per_cents_have_no_trailing_zeros() -> None:
    assert [per_cent(share) for share in (0.1, 0.25, 0.0025, 0.3333, 1)] == [
        "10 %",
        "25 %",
        "0.25 %",
        "33.33 %",
        "100 %",
    ]


@given(st.integers(0, 100_000), st.integers(0, 100_000))
@example(13_400, 13_000)
def test_rounding_never_hides_on_which_side_of_the_threshold_a_probability_lies(a: int, b: int) -> None:
    probability, threshold = a / 100_000, b / 100_000
    digits = apart(probability, threshold)
    shown = [round(float(f"{100 * value:.{digits}f}"), digits) for value in (probability, threshold)]
    assert (shown[0] > shown[1]) == (a > b)
    assert (shown[0] == shown[1]) == (a == b)


def test_the_line_of_a_prediction_says_why_a_less_probable_label_is_called() -> None:
    answer = {
        "file_name": "a.dcm",
        "probabilities": {"NORM": 0.5, "STTC": 0.3, "MI": 0.184, "HYP": 0.1, "CD": 0.09, "AFIB": 0.0824},
        "thresholds": {"NORM": 0.6, "STTC": 0.4, "MI": 0.15, "HYP": 0.5, "CD": 0.5, "AFIB": 0.0815},
        "intervals": {"MI": [0.12, 0.24]},
        "predicted": ["MI", "AFIB"],
    }
    line = as_line(answer)
    assert "\n" not in line
    assert line.startswith("a.dcm: MI; AFIB (NORM 50 %, STTC 30 %, MI 18 % (12 to 24; threshold 15 %), ")
    assert line.endswith("CD 9 %, AFIB 8.24 % (threshold 8.15 %))")
    assert "threshold" not in as_line(answer | {"predicted": ["NORM"], "thresholds": {"NORM": 0.4}})
