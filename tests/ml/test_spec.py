import ast
import contextlib
import inspect
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.preprocess import PRESETS, preset
from backend.ml import spec as spec_module
from backend.ml.abstention import Abstention
from backend.ml.calibration import Calibration
from backend.ml.errors import ModelInvalidError
from backend.ml.metadata import from_metadata, to_metadata
from backend.ml.spec import ModelSpec, TrainingFacts

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

PLATT = Calibration(
    method="platt", slopes=(0.8, 1.0, 1.2), intercepts=(-0.3, 0.0, 0.1),
    covariances=((0.04, 0.01, 0.09), (), (0.1, 0.0, 0.1)), positives=(20, 3, 12), n=80,
)  # fmt: skip
BANDS = Abstention(error=0.1, lows=(0.2, 0.5, 0.1), highs=(0.6, 0.5, 0.9))


def changed(**fields: object) -> dict[str, object]:
    return {**FULL.to_dict(), **fields}


def test_json_and_metadata_give_the_same_spec_back():
    assert ModelSpec.from_json(FULL.to_json()) == FULL
    assert ModelSpec.from_json(json.loads(FULL.to_json())) == FULL
    assert from_metadata(to_metadata(FULL)) == FULL


def test_a_description_without_calibration_is_one_that_earlier_versions_read():
    assert FULL.to_dict()["schema_version"] == 2
    assert not {"calibration", "abstention"} & set(FULL.to_dict())


def test_calibration_and_abstention_come_back_as_they_were():
    for changes in ({"calibration": PLATT}, {"abstention": BANDS}, {"calibration": PLATT, "abstention": BANDS}):
        spec = replace(FULL, **changes)
        assert ModelSpec.from_json(spec.to_json()) == spec == from_metadata(to_metadata(spec))
        assert spec.to_dict()["schema_version"] == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"calibration": {**PLATT.to_dict(), "slopes": [1, 1, -1]}}, "slopes"),
        ({"calibration": {**PLATT.to_dict(), "slopes": [1, 1, 0]}}, "not above 0"),
        ({"calibration": {**PLATT.to_dict(), "slopes": [1, 1]}}, "for each label"),
        ({"calibration": {**PLATT.to_dict(), "covariances": [[1, 0], [], []]}}, "for each label"),
        ({"calibration": {**PLATT.to_dict(), "covariances": 1}}, "three numbers"),
        ({"calibration": {**PLATT.to_dict(), "method": "isotonic"}}, "platt, temperature"),
        ({"calibration": {**PLATT.to_dict(), "n": float("nan")}}, "whole number"),
        ({"abstention": {**BANDS.to_dict(), "lows": [0.1]}}, "for each label"),
        ({"abstention": {**BANDS.to_dict(), "lows": [0.9, 0, 0]}}, "low to high"),
        ({"abstention": {"error": 0.1, "lows": [0.1], "highs": [0.2]}}, "as many"),
        ({"abstention": []}, "JSON object"),
    ],
)
def test_a_calibration_or_abstention_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ModelInvalidError, match=message):
        ModelSpec.from_json({**replace(FULL, calibration=PLATT).to_dict(), **changes, "schema_version": 3})


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
        (changed(schema_version=4), "newer version"),
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
