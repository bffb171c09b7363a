"""The quality index, interchanged electrodes and pacemaker spikes, on real recordings and on spoilt ones."""

import csv
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from backend.ecg.findings import check
from backend.ecg.leads import LEADS
from backend.ecg.limb_swap import LA_RL, RA_LA, RA_LL, RA_RL, suspected_swap
from backend.ecg.pacing import pacing_spikes
from backend.ecg.recording import Recording
from backend.ecg.signal_quality import BAD, FAIR, assess, disturbances, disturbed
from backend.ecg.synthesize import CLASSES, simulate
from tests.samples import NO_SHARED, SHARED

real = pytest.mark.skipif(not SHARED.exists(), reason=NO_SHARED)
DEAD = {
    "JS11438": LEADS[6:], "JS20004": ("V2", "V4", "V6"), "JS20008": ("V2", "V4", "V6"), "JS45542": LEADS[6:],
    "JS45544": LEADS[6:], "JS45551": LEADS[9:],
}  # fmt: skip


def signals(name: str, rate: int = 100) -> np.ndarray:
    with np.load(SHARED / f"{name}_{rate}hz.npz") as z:
        return (z["x"] * float(z["unit_mv"])).astype(np.float32)


def limbs(x: np.ndarray, ra: np.ndarray, la: np.ndarray, ll: np.ndarray) -> np.ndarray:
    """The ECG with its six limb leads made anew from the potentials of the electrodes."""
    y = x.copy()
    y[:6] = la - ra, ll - ra, ll - la, ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (ra + la) / 2
    return y


def interchanged(x: np.ndarray, which: str) -> np.ndarray:
    """The ECG as recorded with two electrodes interchanged; the right leg has nearly the potential of the left."""
    ra = -(x[0] + x[1]) / 3
    la, ll = x[0] + ra, x[1] + ra
    rl = 1.02 * ll + 0.005 * np.random.default_rng(0).normal(size=ll.shape).astype(np.float32)
    electrodes = {
        RA_LA: (la, ra, ll), RA_LL: (ll, la, ra), RA_RL: (rl, la, ll), LA_RL: (ra, rl, ll), "LA-LL": (ra, ll, la)
    }  # fmt: skip
    return limbs(x, *electrodes[which])


@real
def test_interchanged_limb_electrodes_are_suspected_in_less_than_one_sound_recording_in_a_hundred():
    for name in ("ptbxl/ptbxl_raw", "ludb/ludb"):
        x = signals(name)
        assert sum(suspected_swap(one, 100) is not None for one in x) < 0.01 * len(x)  # measured: 1 of 447, 0 of 100


@real
@pytest.mark.parametrize(("which", "least"), [(RA_LA, 0.7), (RA_LL, 0.8), (RA_RL, 0.85), (LA_RL, 0.9)])
def test_interchanged_limb_electrodes_are_recognised_in_most_real_recordings(which, least):
    found = [suspected_swap(interchanged(x, which), 100) == which for x in signals("ptbxl/ptbxl_raw")[1::4]]
    assert np.mean(found) > least


@real
def test_a_suspected_interchange_is_a_finding_in_words_for_signals_in_millivolt():
    x = interchanged(signals("ludb/ludb", 500)[2], RA_LA)
    codes = {finding.code: finding.message for finding in check(Recording(signal=x, rate=500, name="a", format="x"))}
    assert "electrodes of the right and the left arm had been interchanged" in codes["limb_swap"]
    unscaled = Recording(signal=x, rate=500, name="a", format="x", unit="arbitrary")
    assert "limb_swap" not in {finding.code for finding in check(unscaled)}


@pytest.mark.parametrize("label", CLASSES)
def test_simulated_recordings_of_all_classes_are_usable_and_not_suspected(label):
    for seed in range(6):
        x = simulate(label, seed).recording.signal
        assert assess(x, 500).overall == "usable"
        assert suspected_swap(x, 500) is None
        assert pacing_spikes(x, 500).size == 0


