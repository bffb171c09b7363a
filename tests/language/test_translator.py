"""What the platform says, in German: each sentence is found again in what was written in English."""

import re

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.language.spoken import GERMAN, chosen, german
from backend.language.translator import Translator
from tests.language.filled import filled
from tests.language.written import texts_of, written

TEXTS = [
    ("There is no project {name}.", "Ein Projekt {name} gibt es nicht.", ""),
    (
        "{name} has {rows}, of which {share} fit.",
        "Von {rows} in {name} passen {share}.",
        "rows: sentence; share: number",
    ),
    ("{n} row", "{n} Zeile", "n: number"),
    ("{n} rows", "{n} Zeilen", "n: number"),
    ("Look at {name} first.", "Sehen Sie zuerst {name} an.", ""),
    ("{name} is empty.", "{name} ist leer.", ""),
    ("{name} is empty. Export it again.", "{name} ist leer. Exportieren Sie die Datei neu.", ""),
    ("none", "keine", ""),
    ("was", "wurde", ""),
    ("It {was} read {value}.", "Gelesen {was} es {value}.", "was: sentence; value: sentence"),
    ("A text with {{braces}}.", "Ein Text mit {{Klammern}}.", ""),
    ("Round {k}{of_n} begins.", "Runde {k}{of_n} beginnt.", "k: number; of_n: sentence"),
    (" of {n}", " von {n}", "n: number"),
]
say = Translator(TEXTS).say
ANY = st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), min_size=1, max_size=40)


def test_what_is_put_in_stands_in_the_german_sentence() -> None:
    assert say("There is no project “Ward 3”.") == "Ein Projekt “Ward 3” gibt es nicht."
    assert say("A text with {braces}.") == "Ein Text mit {Klammern}."


def test_counted_nouns_and_numbers_are_written_by_the_rules_of_the_language() -> None:
    assert say("a.csv has 1,204 rows, of which 3.5 % fit.") == "Von 1.204 Zeilen in a.csv passen 3,5 %."
    assert say("a.csv has 1 row, of which 1 fit.") == "Von 1 Zeile in a.csv passen 1."


def test_names_and_versions_that_look_a_little_like_numbers_are_left_alone() -> None:
    for name in ("1.2.3", "10.0.0.1", "v2.13", "a, b", "2026-11-30", "1.10", "2,000", "12.5 %", "3 rows"):
        assert say(f"There is no project {name}.") == f"Ein Projekt {name} gibt es nicht."


def test_a_name_that_is_a_word_of_the_catalogue_stays_a_name() -> None:
    assert say("There is no project none.") == "Ein Projekt none gibt es nicht."
    assert say("It was read none.") == "Gelesen wurde es keine."  # where the code chooses between words
    assert say("none") == "keine"


def test_several_sentences_are_translated_one_by_one_and_an_unknown_one_stays_whole() -> None:
    assert say("A text with {braces}. Nobody knows why. Look at B first.") == (
        "Ein Text mit {Klammern}. Nobody knows why. Sehen Sie zuerst B an."
    )
    assert say("a.csv is empty. Export it again. Look at B first.") == (
        "a.csv ist leer. Exportieren Sie die Datei neu. Sehen Sie zuerst B an."
    )
    assert say("Nobody came; There is no project B.") == "Nobody came; Ein Projekt B gibt es nicht."


def test_what_can_be_read_in_two_ways_that_differ_stays_english() -> None:
    for text in (
        "There is no project A. There is no project B.",  # two sentences, or one with an odd name
        "A has 3 rows, of which 2 rows, of which 1 fit.",
    ):
        assert say(text) == text
    apart = Translator([("Of {a} and {b}.", "{b}, {a}.", "")]).say
    assert (apart("Of x and y."), apart("Of x and y and z.")) == ("y, x.", "Of x and y and z.")


def test_of_what_stands_side_by_side_each_is_told() -> None:
    assert (say("Round 3 of 4 begins."), say("Round 3 begins.")) == ("Runde 3 von 4 beginnt.", "Runde 3 beginnt.")


def test_a_word_that_is_put_into_the_midst_of_a_sentence_is_known_or_the_sentence_stays_english() -> None:
    assert say("It was read by nobody known.") == "It was read by nobody known."
    assert say("a.csv has 3 columns, of which 3 fit.") == "a.csv has 3 columns, of which 3 fit."


def test_a_sentence_that_is_put_into_another_is_translated_with_it() -> None:
    texts = {
        ("Undone: {reason} Start anew.", "Rückgängig: {reason} Beginnen Sie neu.", "reason: sentence"),
        ("The key is old.", "Der Schlüssel ist alt.", ""),
    }
    told = Translator(texts).say
    assert told("Undone: The key is old. Start anew.") == "Rückgängig: Der Schlüssel ist alt. Beginnen Sie neu."
    assert (
        told("Undone: Dr. A said so. It hurts. Start anew.") == "Rückgängig: Dr. A said so. It hurts. Beginnen Sie neu."
    )


