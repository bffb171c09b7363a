import ast
import contextlib
import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.preprocess import PRESETS, preset
from backend.ml import spec as spec_module
from backend.ml.errors import ModelInvalidError
from backend.ml.spec import ModelSpec, TrainingFacts, from_metadata, to_metadata

FULL = ModelSpec(
    architecture="inception_time",
    config={"filters": 16},
    labels=("NORM", "Vorhofflimmern – Ü", "it's"),
    label_names=("normal", "Vorhofflimmern", "x"),
    task="multi_label",
    preprocessing=PRESETS["clinical"],
    thresholds=(0.3, 0.5, 0.61),
    training=TrainingFacts(
        seed=4, data_hash="ab", created="2026-01-01T00:00:00Z", versions={"torch": "2"}, config={"gamma": 0.9}
    ),
)


def changed(**fields: object) -> dict[str, object]:
    return {**FULL.to_dict(), **fields}


def test_json_and_metadata_give_the_same_spec_back():
    assert ModelSpec.from_json(FULL.to_json()) == FULL
    assert ModelSpec.from_json(json.loads(FULL.to_json())) == FULL
    assert from_metadata(to_metadata(FULL)) == FULL


def test_names_and_thresholds_have_defaults():
    spec = ModelSpec(architecture="x", labels=("a", "b"), task="multi_label", preprocessing=PRESETS["paper"])
    assert (spec.label_names, spec.thresholds) == (("a", "b"), (0.5, 0.5))
    assert spec.n_samples == 1000


def test_the_metadata_has_the_keys_of_the_original_platform():
    metadata = to_metadata(FULL)
    assert ast.literal_eval(metadata["target_keys"]) == list(FULL.labels)
    assert (metadata["sampling_rate"], metadata["standardizer"], metadata["scale"]) == ("100", "meanStd", "milliVolt")
    assert all(isinstance(value, str) for value in metadata.values())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"schema_version": NaN}', "not valid JSON"),
        ("9" * 1_000_001, "at most"),
        ("[]", "JSON object"),
        ("null", "JSON object"),
        (changed(schema_version=3), "newer version"),
        (changed(schema_version=True), "schema_version"),
        (changed(surprise=1), "unknown fields: surprise"),
        (changed(labels="NORM"), "labels"),
        (changed(labels=["a", 1, "c"]), "labels"),
        (changed(labels=["a", "a", "c"]), "differ"),
        (changed(labels=["a", " ", "c"]), "empty"),
        (changed(labels=["a" * 201, "b", "c"]), "labels"),
        (changed(labels=[], label_names=[], thresholds=[]), "at least two labels"),
        (changed(labels=["a"], task="single_label"), "at least two labels"),
        (changed(label_names=["a"]), "as many names"),
        (changed(task="segmentation"), "task"),
        (changed(thresholds=[0.5, 0.5, 1.5]), "thresholds"),
        (changed(thresholds=[0.5, 0.5, "0.5"]), "thresholds"),
        (changed(leads=["I"]), "leads"),
        (changed(leads=list(reversed(FULL.leads))), "leads"),
        (changed(config=[1]), "config"),
        (changed(preprocessing={}), "preprocessing"),
        (changed(preprocessing=None), "preprocessing"),
        (changed(training={"seed": 1}), "training facts.*data_hash"),
        (changed(training=5), "training facts"),
        (changed(architecture=None), "architecture"),
    ],
)
def test_a_hostile_or_broken_description_is_refused_saying_what_is_wrong(data, message):
    with pytest.raises(ModelInvalidError, match=message):
        ModelSpec.from_json(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FULL.to_dict())), JSON)
def test_any_json_in_any_field_is_read_or_refused_and_never_crashes(field, value):
    with contextlib.suppress(ModelInvalidError):
        ModelSpec.from_json(changed(**{field: value}))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_as_labels_is_read_or_refused_and_never_crashes(text):
    with contextlib.suppress(ModelInvalidError):
        from_metadata({"target_keys": text})


def test_models_of_the_original_platform_are_understood():
    spec = from_metadata(
        [("target_keys", "['CD', 'HYP']"), ("standardizer", "None"), ("scale", "mikroVolt"), ("scale", "mikroVolt")]
    )
    assert spec.labels == ("CD", "HYP")
    assert spec.task == "single_label"
    assert spec.preprocessing == preset("exchangeai", units_per_mv=1000)
    spec = from_metadata({"target_keys": "('a', 'b', 3)", "sampling_rate": "500", "standardizer": "meanStd"})
    assert spec.labels == ("a", "b", "3")
    assert spec.preprocessing == preset("exchangeai", rate=500, standardise="recording")


def test_each_standardizer_of_the_original_is_read_and_written_as_such():
    for theirs, ours in [("None", "none"), ("meanStd", "recording"), ("minMax", "minmax")]:
        spec = from_metadata({"target_keys": "['a', 'b']", "standardizer": theirs})
        assert spec.preprocessing.standardise == ours
        assert to_metadata(spec)["standardizer"] == theirs


def test_a_model_without_labels_gets_numbered_classes_where_their_number_is_known():
    assert from_metadata({}, n_labels=2).labels == ("class 1", "class 2")
    with pytest.raises(ModelInvalidError, match="names no labels"):
        from_metadata({})


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"target_keys": "__import__('pathlib').Path('owned').touch()"}, "target_keys"),
        ({"target_keys": "[print('owned'), 'b']"}, "target_keys"),
        ({"target_keys": "{'a': 1}"}, "target_keys"),
        ({"target_keys": "[]"}, "target_keys"),
        ({"target_keys": "[['a']]"}, "target_keys"),
        ({"target_keys": "[" * 5000}, "target_keys"),
        ({"target_keys": "['a', " * 30_000}, "target_keys"),
        ({"target_keys": "['a']"}, "two labels"),
        ({"target_keys": "['a', 'b']", "scale": "furlong"}, "furlong"),
        ({"target_keys": "['a', 'b']", "standardizer": "rank"}, "rank"),
        ({"target_keys": "['a', 'b']", "sampling_rate": "fast"}, "sampling rate “fast”"),
        ({"target_keys": "['a', 'b']", "sampling_rate": "-1"}, "sampling rate"),
        ({"target_keys": "['a', 'b']", "sampling_rate": "nan"}, "sampling rate"),
        ({"exchangeai": "{}", "target_keys": "['a', 'b']"}, "schema_version"),
    ],
)
def test_hostile_or_unknown_metadata_is_refused_and_nothing_is_evaluated(metadata, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelInvalidError, match=message):
        from_metadata(metadata)
    assert not list(tmp_path.iterdir())


def test_the_source_calls_no_eval():
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(spec_module))) if isinstance(node, ast.Call)]
    assert not {"eval", "exec", "compile"} & {call.func.id for call in calls if isinstance(call.func, ast.Name)}
