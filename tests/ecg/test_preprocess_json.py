"""Preprocessing as JSON: round trip, canonical text, names of presets, hostile input."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ecg.errors import PreprocessingError
from backend.ecg.preprocess import ORIGINAL_STANDARDISERS, PRESETS, Preprocessing, preset
from backend.ecg.preprocess.description import describe

PRESET_NAMES = st.sampled_from(sorted(PRESETS))
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.one_of(st.integers(20, 1000), st.floats(20, 1000)),
        "window_s": st.floats(0.5, 100),
        "long": st.sampled_from(["start", "centre", "end"]),
        "short": st.sampled_from(["zero", "edge", "refuse"]),
        "bandpass": st.one_of(st.none(), st.tuples(st.floats(0.05, 2), st.floats(3, 150))),
        "clip": st.one_of(st.none(), st.tuples(st.floats(0, 0.4), st.floats(0, 5))),
        "baseline_ms": st.one_of(st.none(), st.floats(10, 5000)),
        "standardise": st.sampled_from(["none", "lead", "recording", "minmax"]),
        "units_per_mv": st.sampled_from([1, 1000, 200.0]),
        "resampling": st.sampled_from(["fft", "polyphase"]),
        "edges": st.sampled_from(["periodic", "mirror"]),
        "high_pass": st.one_of(st.none(), st.floats(0.05, 5)),
        "notch": st.sampled_from([None, 50, 60.0, "auto"]),
        "baseline": st.sampled_from(["median", "two_stage"]),
    },
)


@settings(deadline=None, max_examples=150)
@given(name=PRESET_NAMES, changes=SETTINGS)
def test_json_round_trip_gives_the_same_value_text_hash_and_digest(name, changes):
    p = preset(name, **changes)
    again = Preprocessing.from_json(p.to_json())
    assert again == p
    assert hash(again) == hash(p)
    assert again.to_json() == p.to_json()
    assert again.digest() == p.digest()
    shuffled = json.dumps(dict(reversed(json.loads(p.to_json()).items())), indent=2)
    assert Preprocessing.from_json(shuffled).digest() == p.digest()
    assert describe(again) == describe(p)


def test_an_integer_and_a_float_of_one_value_are_one_preprocessing():
    assert preset("clinical", rate=250).digest() == preset("clinical", rate=250.0).digest()
    text = PRESETS["clinical"].to_json().replace("100.0", "100").replace("40.0", "40")
    assert Preprocessing.from_json(text) == PRESETS["clinical"]


def test_the_digests_of_the_presets_are_pinned():
    """A change here makes every stored model's preprocessing another one: raise the version instead."""
    assert {name: p.digest()[:16] for name, p in PRESETS.items()} == {
        "exchangeai": "810f6b12efb93a15",
        "paper": "3e60385ca536c004",
        "clinical": "28e82e66534b649c",
        "st_preserving": "d28043504a8a2158",
    }


def test_the_name_of_a_preset_stays_only_with_its_own_values():
    assert preset("clinical").preset == "clinical"
    assert preset("clinical", rate=100).preset == "clinical"
    assert preset("clinical", rate=250).preset == "custom"
    assert dataclasses.replace(PRESETS["exchangeai"], short="edge").preset == "custom"
    assert Preprocessing() == PRESETS["exchangeai"]
    claim = PRESETS["paper"].to_json().replace('"paper"', '"clinical"')
    assert Preprocessing.from_json(claim).preset == "custom"


def test_unknown_presets_and_settings_are_told_which_there_are():
    with pytest.raises(
        PreprocessingError, match=r"no preset 'clinicl'\. Use exchangeai, paper, clinical or st_preserving"
    ):
        preset("clinicl")
    with pytest.raises(PreprocessingError, match=r"no setting 'sampling_rate'\. Use rate, window_s"):
        preset("clinical", sampling_rate=250)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2), ("version", True), ("version", "1"), ("version", 1.0), ("version", None),
        ("preset", "best"), ("preset", None), ("preset", ["clinical"]), ("preset", {}),
        ("rate", 0), ("rate", -100), ("rate", 1e300), ("rate", "100"), ("rate", True), ("rate", None), ("rate", []),
        ("rate", 10**400), ("window_s", 0), ("window_s", 1e8), ("window_s", 0.001), ("window_s", "10"),
        ("long", "middle"), ("long", None), ("long", ["start"]), ("short", "tile"), ("short", 0),
        ("standardise", "minmax"), ("standardise", True), ("standardise", {}),
        ("bandpass", [40, 0.5]), ("bandpass", [0, 40]), ("bandpass", [0.5]), ("bandpass", "0.5-40"),
        ("bandpass", [0.5, True]), ("bandpass", [0.5, 10**400]), ("bandpass", {"low": 1}), ("bandpass", 3),
        ("clip", [0.5, 1.5]), ("clip", [0.6, 1]), ("clip", [-0.1, 1]), ("clip", [0.01, -1]), ("clip", [0.01, None]),
        ("baseline_ms", 0), ("baseline_ms", -5), ("baseline_ms", 1e8), ("baseline_ms", "200"),
        ("units_per_mv", 0), ("units_per_mv", -1), ("units_per_mv", None),
    ],
)  # fmt: skip
def test_hostile_values_in_json_are_refused_with_their_name(key, value):
    fields = json.loads(PRESETS["exchangeai"].to_json()) | {key: value}
    with pytest.raises(PreprocessingError, match=r"\.$") as error:
        Preprocessing.from_json(json.dumps(fields))
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "1", "[]", '"clinical"', "{", "{}", "[" * 100_000, "\x00", b"\xff\xfe", "__import__('os')",
        '{"version": 1}',
        PRESETS["paper"].to_json()[:-1] + ',"eval":"1"}',
        PRESETS["paper"].to_json()[:-1] + ',"rate":100.0}',
        PRESETS["paper"].to_json().replace("100.0", "NaN"),
        PRESETS["paper"].to_json().replace("100.0", "Infinity"),
        PRESETS["paper"].to_json().replace("100.0", "1e999"),
        PRESETS["paper"].to_json().replace("100.0", "9" * 5000),
    ],
)  # fmt: skip
def test_text_that_is_no_preprocessing_is_refused(text):
    with pytest.raises(PreprocessingError):
        Preprocessing.from_json(text)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_no_text_raises_anything_but_the_one_error(text):
    with pytest.raises(PreprocessingError):
        Preprocessing.from_json(text)


