"""Lists and dictionaries in cells; the oracles are Python's own literals, JSON and NumPy's printing."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ml.data.label_tables.literals import LiteralError, is_dictionary, is_literal, parse

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda key: key.strip() == key
)
NUMBERS = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 3)) | st.integers(0, 100)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(KEYS, NUMBERS, max_size=6))
def test_a_dictionary_as_python_writes_it_is_read_back(codes: dict[str, float]) -> None:
    assert is_dictionary(repr(codes))
    assert parse(repr(codes)) == codes


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(KEYS, NUMBERS, max_size=6))
def test_a_dictionary_as_json_writes_it_is_read_back(codes: dict[str, float]) -> None:
    assert parse(json.dumps(codes, ensure_ascii=False)) == codes
    assert parse(json.dumps(codes)) == codes


@settings(deadline=None, max_examples=50)
@given(st.lists(KEYS, unique=True, max_size=6), st.sampled_from([repr, json.dumps]))
def test_a_list_is_read_back(keys: list[str], write) -> None:
    assert list(parse(write(keys))) == keys
    assert is_literal(write(keys))
    assert not is_dictionary(write(keys))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text("ABC_/1", min_size=1, max_size=5), unique=True, min_size=1, max_size=6))
def test_texts_side_by_side_as_numpy_prints_them_are_never_joined(keys: list[str]) -> None:
    assert list(parse(str(np.array(keys)))) == keys
    assert list(parse(str(np.arange(len(keys))))) == [str(n) for n in range(len(keys))]


def test_true_and_false_and_none_are_likelihoods() -> None:
    assert parse("{'AF': True, 'SR': False, 'MI': None}") == {"AF": math.inf, "SR": -math.inf, "MI": 0.0}
    assert parse('{"AF": true, "SR": null}') == {"AF": math.inf, "SR": 0.0}


def test_words_without_quotation_marks_need_commas() -> None:
    assert list(parse("[sinus, AF]")) == ["sinus", "AF"]
    with pytest.raises(LiteralError, match="quotation marks"):
        parse("[sinus rhythm, AF]")


@pytest.mark.parametrize(
    "text",
    ["[['A'], 'B']", "{'A': {'B': 1}}", "{'A': 1", "['A'", "['A')", "{'A': high}", "[__import__('os')]", "{'A': 1 + 1}",
     "[1, (2, 3)]", "{'A': 'B': 1}", "['\\q']", "['\\ud800']", "[" * 10_000, "[lambda: 0]"],
)  # fmt: skip
def test_what_is_no_flat_list_is_refused_and_never_evaluated(text: str) -> None:
    with pytest.raises(LiteralError):
        parse(text)


@settings(deadline=None, max_examples=50)
@given(st.text(st.sampled_from("{}[]()'\",: A1.\\"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        entries = parse(text)
    except LiteralError:
        return
    assert all(isinstance(key, str) and key for key in entries)
