"""Looking recordings up in what models have seen: the quick way beside one that asks for each recording and model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.fingerprint import ALIKE, bands
from backend.ml.data.seen_list import KINDS, Identity, SeenByModel, find, keys_of, numbers_of, salted, seen_in
from backend.ml.data.split import PARTS

N = 14


def _identity(number: int, print_: int, patient: int) -> Identity:
    own = "".join(f"{(print_ // 3) * 8 + band if band < 5 else print_:08x}" for band in range(8))
    patients = (f"p-{patient:016x}",) if patient else ()
    return Identity(f"{number:032x}", f"{number // 2:064x}", own if print_ % 5 else None, patients, patients)


def _one_by_one(seen: list[SeenByModel], salt: bytes, everyone: list[Identity]) -> list[tuple[int, int, int]]:
    """Part, kind and model of each recording: earlier parts first, then the nearer model, then the order of kinds."""
    found = []
    for one in everyone:
        own = {
            "recording": numbers_of([one.recording_id]), "signal": numbers_of([one.signal_key]),
            "copy": bands([one.fingerprint]).ravel() if one.fingerprint else np.empty(0, np.uint64),
            "patient": numbers_of(list({*one.patients, *one.alike})),
        }  # fmt: skip
        places = [
            (part, model, kind)
            for model, listed in enumerate(seen)
            for part, name in enumerate(PARTS)
            for kind, what in enumerate(KINDS)
            if sum(int(number) in {int(n) for n in listed.parts.get(name, {}).get(what, ())} for number in own[what])
            >= (ALIKE if what == "copy" else 1)
        ]
        part, model, kind = min(places, default=(len(PARTS), -1, -1))
        found.append((part, kind, model))
    return found


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("salt", [b"", b"0123456789abcdef"])
def test_what_is_found_is_what_one_finds_one_by_one(salt: bytes, seed: int) -> None:
    random = np.random.default_rng(seed)
    everyone = [_identity(i, int(random.integers(1, 30)), int(random.integers(6))) for i in range(N)]
    seen = []
    for model in range(3):
        parts = random.integers(0, 6, N)  # three parts, and none for half of them
        named = {
            name: [one for one, at in zip(everyone, parts, strict=True) if at == i] for i, name in enumerate(PARTS)
        }
        seen.append(seen_in(f"model {model}", named if random.random() < 0.9 else {}, "here"))
    asked = [*everyone[::2], *(_identity(100 + i, int(random.integers(1, 30)), i) for i in range(6))]
    expected = _one_by_one(seen, salt, asked)
    got = find(salted(seen, salt) if salt else seen, keys_of(asked), len(asked))
    assert list(zip(got.part.tolist(), got.kind.tolist(), got.model.tolist(), strict=True)) == expected