def test_incomplete_or_dead_leads_prove_no_interchange():
    x = simulate("NORM", 1).recording.signal
    swapped = interchanged(x, RA_LA)
    assert suspected_swap(swapped, 500) == RA_LA
    for lead in (0, 7):
        for value in (np.nan, 0):
            spoilt = swapped.copy()
            spoilt[lead] = value
            assert suspected_swap(spoilt, 500) is None
    assert suspected_swap(swapped[:, :200], 500) is None
    assert suspected_swap(x[:, :0], 500) is None


@real
def test_dead_leads_of_known_recordings_are_named_and_clean_ones_are_usable():
    with (SHARED / "challenge_mix" / "labels.csv").open(newline="") as file:
        rows = {row["record"]: int(row["row"]) for row in csv.DictReader(file)}
    x = signals("challenge_mix/challenge_mix", 500)
    for record, dead in DEAD.items():
        quality = assess(x[rows[record]], 500)
        assert tuple(lead for lead in LEADS if quality.leads[lead].index < BAD) == dead
        assert quality.overall == ("unusable" if len(dead) > 5 else "doubtful")
        assert any("no signal for" in reason for reason in quality.reasons)
    clean = [assess(one, 100).overall for one in signals("ludb/ludb")]
    assert clean.count("usable") >= 95  # measured: 97 of 100; two wander by 5 mV, one has flutter
    assert "unusable" not in clean


@pytest.mark.parametrize(
    ("lead", "spoil", "words"),
    [
        (6, lambda row, _: 0 * row, "no signal for 100%"),
        (7, lambda row, _: np.where(np.arange(row.size) < 3000, np.nan, row), "no signal for 60%"),
        (8, lambda row, rng: row + 0.5 * rng.normal(size=row.size), "noise of"),
        (9, lambda row, _: row + 4 * np.sin(np.arange(row.size) / 700), "wanders by"),
        (10, lambda row, _: 30 * row, "more than any ECG"),
        (11, lambda row, rng: 3 * gaussian_filter1d(rng.normal(size=row.size), 12), "not alike"),
    ],
)
def test_each_fault_lowers_the_index_of_its_lead_and_says_why(lead, spoil, words):
    x = simulate("NORM", 2).recording.signal.astype(np.float64)
    x[lead] = spoil(x[lead], np.random.default_rng(0))
    quality = assess(x, 500)
    assert quality.overall == "doubtful"
    assert quality.leads[LEADS[lead]].index < BAD
    assert any(words in reason for reason in quality.leads[LEADS[lead]].reasons)
    assert min(one.index for name, one in quality.leads.items() if name != LEADS[lead]) > 0.9
    assert quality.reasons == (f"{LEADS[lead]}: {', '.join(quality.leads[LEADS[lead]].reasons)}.",)


def test_three_leads_of_limited_use_make_a_recording_doubtful():
    x = simulate("NORM", 2).recording.signal.copy()
    noise = np.random.default_rng(0).normal(size=x.shape[1]).astype(np.float32)
    noise *= 42 / disturbances(np.tile(noise, (12, 1)), 500)[0][0]  # in µV as noise is measured
    for lead, overall in [(11, "usable"), (10, "usable"), (9, "doubtful")]:
        x[lead] += noise
        quality = assess(x, 500)
        assert quality.overall == overall
        assert BAD < quality.leads[LEADS[lead]].index < FAIR
        assert quality.leads[LEADS[lead]].reasons[0].startswith("noise of 4")


def test_noise_grows_with_the_noise_and_drift_with_the_drift():
    x = simulate("NORM", 3).recording.signal
    rng = np.random.default_rng(0)
    noise = [disturbances(x + np.float32(level) * rng.normal(size=x.shape), 500)[0].mean() for level in (0, 0.1, 0.3)]
    assert noise[0] < 10 < noise[1] < noise[2] / 2
    t = np.arange(5000) / 500
    drift = [np.median(disturbances(x + level * np.sin(0.6 * t), 500)[1]) for level in (0, 1, 3)]
    assert drift[0] < 0.5
    np.testing.assert_allclose(drift[1:], (2, 6), rtol=0.25)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 700), rate=st.sampled_from([20.0, 100.0, 500.0]), seed=st.integers(0, 99), gaps=st.booleans())
