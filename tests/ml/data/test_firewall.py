"""Nothing that an ancestor has learned from is ever tested on, and what belongs together is never parted."""

import hashlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.groups import groups_of
from backend.ml.data.seen_list import Identity
from backend.ml.data.split import PARTS, split

N = 60


def _hex(*of: object) -> str:
    return hashlib.sha256(repr(of).encode()).hexdigest()


@st.composite
def recordings(draw: st.DrawFn) -> list[Identity]:
    """Recordings, some of one patient, some the same signal, some a copy that differs in few bands of its print."""
    result: list[Identity] = []
    for number in range(N):
        print_, key = _hex("print", number), _hex("signal", number)
        kind = draw(st.sampled_from(["own", "own", "own", "signal", "copy", "unprinted"]))
        if result and kind in ("signal", "copy"):
            other = draw(st.sampled_from(result))
            key = other.signal_key if kind == "signal" else key
            if kind == "copy" and other.fingerprint:
                print_ = other.fingerprint[:16] + print_[16:]
        patient = draw(st.one_of(st.none(), st.integers(0, 50)))
        written = draw(st.sampled_from("ab"))
        patients = () if patient is None else (f"p-{_hex(patient, written)[:16]}",)
        alike = () if patient is None else (f"p-{_hex(patient)[:16]}",)
        print_ = None if kind == "unprinted" else print_
        result.append(Identity(_hex("id", number)[:32], key, print_, patients, alike))
    return result


def _things(rows, identities):
    """What two parts must not have in common; of a print, every two of its bands in their place."""
    chosen = [identities[row] for row in rows]
    prints = {
        (a, b, one.fingerprint[8 * a : 8 * a + 8], one.fingerprint[8 * b : 8 * b + 8])
        for one in chosen
        if one.fingerprint
        for a in range(8)
        for b in range(a)
    }
    return {
        "patient": {patient for one in chosen for patient in (*one.patients, *one.alike)},
        "signal": {one.signal_key for one in chosen},
        "copy": prints,
        "recording": {one.recording_id for one in chosen},
    }


def _none_shared(learnt, tested) -> None:
    for kind, things in learnt.items():
        assert not things & tested[kind], kind


@settings(max_examples=60)
@given(recordings(), st.integers(0, 10))
def test_parts_share_no_patient_no_spelling_of_one_no_signal_and_no_copy(identities, seed):
    names = groups_of(identities)
    if len(set(names)) < 3:
        return
    parts = split(np.random.default_rng(seed).random((N, 1)) < 0.5, names, seed=seed)
    things = [_things(getattr(parts, part), identities) for part in PARTS]
    for one in range(3):
        for other in range(one):
            _none_shared(things[one], things[other])


@settings(max_examples=40)
@given(recordings(), st.randoms(use_true_random=False))
def test_the_name_of_a_group_depends_on_nothing_but_who_is_in_it(identities, random):
    names = dict(zip((one.recording_id for one in identities), groups_of(identities), strict=True))
    shuffled = list(identities)
    random.shuffle(shuffled)
    assert dict(zip((one.recording_id for one in shuffled), groups_of(shuffled), strict=True)) == names


def test_spellings_of_a_patient_are_one_group_unless_it_is_said_that_they_are_two():
    one = Identity("1" * 32, "1" * 64, None, ("p-1000000000000001",), ("p-9000000000000009",))
    other = one._replace(recording_id="2" * 32, signal_key="2" * 64, patients=("p-2000000000000002",))
    assert len(set(groups_of([one, other]))) == 1
    assert len(set(groups_of([one, other], alike=False))) == 2


def test_recordings_of_a_file_of_one_patient_are_one_group():
    windows = [Identity(f"{n}" * 32, f"{n}" * 64, None, source="f" * 64) for n in range(1, 4)]
    assert len(set(groups_of(windows))) == 1
    assert len(set(groups_of([one._replace(source="") for one in windows]))) == 3
