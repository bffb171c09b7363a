"""Reasons inside results: every text that the core gives with its numbers is a kind of its own, in German too."""

import re
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from fastapi.routing import APIRoute
from pydantic import PlainSerializer, TypeAdapter
from typing_extensions import is_typeddict

from backend.language.sentence import Sentence
from backend.language.spoken import german, said, speaking
from backend.ml.data.split import split, split_from_column
from backend.ml.evaluation.calibration import calibration
from backend.ml.evaluation.classification import evaluate
from backend.ml.evaluation.estimate import Estimate, too_few
from backend.ml.evaluation.patients import patients_of
from backend.ml.evaluation.regression import RegressionEvaluation, evaluate_regression
from backend.ml.evaluation.results import Evaluation
from backend.ml.evaluation.stress import StressCurve, StressPoint, curve
from tests.api_calls import Api
from tests.trained import Trained

NAMES = frozenset({
    # Names of labels, models, files and people, ids, hashes, codes of standards, and words for programs.
    "Preprocessing.preset", "Code.code", "Code.text", "LabelAbstention.label", "SourceScore.labels", "SourceScore.name",
    "FlagShare.name", "StatisticShift.name", "FoldSpread.label", "FoldSpread.measure", "TargetResult.label",
    "ClassResult.label", "OperatingPoint.rule", "LabelRoutes.label", "RouterReport.always_on", "RouterReport.experts",
    "StressResult.measure", "ModelSpec.architecture", "ModelSpec.codes", "ModelSpec.config", "ModelSpec.label_names",
    "ModelSpec.labels", "ModelSpec.leads", "TrainingFacts.base", "TrainingFacts.config", "TrainingFacts.created",
    "TrainingFacts.data_hash", "TrainingFacts.versions", "EcgResult.file_name", "EcgResult.model_id",
    "EcgResult.model_name", "EcgResult.model_sha256", "EcgResult.patient", "EcgResult.predicted",
    "EcgResult.recording_id", "LabelResult.label", "LabelResult.name", "NotEvaluated.reason",
    "EvaluationCell.dataset", "EvaluationCell.dataset_project", "EvaluationCell.evaluation_id", "EvaluationCell.label",
    "SideBySide.evaluation_ids", "Spread.worst_dataset", "Spread.worst_label", "EvaluationGroup.group",
    "EvaluationGroup.kind", "EvaluationGroupLabel.label", "EvaluationResult.contradictions",
    "EvaluationResult.unknown_labels", "LabelOutputs.label", "LabelOutputs.table_label", "Verified.place",
    "JobResult.run_id", "JobResult.model_id", "JobResult.dataset_id", "JobResult.prediction_id",
    "JobResult.evaluation_id", "JobResult.explanation_id", "JobResult.drift_check_id", "JobResult.stress_test_id",
    "JobResult.transfer_id", "JobResult.item", "JobResult.fingerprint", "JobResult.round",
})  # fmt: skip
"""Fields of the core and the services that hold a text which is no sentence of the platform."""

ENGLISH = re.compile(r"\b(of|the|that|are|is|was|were|has|have|not|with|without|patients?|recordings?|records?)\b")


def _served() -> Iterator[type]:
    """Yield every class of the core and the services whose values the API answers with."""
    from backend.main import ROUTERS

    seen: set[Any] = set()

    def walk(kind: Any) -> Iterator[type]:
        for one in (kind, *(getattr(meta, "kind", None) for meta in getattr(kind, "__metadata__", ()))):
            if isinstance(one, type) and one not in seen and one.__module__.startswith("backend."):
                seen.add(one)
                if is_dataclass(one) or is_typeddict(one):
                    yield one
                for hint in get_type_hints(one, include_extras=True).values():
                    yield from walk(hint)
            elif one is not None and get_origin(one) is not Literal:
                for part in get_args(one):
                    yield from walk(part)
            if hasattr(one, "model_fields"):
                for field in one.model_fields.values():
                    yield from walk(field.annotation)

    for module in ROUTERS:
        for route in module.router.routes:
            if isinstance(route, APIRoute):
                yield from walk(route.response_model)
    from backend.api.schemas.jobs import JobEvent  # of streams, which have no model

    yield from walk(JobEvent)


