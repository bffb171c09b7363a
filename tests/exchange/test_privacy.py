"""Nothing but aggregates is published: small cells, curves of single patients, names and numbers are withheld."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.exchange.privacy import check_package, in_text, safe_package
from backend.exchange.privacy_cells import Cuts, small_labels
from backend.exchange.privacy_results import safe_results
from backend.ml.calibration import Calibration
from backend.ml.data.seen_list import Identity, seen_in, to_bytes
from backend.ml.errors import ModelInvalidError
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.drift.profile import make
from backend.ml.evaluation.from_json import read_evaluation
from backend.ml.evaluation.regression import evaluate_regression
from backend.ml.packaging.manifest import TrainingCard
from backend.ml.packaging.package import MODEL, PROFILE, SEEN, WEIGHTS, read_package
from backend.ml.spec import ModelSpec
from tests.exchange.packages import MOST, SPEC, content_of, onnx_file, raw, results, zipped
from tests.ml.evaluation.drift.ecgs import HASH, measured


def places(path: Path, **options: Any) -> str:
    return "\n".join(f"{one.place}: {one.reason}" for one in check_package(path, MOST, **options))


def training(n: int, **labels: int) -> TrainingCard:
    return TrainingCard(
        dataset="Ward 3", n=n, n_patients=n, counts={"train": {"n": n, "labels": labels}}, data_hash="d" * 64
    )


def test_the_safe_form_is_safe_and_the_model_in_it_unchanged(tmp_path: Path) -> None:
    before, after = raw(tmp_path, training_data=training(100, NORM=97, MI=3)), tmp_path / "safe.zip"
    assert check_package(before, MOST)
    assert all(finding.mended for finding in check_package(before, MOST))
    assert safe_package(before, after, MOST) == ()
    assert check_package(after, MOST) == ()
    assert {name: content_of(after.read_bytes())[name] for name in (MODEL, WEIGHTS)} == {
        name: content_of(before.read_bytes())[name] for name in (MODEL, WEIGHTS)
    }
    with after.open("rb") as file:
        said = read_package(file, MOST).manifest
    assert said.training_data is not None
    assert said.training_data.counts == {"train": {"n": 100, "labels": {}, "withheld": ["MI", "NORM"]}}
    card = content_of(after.read_bytes())["README.md"].decode()
    assert "| train | 100 | withheld | withheld |" in card
    again = tmp_path / "again.zip"
    safe_package(after, again, MOST)
    assert again.read_bytes() == after.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize(("n", "counts", "exclusive", "withheld"), [
    (100, {"A": 50, "B": 50}, False, []), (100, {"A": 50, "B": 4}, False, ["B"]),
    (100, {"A": 96, "B": 50}, False, ["A"]),
    (100, {"A": 0, "B": 100}, False, []), (100, {"A": 5, "B": 95}, True, []),
    (104, {"A": 50, "B": 50, "C": 4}, True, ["A", "C"]), (54, {"A": 50, "B": 1, "C": 3}, True, ["A", "B", "C"]),
    (57, {"A": 50, "B": 3, "C": 4}, True, ["B", "C"]), (61, {"A": 50, "B": 1, "C": 4, "D": 6}, True, ["B", "C"]),
])  # fmt: skip
def test_a_withheld_count_does_not_follow_from_the_others(
    n: int, counts: dict[str, int], exclusive: bool, withheld: list[str]
) -> None:
    assert small_labels(counts, n, exclusive) == withheld


@given(st.lists(st.integers(0, 30), min_size=2, max_size=8))
def test_no_small_count_can_be_computed_from_a_total(counts: list[int]) -> None:
    named = {str(number): count for number, count in enumerate(counts)}
    withheld = small_labels(named, sum(counts), True)
    assert all(not 0 < count < 5 for label, count in named.items() if label not in withheld)
    left = [named[label] for label in withheld]
    if left and sum(counts) >= 5 and sum(count > 0 for count in counts) > 1:
        assert len(left) > 1
        assert sum(left) >= 5


def test_patients_count_where_the_platform_knows_them(tmp_path: Path) -> None:
    path = raw(tmp_path, evaluation=None, training_data=training(100, NORM=60, MI=40))
    assert places(path) == ""
    assert "MI" in places(path, patients={"train": {"NORM": 50, "MI": 4}})
    assert places(path, patients={"train": {"NORM": 50, "MI": 5}}) == ""


@pytest.mark.parametrize("task", ["multi_label", "single_label"])
@pytest.mark.parametrize("rare", [0.004, 0.01, 0.03, 0.1, 0.3])
@pytest.mark.parametrize("n", [30, 100, 1000])
def test_safe_results_hold_no_small_cell_and_are_still_results(task: str, rare: float, n: int) -> None:
    spec = replace(
        SPEC, task=task, labels=("A", "B", "C"), label_names=("A", "B", "C"), thresholds=(0.5, 0.4, 0.3), codes={}
    )
    for seed in range(4):
        told = json.loads(json.dumps(results(n, rare=rare, spec=spec, seed=seed)))
        safe, _ = safe_results(told)
        assert safe is not None
        cells = [
            count
            for row in safe["classes"]
            for count in (row["support"], row["predicted"], *flat(row["confusion"]))
            if count is not None
        ]
        cells += flat(safe["confusion"])
        assert not [count for count in cells if 0 < count < 5]
        assert safe_results(safe) == (safe, [])
        assert read_evaluation(safe, spec) == safe
        hidden = [row for row in safe["classes"] if row["confusion"] is None]
        assert len(hidden) != 1
        for row in hidden:
            assert all(row[name]["value"] is None for name in ("recall", "precision", "specificity", "f1", "npv"))
        for row in safe["classes"]:
            check_curves(row, n)


def flat(matrix: list[list[int]] | None) -> list[int]:
    return [cell for line in matrix or [] for cell in line]


def check_curves(row: dict[str, Any], n: int) -> None:
    """Between any two points of all curves of a label, and their ends, lie none or at least five of each side."""
    if row["support"] is None:
        assert row["roc"] == row["pr"] == row["operating_points"] == []
        assert row["auroc"]["value"] is None
        return
    positives = row["support"]
    negatives = row["known"] - positives
    points = {(0, 0), (positives, negatives)}
    points |= {(round(tpr * positives), round(fpr * negatives)) for fpr, tpr in row["roc"]}
    for recall, precision in row["pr"]:
        tp = round(recall * positives)
        if tp:
            points.add((tp, round(tp / precision) - tp))
    if row["confusion"] is not None:
        points.add((row["confusion"][1][1], row["confusion"][0][1]))
    for one in row["operating_points"]:
        recall, specificity = one["sensitivity"]["value"], one["specificity"]["value"]
        points.add((round(recall * positives), round((1 - specificity) * negatives)))
    for tp, fp in points:
        for other, others in points:
            assert not 0 < abs(tp - other) < 5
            assert not 0 < abs(fp - others) < 5
    for one in (row["calibration"] or {"bins": []})["bins"]:
        have = round(one["observed"]["value"] * one["n"])
        assert not 0 < have < 5
        assert not 0 < one["n"] - have < 5


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), max_size=30))
def test_cuts_are_never_a_few_apart(asked: list[tuple[int, int]]) -> None:
    cuts = Cuts(40, 60)
    kept = [cut for cut in asked if cuts.take(*cut)]
    for one in (*kept, (0, 0), (40, 60)):
        for other in (*kept, (0, 0), (40, 60)):
            assert all(a == b or abs(a - b) >= 5 for a, b in zip(one, other, strict=True))


def test_large_numbers_are_left_as_they_are() -> None:
    random = np.random.default_rng(1)
    y = (random.random((20_000, 2)) < 0.4).astype(np.float32)
    p = np.clip(0.3 + 0.4 * y + random.normal(0, 0.2, y.shape), 0.01, 0.99)
    told = json.loads(json.dumps(evaluate(y, p, SPEC.labels, "multi_label", (0.5, 0.5)).to_dict()))
    safe, found = safe_results(told)
    assert safe is not None
    for before, after in zip(told["classes"], safe["classes"], strict=True):
        assert {k: v for k, v in before.items() if k not in ("roc", "pr", "calibration")} == {
            k: v for k, v in after.items() if k not in ("roc", "pr", "calibration")
        }
        assert len(after["roc"]) > len(before["roc"]) / 2
    assert not any("TP, FP" in reason for _, reason in found)


def test_words_that_tell_a_small_number_are_withheld() -> None:
    told = json.loads(json.dumps(results(300, rare=0.01, seed=3)))
    told["notes"] = [
        "Only 1 patient has “MI”: numbers that rest on it are withheld.",
        "Of 3 of 60 records …",
        "At least 5.",
    ]
    told["classes"][0]["auroc"]["withheld"] = "too few to say: 2"
    safe, _ = safe_results(told)
    assert safe is not None
    assert safe["notes"][0].startswith("Only <5 patient has “MI”: numbers that rest on them are")
    assert safe["notes"][1:] == ["Of <5 of 60 records …", "At least 5."]
    assert "2" not in safe["classes"][0]["auroc"]["withheld"]


def test_points_of_single_patients_in_a_regression_are_left_out() -> None:
    random = np.random.default_rng(0)
    y = random.normal(50, 10, (100, 1))
    told = json.loads(json.dumps(evaluate_regression(y, y + random.normal(0, 5, y.shape), ("age",)).to_dict()))
    assert told["targets"][0]["points"]
    safe, found = safe_results(told)
    assert safe is not None
    assert safe["targets"][0]["points"] == []
    assert "single patients" in found[0][1]
    assert safe_results(safe) == (safe, [])
    few = json.loads(json.dumps(evaluate_regression(y[:4], y[:4] + 1, ("age",)).to_dict()))
    assert safe_results(few)[0] is None


@pytest.mark.parametrize("text", [
    "trained on /home/anna/ecgs", "C:\\Users\\anna", "see 00017_lr.dat", "from anna_mueller.xml", "patient 4711123",
    "Patient-ID: A123456", "MRN 0012345", "Fall Nr. 20231234", "recording id 12345", "Fallnummer 998877",
    "6f1c2f9e-1f0b-4a4e-9b8e-0f6d1b2c3d4e", "geb. 12.3.1950", "born 1950-03-12", "file:///data", "record_20231", "~/x",
])  # fmt: skip
def test_a_text_that_names_a_file_or_a_patient_is_found(text: str) -> None:
    assert list(in_text({"x": f"A model, {text}."}))
    shown = " ".join(part for pair in in_text({"x": text}) for part in pair)
    assert text not in shown


@pytest.mark.parametrize("text", [
    "Teaching.", "CC BY 4.0", "PTB-XL 1.0.3, doi:10.1186/s12916-019-1466-7", "arXiv 2503.13570",
    "21,799 ECGs of 18,869 patients",
    "https://creativecommons.org/licenses/by/4.0/", "AF at 500 Hz, 10 s, 12 leads", "SNOMED CT 164889003", "MI/NORM",
    "12-lead ECGs of 2023", "Contact: ecg@hospital.example", "not for patients under 18", "see model card", "v1.2.3",
])  # fmt: skip
def test_a_text_about_groups_is_left_alone(text: str) -> None:
    assert list(in_text({"x": text})) == []


@pytest.mark.parametrize(("change", "words"), [
    ({"name": "Model of patient 471112"}, "name"), ({"licence": "see licence_anna.pdf"}, "licence"),
    ({"training_data": replace(training(100), dataset="/data/ward3/labels.csv")}, "training data"),
    ({"spec": replace(SPEC, config={"from": "ecg_00017.dat"})}, "settings"),
    ({"training_data": replace(training(100), n_patients=3)}, "under 5 patients"),
])  # fmt: skip
def test_what_cannot_be_withheld_is_named_and_stays(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = raw(tmp_path, evaluation=None, **change)
    findings = [one for one in check_package(path, MOST) if not one.mended]
    assert words in " ".join(f"{one.place} {one.reason}" for one in findings)
    assert safe_package(path, tmp_path / "safe.zip", MOST) == tuple(findings)


def test_what_the_model_itself_holds_is_looked_at(tmp_path: Path) -> None:
    for metadata, words in (({"notes": "x"}, "nobody here can judge"), ({"target_keys": "['pat 4711123']"}, "patient")):
        found = places(raw(tmp_path, evaluation=None, onnx=onnx_file(**metadata)))
        assert words in found
    few = Calibration(
        method="platt", slopes=(1.0, 1.0), intercepts=(0.0, 0.0), covariances=((), ()), positives=(3, 50), n=100
    )
    spec: ModelSpec = replace(SPEC, calibration=few)
    assert "calibration" in places(raw(tmp_path, evaluation=None, spec=spec))
    none = replace(few, positives=(0, 50))
    assert places(raw(tmp_path, evaluation=None, spec=replace(SPEC, calibration=none))) == ""


def test_a_list_of_what_was_seen_is_published_salted_only(tmp_path: Path) -> None:
    everyone = [Identity(f"{n:032x}", f"{n + 1:064x}", None, (f"{n + 2:032x}",)) for n in range(9)]
    one = replace(seen_in("Model", {"train": everyone}, "ours"), sha256=_sha256(onnx_file()))
    path = raw(tmp_path, evaluation=None, seen=to_bytes([one]))
    assert "salt" in places(path)
    assert safe_package(path, tmp_path / "safe.zip", MOST) == ()
    assert places(tmp_path / "safe.zip") == ""
    hidden = content_of((tmp_path / "safe.zip").read_bytes())[SEEN]
    assert json.loads(hidden)["models"][0]["parts"] != json.loads(to_bytes([one]))["models"][0]["parts"]


def test_the_profile_of_a_training_is_published_as_it_is_and_nothing_else_in_its_place(tmp_path: Path) -> None:
    profile = make(measured(1, 60), HASH)
    assert profile is not None
    path = raw(tmp_path, evaluation=None, profile=profile.to_bytes())
    assert places(path) == ""
    assert safe_package(path, tmp_path / "safe.zip", MOST) == ()
    assert content_of((tmp_path / "safe.zip").read_bytes())[PROFILE] == profile.to_bytes()
    more = json.dumps(json.loads(profile.to_bytes()) | {"patients": ["Mr. Smith"]}).encode()
    with pytest.raises(ModelInvalidError, match="patients"):
        check_package(raw(tmp_path, evaluation=None, profile=more), MOST)


def test_a_card_that_somebody_wrote_is_made_anew(tmp_path: Path) -> None:
    path = raw(tmp_path, evaluation=None)
    content = content_of(path.read_bytes())
    path.write_bytes(zipped(content | {"README.md": content["README.md"] + b"\nThree had LQTS."}))
    assert "card" in places(path)
    safe_package(path, tmp_path / "safe.zip", MOST)
    assert content_of((tmp_path / "safe.zip").read_bytes())["README.md"] == content["README.md"]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