def test_no_signal_breaks_the_index(n, rate, seed, gaps):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, n)).astype(np.float32)
    if gaps:
        x[rng.random(x.shape) < 0.3] = np.nan
        x[3] = np.nan
    quality = assess(x, rate)
    assert list(quality.leads) == list(LEADS)
    assert all(0 <= one.index <= 1 for one in quality.leads.values())
    assert bool(quality.reasons) == (quality.overall != "usable")
    assert assess(np.zeros((12, n)), rate).overall == "unusable"
    assert assess(np.full((12, n), np.nan), rate).overall == "unusable"


@real
def test_pacemaker_spikes_are_found_in_paced_recordings_and_in_hardly_any_other():
    with (SHARED / "ludb" / "labels.csv").open(newline="") as file:
        paced = np.array(["Pacemaker presence" in row["pacing"] for row in csv.DictReader(file)])
    found = np.array([pacing_spikes(x, 500).size >= 4 for x in signals("ludb/ludb", 500)])
    assert found[paced].sum() == 3  # of 4; the fourth is paced bipolarly, its spikes are too small to see
    assert not found[~paced].any()
    with (SHARED / "ptbxl" / "labels.csv").open(newline="") as file:
        codes = {int(row["raw_row"]): row["scp_codes"].split(";") for row in csv.DictReader(file) if row["raw_row"]}
    x = signals("ptbxl/ptbxl_raw", 500)
    assert sum(pacing_spikes(one, 500).size >= 4 for row, one in enumerate(x) if "PACE" not in codes.get(row, ())) == 0
    assert sum(pacing_spikes(x[row], 500).size >= 4 for row, own in codes.items() if "PACE" in own) == 3  # of 5


def test_spikes_are_found_at_their_samples_and_reported():
    ecg = simulate("NORM", 4)
    x = ecg.recording.signal.copy()
    at = ecg.r_peaks - 60
    x[:, at] += np.linspace(-1, 1.5, 12)[:, np.newaxis].astype(np.float32)
    np.testing.assert_array_equal(pacing_spikes(x, 500), at)
    (found,) = (one for one in check(Recording(signal=x, rate=500, name="a", format="x")) if one.code == "pacing")
    assert found.message.startswith(f"{len(at)} narrow spikes")
    assert pacing_spikes(x[:, ::5], 100).size == 0
    assert pacing_spikes(x[:, :20], 500).size == 0
    assert pacing_spikes(np.full((12, 5000), np.nan, np.float32), 500).size == 0


def test_leads_said_to_be_disturbed_are_those_above_the_limits() -> None:
    """The quick way of the findings beside the figures themselves."""
    random = np.random.default_rng(3)
    seen: Counter[str] = Counter()
    for _ in range(150):
        n, rate = int(random.integers(1, 3000)), float(random.choice([100, 250, 500]))
        x = random.normal(0, random.uniform(0, 0.08), (12, n)) + random.uniform(0, 5) * np.sin(np.arange(n) / 300)
        x = (x * (random.random((12, 1)) < 0.5)).astype(np.float32)
        if random.random() < 0.2:
            x[2, : n // 3] = np.nan
        noise, wander = disturbances(x, rate)
        is_noisy, is_adrift = disturbed(x, rate, 30.0, 4.0)
        np.testing.assert_array_equal(is_noisy, noise > 30.0)
        np.testing.assert_array_equal(is_adrift, wander > 4.0)
        seen.update(noisy=int(is_noisy.sum()), adrift=int(is_adrift.sum()))
    assert min(seen.values()) > 50