def _holds_plain_text(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        said_so = any(isinstance(meta, PlainSerializer) and meta.func is said for meta in hint.__metadata__)
        return not said_so and _holds_plain_text(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return False
    if get_origin(hint) is dict:
        return _holds_plain_text(get_args(hint)[1])  # its keys are names
    return hint is str or any(map(_holds_plain_text, get_args(hint)))


def test_every_text_of_the_core_that_is_served_is_a_sentence_or_known_as_a_name() -> None:
    found = {
        f"{kind.__name__}.{name}"
        for kind in _served()
        for name, hint in get_type_hints(kind, include_extras=True).items()
        if not name.startswith("__") and _holds_plain_text(hint)
    }
    assert found - NAMES == set()  # annotate a sentence as `Sentence`; a name goes into the list
    assert NAMES - found == set()


def test_a_reason_is_kept_in_english_and_served_in_the_language_asked_for() -> None:
    withheld = Estimate(None, withheld=too_few(4))
    wire = TypeAdapter(Estimate)
    with speaking("de"):
        assert wire.dump_python(withheld, mode="json")["withheld"] == "zu wenige für eine Aussage: 4"
        assert asdict(withheld)["withheld"] == "too few to say: 4"
    assert wire.dump_python(withheld, mode="json")["withheld"] == "too few to say: 4"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name in ("withheld", "notes", "text", "title", "told", "unit"):
                yield from [one] if isinstance(one, str) else filter(None, one or [])
            else:
                yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _results() -> Iterator[tuple[Any, Any]]:
    """Yield results of few, odd and rare recordings, each with the class by which it is served."""
    rng = np.random.default_rng(1)
    y = np.zeros((40, 4))
    y[:2, 0], y[:20, 1], y[:, 2] = 1, 1, 1
    y[:39, 3] = rng.integers(0, 2, 39)
    some = [f"p{n}" if n % 9 else None for n in range(40)]
    for patients in (None, some):
        yield evaluate(y, rng.random((40, 4)), list("ABCD"), "multi_label", None, patients), Evaluation
    values = rng.normal(size=(4, 2))
    values[:, 1] = np.nan
    yield evaluate_regression(values, rng.normal(size=(4, 2)), ["A", "B"]), RegressionEvaluation
    for drop in (0.0, 0.3):
        score = Estimate(0.9 - drop, 0.85 - drop, 0.95 - drop)
        points = [StressPoint(step=step, told=f"{step:g} × the amplitude", score=score, f1=None) for step in (0.5, 2.0)]
        whole = StressPoint(step=1.0, told="1 × the amplitude", score=Estimate(0.9, 0.85, 0.95), f1=None)
        yield curve("gain", whole, points), StressCurve
    apart = np.repeat([False, True], 20)
    for p in (apart * 0.8 + 0.1, np.full(40, 0.5)):
        yield calibration(apart, p, patients_of(40, None)).slope, Estimate


def test_reasons_and_notes_of_results_have_no_english_left_in_german() -> None:
    told: list[tuple[str, str]] = []
    for value, kind in _results():
        wire = TypeAdapter(kind)
        english = list(_texts(wire.dump_python(value, mode="json")))
        with speaking("de"):
            told += zip(english, _texts(wire.dump_python(value, mode="json")), strict=True)
    assert len({english for english, _ in told}) >= 10
    assert [pair for pair in told if pair[0] == pair[1] or ENGLISH.search(pair[1])] == []


def test_how_many_recordings_were_moved_is_said_in_the_right_number_and_in_german() -> None:
    rare = np.zeros((80, 1))
    rare[:3] = 1  # a label of three patients, whom the lot seldom parts
    told = {note for seed in range(40) for note in split(rare, [f"p{n}" for n in range(80)], seed=seed).notes}
    assert "1 of 80 recordings was moved, so that no part lacks a label." in told
    assert "2 of 80 recordings were moved, so that no part lacks a label." in told
    column = ["train"] * 30 + ["test"] * 10
    told |= set(split_from_column(column, y=np.eye(40)[:, :1], groups=[f"p{n}" for n in range(40)], seed=3).notes)
    told.add("1 of 80 records were moved, so that no part lacks a label.")  # of an earlier version
    assert any("set aside for validation" in note for note in told)
    assert [note for note in told if german().say(note) == note or ENGLISH.search(german().say(note))] == []


def test_a_model_and_the_events_of_its_training_give_reasons_in_german(trained_api: Api, trained: Trained) -> None:
    def of(language: str) -> tuple[list[str], list[str]]:
        headers = {"Accept-Language": language}
        model = trained_api.client.get(trained_api.url(f"/models/{trained.model_id}"), headers=headers).json()
        job = trained_api.get(f"/runs/{trained.run_id}")["job"]["id"]
        events = trained_api.client.get(trained_api.url(f"/jobs/{job}/events"), headers=headers).json()
        rows = events["items"] if isinstance(events, dict) else events
        return list(_texts(model["evaluation"])), [one["payload"]["text"] for one in rows if one["kind"] == "note"]

    (reasons, notes), (gruende, hinweise) = of("en"), of("de")
    assert reasons
    assert gruende == [german().say(one) for one in reasons]
    assert not set(reasons) & set(gruende)
    assert hinweise == [german().say(one) for one in notes]
    assert not set(notes) & set(hinweise)


def test_the_kind_of_a_sentence_translates_nothing_but_what_goes_over_the_wire() -> None:
    with speaking("de"):
        assert TypeAdapter(Sentence).dump_python("too few to say: 4") == "too few to say: 4"