def test_the_description_names_each_step_once_and_in_order():
    lines = describe(PRESETS["clinical"])
    order = [
        "Gaps",
        "Band-pass 0.5 to 40 Hz",
        "Resampled to 100",
        "first 10 s",
        "each lead becomes 0",
        "shorter than 10 s",
    ]
    assert [next(i for i, line in enumerate(lines) if part in line) for part in order] == list(range(6))
    assert any("ST segment" in line for line in describe(PRESETS["paper"]))
    assert any("in µV" in line for line in describe(preset("exchangeai", units_per_mv=1000)))


def test_the_documentation_names_every_setting_and_preset():
    page = (Path(__file__).parents[2] / "docs" / "preprocessing.md").read_text()
    fields = {field.name for field in dataclasses.fields(Preprocessing)}
    assert {name for name in fields | set(PRESETS) if f"`{name}`" not in page} == set()


V1 = (
    '{"bandpass":[0.5,40.0],"baseline_ms":null,"clip":null,"long":"start","preset":"clinical","rate":100.0,'
    '"short":"zero","standardise":"lead","units_per_mv":1.0,"version":1,"window_s":10.0}'
)


def test_what_version_1_wrote_reads_as_the_same_preset_and_is_written_the_same_again():
    p = Preprocessing.from_json(V1)
    assert p == PRESETS["clinical"]
    assert p.to_json() == V1
    assert (p.version, p.resampling, p.edges, p.high_pass, p.notch, p.baseline) == (
        1, "fft", "periodic", None, None, "median",
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [{"edges": "mirror"}, {"resampling": "polyphase"}, {"high_pass": 0.5}, {"notch": "auto"}, {"notch": 50},
     {"baseline": "two_stage"}, {"standardise": "minmax"}],
)  # fmt: skip
def test_what_version_2_brought_is_written_as_version_2_and_only_that(changes):
    p = preset("exchangeai", **changes)
    fields = json.loads(p.to_json())
    assert (p.version, fields["version"], len(fields)) == (2, 2, 16)
    assert preset("exchangeai").version == 1
    with pytest.raises(PreprocessingError):
        Preprocessing.from_json(json.dumps(fields | {"version": 1}))
    back = dataclasses.replace(p, **{name: getattr(PRESETS["exchangeai"], name) for name in changes})
    assert back.digest() == dataclasses.replace(PRESETS["exchangeai"], preset="custom").digest()


def test_version_1_does_not_know_minmax_and_version_4_is_not_known_here():
    with pytest.raises(PreprocessingError, match="version 1"):
        Preprocessing.from_json(V1.replace('"lead"', '"minmax"'))
    with pytest.raises(PreprocessingError, match="Update the platform"):
        Preprocessing(version=4)


@pytest.mark.parametrize(
    ("key", "value"),
    [("resampling", "linear"), ("resampling", None), ("edges", True), ("baseline", "mean"), ("high_pass", 0),
     ("high_pass", 6), ("high_pass", "0.5"), ("notch", 0), ("notch", "mains"), ("notch", []), ("notch", True)],
)  # fmt: skip
def test_hostile_values_of_version_2_are_refused(key, value):
    fields = json.loads(PRESETS["st_preserving"].to_json()) | {key: value}
    with pytest.raises(PreprocessingError, match=key.replace("high_pass", "high.pass")):
        Preprocessing.from_json(json.dumps(fields))


def test_the_description_says_what_becomes_of_the_st_segment():
    assert any("ST levels stay" in line for line in describe(PRESETS["st_preserving"]))
    assert any("bends the ST segment" in line for line in describe(preset("clinical", bandpass=(1, 40))))
    assert any("in part" in line for line in describe(preset("exchangeai", baseline="two_stage", baseline_ms=600)))
    assert any("50 or 60 Hz" in line for line in describe(preset("clinical", notch="auto")))
    assert any("polyphase filter, the ends mirrored" in line for line in describe(
        preset("clinical", resampling="polyphase", edges="mirror")))  # fmt: skip


def test_the_standardisers_of_the_original_have_their_counterparts():
    assert ORIGINAL_STANDARDISERS == {"None": "none", "meanStd": "recording", "minMax": "minmax"}
    for value in ORIGINAL_STANDARDISERS.values():
        assert preset("exchangeai", standardise=value).standardise == value
