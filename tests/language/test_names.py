"""Names of people's things come out of German sentences as they went in, whatever they read like."""

import polib
import pytest

from backend.language.spoken import GERMAN, german
from tests.language.filled import filled

ODD = [
    "1.10", "2,000", "12.5 %", "-3.5 mV", "1,234.5", "2026-11-30", "30.11.2026", "10.0.0.1", "3 ECGs", "1 ECG",
    "2 models", "17 recordings", "Head only", "From scratch", "All layers", "Automatic", "none", "always", "first",
    "was", "is", "Sinus is normal", "noise is low", "Lead is missing", "with “AFIB”", "without “AFIB”", "row 3: x",
    "It has U waves.", "Stanford: worse at 2.5.", "V. 2: All layers", "Left out: x", "Dr. A. Ward 3", "a; b, c",
    "Fewer than two candidates are done.", "Cancelling was asked for. Send it again.", "immer", "Ja; nein.",
    "„Station 3“", "“", "”", "x” y “z", "a (b", "[", "{name}", "{{n}}", "3 Hz", "and 3 more", "Änderung ß µ", "⟨n⟩",
    "x. Fewer than two candidates are done. y",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_a_name_in_any_sentence_comes_out_as_it_went_in(odd: str) -> None:
    changed = []
    for one in filled(lambda hole: odd, number="7"):
        if not one.names:
            continue
        told = german().say(one.english)
        if told.count(odd) < len(one.names):
            changed.append((one.english, told))
    assert changed == []


def test_sentences_of_the_catalogue_as_names_come_out_as_they_went_in() -> None:
    texts = [one.msgid.strip() for one in polib.pofile(str(GERMAN)) if "{" not in one.msgid and one.msgid.strip()]
    changed = []
    sentences = [one for one in filled() if one.names]
    for number, name in enumerate(texts):
        for at in range(3):  # each name in three sentences, each sentence with some names
            one = sentences[(3 * number + at) % len(sentences)]
            english = one.english.replace(f"⟨{one.names[0]}⟩", name)
            told = german().say(english)
            if name not in told:
                changed.append((english, told))
    assert changed == []


def test_most_sentences_are_german_however_odd_a_name_is() -> None:
    for odd in ("1.10", "3 ECGs", "Head only", "Dr. A. Ward 3", "2026-11-30", "“Ward 3”"):
        sentences = [one for one in filled(lambda hole, odd=odd: odd) if len(one.names) == 1]  # type: ignore[misc]
        assert sum(german().say(one.english) == one.german for one in sentences) > 0.95 * len(sentences)
    for odd in ("x” y", "It has U waves.", "a (b"):
        sentences = [one for one in filled(lambda hole, odd=odd: odd) if f"“{odd}”" in one.english]  # type: ignore[misc]
        known = [one for one in sentences if len(one.names) == 1]
        assert sum(german().say(one.english) == one.german for one in known) > 0.95 * len(known)