def test_the_end_of_a_sentence_within_a_name_ends_no_sentence() -> None:
    assert say("There is no project “Dr. A. Ward 3”.") == "Ein Projekt “Dr. A. Ward 3” gibt es nicht."


def test_a_sentence_of_somebody_else_is_left_alone() -> None:
    assert say("Patient felt well.") == "Patient felt well."
    assert say("") == ""


@given(ANY)
def test_whatever_is_put_in_comes_out_again(value: str) -> None:
    told = say(f"There is no project {value}.")
    assert told == f"Ein Projekt {value} gibt es nicht." or not value.strip()


@given(
    st.lists(
        st.sampled_from([*(one[0] for one in TEXTS), " ", "is empty", "has", ", of which ", "."]), max_size=60
    ).map("".join)
)
def test_no_text_is_too_odd_to_be_answered(text: str) -> None:
    assert isinstance(say(text), str)


def test_what_nearly_matches_ten_thousand_times_is_passed_over_at_once() -> None:
    # A pattern that tried every division would not end within a lifetime.
    many = Translator([("{a} has {b} has {c} has {d} has {e} has {f} ends.", "x", "")])
    text = "x has " * 600
    assert many.say(text) == text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr, de;q=0.5", "de"), ("*", "en"), ("de;q=x", "en"), ("en;q=0, de;q=0", "en"), ("DE", "de"),
        ("x" * 10_000, "en"), ("de; q=0.1, en;q=0.9", "en"), ("de\t;\tq=0.9 , en ; q=0.1", "de"), ("en;q=0, *", "de"),
        ("*, de;q=0", "en"), ("de;q=0, *;q=0.5", "en"), ("*;q=0.1, en;q=0.5", "en"), ("den, en;q=0.1", "en"),
        ("de;q=1.5", "en"), ("de;q=inf", "en"), ("de;q=0.1, de-CH;q=0.9, en;q=0.5", "de"), (", ,de", "de"),
        ("de;Q=0.2, en;q=0.1", "de"), ("en, " * 100_000 + "de", "en"),
    ],
)  # fmt: skip
def test_german_is_spoken_to_whom_likes_it_better(accepted: str, language: str) -> None:
    assert chosen(accepted) == language


# The catalogue.


def entries() -> list[polib.POEntry]:
    return list(polib.pofile(str(GERMAN)))


def names(text: str) -> list[str]:
    return sorted(re.findall(r"(?<!\{)\{(\w+)\}", text))


def test_every_sentence_that_the_code_can_say_has_a_german_one_and_none_is_left_over() -> None:
    said, known = {one.text for one in written()}, {one.msgid: one.msgstr for one in entries()}
    assert sorted(said - known.keys()) == []  # `python -m tests.language.german_po` writes them into the file
    assert sorted(known.keys() - said) == []
    assert sorted(one for one, text in known.items() if not text) == []


def test_the_catalogue_notes_where_the_code_puts_a_number_or_a_sentence() -> None:
    code = {one.text: one.note for one in written()}
    assert [one.msgid for one in entries() if code.get(one.msgid) != one.comment] == []  # `german_po` notes it


def test_every_german_sentence_holds_what_is_put_in_each_once() -> None:
    assert [one.msgid for one in entries() if names(one.msgid) != names(one.msgstr)] == []
    edges = re.compile(r"^\s*|\s*$")
    assert [one.msgid for one in entries() if edges.findall(one.msgid) != edges.findall(one.msgstr)] == []


def test_every_sentence_is_recognised_as_itself() -> None:
    """With words put in that no sentence holds; of two sentences that fit, the other may only say the same."""
    other = [(one.english, german().say(one.english), one.german) for one in filled()]
    assert [one for one in other if one[1] != one[2]] == []


# What is read from the code.


def read(code: str) -> list[str]:
    return [text for _line, text in texts_of(code)]


def test_sentences_are_read_from_the_code_with_names_for_what_is_put_in() -> None:
    assert read('raise E(f"There is no {kind} named {one.name!r}: {len(rows):,}.")') == [
        "There is no {kind} named {name}: {rows}."
    ]
    assert read("x = f'of {counted(n, \"row is\", \"rows are\")} {a[0]} and {a[1]} left'")[1:] == [
        "{n} row is", "{n} rows are",
    ]  # fmt: skip
    assert read('Spec(title="Age", help="In years")') == ["Age", "In years"]
    assert read('x = f\'The part {"for testing" if test else "left"} of it\'')[1:] == ["for testing", "left"]


def test_what_only_documents_describes_the_api_or_goes_into_a_log_is_not_read() -> None:
    for code in (
        '"""What this module is for."""', 'def f():\n    """Do what is asked for."""',
        'x = Query(description="How many there are")', 'log.info("Now it goes on")', 'a = "one"',
        'assert_never(TypeError("No such thing here"))',
    ):  # fmt: skip
        assert read(code) == [], code
