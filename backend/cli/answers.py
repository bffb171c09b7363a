"""Predicting files straight from the shell, without a project: what is answered, as text and as CSV."""

from itertools import chain
from pathlib import Path
from typing import Any

from backend.cli import reading
from backend.ecg.readers import ReadOptions
from backend.errors import UserError
from backend.ml.predict import Predictor
from backend.services import ingest, predictions
from backend.services.csv_line import csv_line


def predict_files(predictor: Predictor, paths: list[Path], options: ReadOptions) -> list[dict[str, Any]]:
    """Return for each recording its prediction, and for each file that cannot be read an "error"."""
    answers: list[dict[str, Any]] = []
    for result in chain.from_iterable(reading.batches(paths, options)):
        if not isinstance(result, ingest.ReadSet):
            answers.append({"file_name": result.name, "error": str(result.error)})
            continue
        if result.error:
            answers.append({"file_name": result.files.name, "error": result.error})
        for recording in result.recordings:
            try:
                answer = predictions.answer_recording(predictor, recording)
            except UserError as error:
                answers.append({"file_name": recording.name, "error": str(error)})
                continue
            answers.append(
                {
                    "file_name": recording.name,
                    "predicted": answer.predicted,
                    _kind(predictor): dict(zip(predictor.spec.labels, map(float, answer.outputs), strict=True)),
                    "notes": [*answer.notes, *recording.notes],
                }
            )
    return answers


def _kind(predictor: Predictor) -> str:
    return "values" if predictor.spec.task == "regression" else "probabilities"


def as_line(answer: dict[str, Any]) -> str:
    """Return an answer as one line for people: the five most probable labels, or all values of a regression."""
    if "error" in answer:
        return f"{answer['file_name']}: not predicted: {answer['error']}"
    if "values" in answer:
        return f"{answer['file_name']}: " + ", ".join(f"{name} {value:.4g}" for name, value in answer["values"].items())
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])[:5]
    shown = ", ".join(f"{label} {value:.3f}" for label, value in ranked)
    return f"{answer['file_name']}: {'; '.join(answer['predicted']) or 'none'} ({shown})"


def notes_of(answers: list[dict[str, Any]]) -> list[str]:
    """Return what is to be known about the answers, each note once, with the recordings that it is about."""
    about: dict[str, list[str]] = {}
    for answer in answers:
        for note in answer.get("notes", ()):
            about.setdefault(note, []).append(answer["file_name"])
    return [
        f"Look at {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {note}"
        for note, names in about.items()
    ]


def write_csv(path: Path, answers: list[dict[str, Any]]) -> None:
    """Write answers as CSV: file_name, predicted, a probability or a value a label, error."""
    kind = "values" if any("values" in answer for answer in answers) else "probabilities"
    labels = next((list(answer[kind]) for answer in answers if kind in answer), [])
    columns = [f"{'value' if kind == 'values' else 'probability'}_{label}" for label in labels]
    lines = [["file_name", "predicted", *columns, "error"]]
    for answer in answers:
        numbers = [f"{answer[kind][label]:.6f}" if "error" not in answer else "" for label in labels]
        lines.append([answer["file_name"], ";".join(answer.get("predicted", [])), *numbers, answer.get("error", "")])
    path.write_text("".join(map(csv_line, lines)), encoding="utf-8", newline="")
