"""Lead names, derivation, and placing by name."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ecg.errors import MissingLeadsError
from backend.ecg.leads import LEADS, canonical_lead, einthoven_residual, place_leads, shown
from backend.ecg.readers import ReadOptions

SPELLINGS = [
    "{}", "Lead {}", "lead_{}", "ECG {}", "EKG-{}", "MDC_ECG_LEAD_{}", " {} ", "ECG Lead {}", "{} (mV)", "{} [µV]",
]  # fmt: skip


def twelve(n: int = 30) -> np.ndarray:
    one, two, *chest = np.random.default_rng(0).normal(size=(8, n))
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.array([*limbs, *chest])


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_leads_are_known_as_devices_write_them(spelling, case):
    for lead in LEADS:
        assert canonical_lead(case(spelling.format(lead))) == lead


@pytest.mark.parametrize("name", ["MLII", "V7", "X", "", "resp", "-aVR", "−aVR", "V", "time", "I-II", "aVRR", "V10"])
def test_other_channels_are_none_of_the_twelve(name):
    assert canonical_lead(name) is None


def test_short_names_are_known():
    found = [canonical_lead(name) for name in ("1", "2", "3", "VR", "VL", "VF", "C1", "C6", "DI", "D2")]
    assert found == ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V6", "I", "II"]


@given(st.permutations(range(12)))
def test_any_order_lands_in_canonical_order(order):
    x = twelve()
    placed = place_leads(x[list(order)], [LEADS[i] for i in order])
    signal, derived = placed.signal, placed.derived
    np.testing.assert_array_equal(signal, x.astype(np.float32))
    assert derived == ()


@pytest.mark.parametrize("pair", list(itertools.combinations(range(3), 2)))
def test_any_two_of_the_first_three_leads_give_the_other_limb_leads(pair):
    x = twelve()
    keep = [*pair, *range(6, 12)]
    placed = place_leads(x[keep], [LEADS[i] for i in keep])
    signal, derived = placed.signal, placed.derived
    np.testing.assert_allclose(signal, x, atol=1e-6)
    assert derived == tuple(lead for i, lead in enumerate(LEADS) if i not in keep)


def test_measured_leads_are_kept_as_measured_where_only_some_are_missing():
    x = twelve()
    x[4] += 5
    keep = [0, 1, 2, 4, *range(6, 12)]
    placed = place_leads(x[keep], [LEADS[i] for i in keep])
    signal, derived = placed.signal, placed.derived
    np.testing.assert_allclose(signal[4], x[4], atol=1e-6)
    assert derived == ("aVR", "aVF")


def test_float32_leads_in_order_are_not_copied():
    x = twelve().astype(np.float32)
    assert place_leads(x, LEADS).signal is x


def test_nan_passes_into_derived_leads():
    x = twelve()
    x[0, 3] = np.nan
    keep = [0, 1, *range(6, 12)]
    placed = place_leads(x[keep], [LEADS[i] for i in keep])
    signal = placed.signal
    assert np.isnan(signal[:6, 3]).sum() == 5


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (LEADS[:11], "The leads V6 are missing"),
        (LEADS[:1] + LEADS[3:], "The leads II, III are missing"),
        (("a",) * 12, "none of the twelve"),
        ((*LEADS[:11], "Lead I"), "Lead I is named twice"),
        (("x",) * 40, "and 24 more"),
        (LEADS[:2] + LEADS[6:11], "V6 are missing.*At least two of I, II, III and all of V1 to V6"),
    ],
)
def test_what_cannot_be_derived_is_refused_by_name(names, words):
    with pytest.raises(MissingLeadsError, match=words):
        place_leads(np.zeros((len(names), 5)), names)


def test_what_is_left_out_is_named():
    placed = place_leads(np.zeros((14, 5)), [*LEADS, "resp", ""])
    assert placed.notes == ("Left out, being none of the twelve leads: resp, (unnamed).",)


def test_steps_of_derived_leads_are_whole_or_half_and_none_without_a_common_one():
    keep = [0, 1, *range(6, 12)]
    placed = place_leads(twelve()[keep], [LEADS[i] for i in keep])
    steps = placed.steps(np.full(8, 0.004))
    assert steps is not None
    np.testing.assert_allclose(steps, [0.004] * 3 + [0.002] * 3 + [0.004] * 6)
    assert placed.steps(np.array([0.004, 0.003, *[0.004] * 6])) is None


def test_einthoven_holds_for_true_limb_leads_and_not_for_swapped_ones():
    x = twelve()
    assert einthoven_residual(x) < 1e-12
    assert einthoven_residual(x[[1, 0, *range(2, 12)]]) > 0.1
    assert einthoven_residual(np.full((12, 5), np.nan)) == 0


VAGUE = ("1", "2", "3", "R", "L", "F", "C1", "C2", "C3", "C4", "C5", "C6")


def test_vague_names_are_leads_where_they_make_the_set_whole():
    x = twelve()
    np.testing.assert_array_equal(place_leads(x, VAGUE).signal, x.astype(np.float32))
    mixed = place_leads(x, (*LEADS[:6], *VAGUE[6:]))
    assert mixed.left_out == ()
    np.testing.assert_array_equal(mixed.signal, x.astype(np.float32))


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (("I", "2", "3"), LEADS[1:]),  # an exercise test with electrodes on the arms alone
        (("ECG I", "C3", "C4", "F"), LEADS[1:]),  # a sleep study: electrodes on the head
        (("II", "V5", "ECG R", "ECG L"), tuple(lead for lead in LEADS if lead not in ("II", "V5"))),
    ],
)
def test_vague_names_in_a_part_of_an_ecg_are_no_leads(names, missing):
    placed = place_leads(twelve()[: len(names)], names, partial=True)
    assert placed.missing == missing
    assert placed.derived == ()
    with pytest.raises(MissingLeadsError, match="none of the twelve"):
        place_leads(twelve()[:2], ("ECG 1", "ECG 2"), partial=True)


def test_a_clear_name_goes_before_a_vague_one():
    x = np.vstack([twelve(), np.full((2, 30), 9.0)])
    placed = place_leads(x, [*LEADS, "R", "L"])  # muscles of the right and left leg
    assert placed.left_out == ("R", "L")
    np.testing.assert_array_equal(placed.signal, x[:12].astype(np.float32))


def test_names_are_shown_cut_and_counted():
    names = ["x" * 1000, "", *["y"] * 20]
    assert shown(names) == ", ".join(["x" * 24, "(unnamed)", *["y"] * 14]) + " and 6 more"
    assert shown([]) == ""


def test_a_declared_short_name_is_meant_as_a_lead():
    assert ReadOptions(leads=("c1", "R", "2")).order == ("V1", "aVR", "II")
    assert ReadOptions().order == LEADS
