"""The model card: what a model tells, how good it is and what it was made of, in plain words, as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.ecg.preprocess.description import describe
from backend.ml.architectures import ARCHITECTURES
from backend.ml.data.split import PARTS
from backend.ml.evaluation.routes import in_words
from backend.ml.packaging.manifest import Manifest, TrainingCard
from backend.ml.spec import ModelSpec

_TASKS = {
    "single_label": "It gives each ECG one of {n} labels: the most probable one. The probabilities sum to 1.",
    "multi_label": "It gives each ECG any number of {n} labels: each whose probability reaches its threshold.",
    "regression": "It estimates {n} value{s} for each ECG, in the unit of the training data.",
}
_RESULTS = (
    ("macro_auroc", "macro AUROC"), ("macro_f1", "macro F1"), ("weighted_f1", "weighted F1"), ("accuracy", "accuracy"),
    ("macro_r2", "mean R²"), ("macro_pearson", "mean correlation"),
)  # fmt: skip
_OF_LABEL = (("auroc", "AUROC"), ("f1", "F1"), ("recall", "sensitivity"), ("specificity", "specificity"))
_OF_TARGET = (("mae", "mean absolute error"), ("bias", "bias"), ("r2", "R²"))
_MEASURES = {
    **dict(_RESULTS), **dict(_OF_LABEL), **dict(_OF_TARGET),
}  # fmt: skip
_USE = "Research, and checking it on your own recordings."
_NO_HEAD = "Fine-tuning only: it has no head of its own, and its labels are placeholders."
_NO_DEVICE = (
    "It is **not a medical device**. Nobody has shown that decisions about patients that rest on it are good ones: "
    "do not diagnose or treat with it."
)


def model_card(manifest: Manifest, sha256: str) -> str:
    """Return the card of a model as Markdown; `sha256` is that of its ONNX file. Equal models give equal cards."""
    spec = manifest.spec
    known = ARCHITECTURES.get(spec.architecture)
    size = f", {manifest.parameters:,} parameters" if manifest.parameters else ""
    network = f"{known.title} ({known.reference})" if known else "A network known only by its graph"
    sections = [
        ("What it tells", [_task(spec), "", *_labels(spec)]),
        ("Use", [_plain(manifest.intended_use) or (_USE if manifest.has_head else _NO_HEAD), "", _NO_DEVICE]),
        ("Results", _results(manifest.evaluation, spec)),
        ("Training data", _training(manifest.training_data, spec)),
        ("What is done to an ECG before", [f"- {line}" for line in describe(spec.preprocessing)]),
        ("Limits", [f"- {line}" for line in _limits(manifest)]),
        ("Where it comes from", [f"- Network: {network}{size}.", *_origin(manifest)]),
        ("Licence", [_plain(manifest.licence) or "Not stated: ask whoever gave you the model before you pass it on."]),
        ("File", [f"SHA-256 of the ONNX file: `{sha256}`"]),
    ]
    if manifest.routes is not None:
        told = "Of the ECGs of the test part, as the second output of the file, `routes`, tells them too:"
        sections.insert(3, ("Routes", [told, "", *(f"- {_plain(line)}" for line in in_words(manifest.routes))]))
    how = _calibration(spec, manifest.evaluation)
    if how:
        sections.insert(3, ("Probabilities", how))
    parts = [f"# {_plain(manifest.name)}"]
    parts += [f"## {title}\n\n" + "\n".join(lines) for title, lines in sections]
    return "\n\n".join(parts) + "\n"


def _task(spec: ModelSpec) -> str:
    n = len(spec.labels)
    seconds = f"{spec.preprocessing.window_s:g} s of a 12-lead ECG"
    patient = ", and age and sex where they are known" if spec.takes_patient else ""
    return f"It looks at {seconds}{patient}. " + _TASKS[spec.task].format(n=n, s="" if n == 1 else "s")


def _labels(spec: ModelSpec) -> list[str]:
    thresholds = spec.task == "multi_label"
    head = [
        "value" if spec.task == "regression" else "label",
        "meaning",
        "code",
        *(["threshold"] if thresholds else []),
    ]
    rows = [
        [label, name if name != label else "", spec.codes.get(label, ""), *([f"{threshold:.3f}"] if thresholds else [])]
        for label, name, threshold in zip(spec.labels, spec.label_names, spec.thresholds, strict=True)
    ]
    return _table(head, rows)


def _results(evaluation: Mapping[str, Any] | None, spec: ModelSpec) -> list[str]:
    if not evaluation:
        return ["Not stated. Predict recordings of which you know what they show before you trust it."]
    by_row = spec.task == "regression"
    columns = _OF_TARGET if by_row else _OF_LABEL
    rows = [
        [
            row["label"],
            "withheld" if row["support"] is None else str(row["support"]),
            *(_interval(row[key]) for key, _ in columns),
        ]
        for row in evaluation["targets" if by_row else "classes"]
    ]
    overall = [f"- {title}: {_interval(evaluation[key])}" for key, title in _RESULTS if key in evaluation]
    return [
        *_how_tested(evaluation),
        "",
        *overall,
        "",
        *_table(["value" if by_row else "label", "ECGs", *(title for _, title in columns)], rows),
        *[f"- {_plain(note)}" for note in evaluation.get("notes", ())],
    ]


def _how_tested(evaluation: Mapping[str, Any]) -> list[str]:
    """Say how the figures came about, and of a cross-validation how much they vary."""
    brackets = f"In brackets the 95 % interval{_made(evaluation)}, drawn by {evaluation['drawn_by']}."
    how = evaluation.get("cross_validation")
    if not how:
        return [f"On {evaluation['n']:,} ECGs of the test part, which took no part in the training. {brackets}"]
    by = "by the source they come from" if how.get("divided_by") == "source" else "by patient"
    times = f", with {how['repeats']} divisions into parts" if how["repeats"] > 1 else ""
    lines = [
        f"Cross-validated on {evaluation['n']:,} ECGs: they were divided {by} into {how['folds']} parts, and "
        f"each part was tested by a model that had learned from the others{times}. The model of this card is none of "
        f"these. {_plain(how['kept'])} Numbers are means; {brackets[0].lower()}{brackets[1:]} Repeats make it no "
        "narrower."
    ]
    rows = [
        [_MEASURES.get(one["measure"], one["measure"]), one["label"] or "all", f"{one['lowest']:.3f}",
         f"{one['highest']:.3f}", "" if one["sd"] is None else f"{one['sd']:.3f}"]
        for one in how["spread"]
    ]  # fmt: skip
    if rows:
        noun = f"{how['repeats']} repeats" if how["over"] == "repeats" else f"{how['folds']} parts"
        head = ["measure", "of", "lowest", "highest", "SD"]
        lines += ["", f"How much they vary between the {noun}:", "", *_table(head, rows)]
    return lines


def _folds(evaluation: Mapping[str, Any] | None) -> bool:
    """Say whether results are those of a cross-validation."""
    return bool((evaluation or {}).get("cross_validation"))


def _judges(evaluation: Mapping[str, Any] | None, n: int | None = None) -> str:
    """Return by which ECGs what the model decides by was chosen."""
    many = "" if n is None else f"{n:,} "
    return (
        f"the out-of-fold outputs of {many or 'its '}ECGs" if _folds(evaluation) else f"{many or 'the '}validation ECGs"
    )


def _made(evaluation: Mapping[str, Any]) -> str:
    resamples = evaluation["resamples"]  # of version 0.1.0; now none are needed
    return f" of {resamples:,} bootstrap resamples" if resamples else ""


def _calibration(spec: ModelSpec, evaluation: Mapping[str, Any] | None) -> list[str]:
    """Say how logits become probabilities that are frequencies, for whoever runs the network by itself."""
    lines = []
    found = spec.calibration
    if found is not None and found.method == "temperature":
        lines = [f"Probabilities are the softmax of the logits times {found.slopes[0]:.4g} (temperature scaling)."]
    elif found is not None:
        rows = [
            [
                label,
                f"{slope:.4g}",
                f"{intercept:.4g}",
                str(positives) if found.fitted(index) else "too few: not fitted",
            ]
            for index, (label, slope, intercept, positives) in enumerate(
                zip(spec.labels, found.slopes, found.intercepts, found.positives, strict=True)
            )
        ]
        lines = [
            f"Probabilities are the sigmoid of slope · logit + intercept, fitted on {_judges(evaluation, found.n)}.",
            "",
            *_table(["label", "slope", "intercept", "ECGs with it"], rows),
        ]
    if lines and evaluation and evaluation.get("ece") is not None and evaluation.get("ece_uncalibrated") is not None:
        lines += [
            "",
            f"{'Out of fold' if _folds(evaluation) else 'On the test part'} they are off by {evaluation['ece']:.3f} on "
            f"average (expected calibration error; "
            f"{evaluation['ece_uncalibrated']:.3f} before; chance alone gives {evaluation['ece_by_chance']:.3f}).",
        ]
    if spec.abstention is not None:
        lines += [
            "",
            f"It leaves a label open where more than {spec.abstention.error:.0%} of its answers would be wrong "
            f"(split-conformal prediction on {_judges(evaluation)}).",
        ]
    return lines


def _training(card: TrainingCard | None, spec: ModelSpec) -> list[str]:
    if card is None:
        return ["Not stated."]
    rows = [
        [part, str(facts["n"]), *(_count(facts, label) for label in spec.labels)]
        for part in PARTS
        if (facts := card.counts.get(part))
    ]
    people = f" of {card.n_patients:,} known patients" if card.n_patients else ""
    return [
        f"“{_plain(card.dataset)}”: {card.n:,} ECGs{people}. The package holds none of them.",
        "",
        *_table(["part", "ECGs", *spec.labels], rows),
        "",
        f"Hash of the data, which tells the same data again: `{_plain(card.data_hash)}`",
    ]


def _count(facts: Mapping[str, Any], label: str) -> str:
    return "withheld" if label in facts.get("withheld", ()) else str(facts["labels"].get(label, 0))


def _limits(manifest: Manifest) -> list[str]:
    spec = manifest.spec
    limits = [
        "The results hold for ECGs like those it was tested on: other devices, filters, patients and ways to label "
        "give others, mostly worse ones.",
        "It gives values for every ECG, also for one unlike those it has learned from; extreme values are mostly "
        "estimated too close to the mean."
        if spec.task == "regression"
        else "It knows its labels only. An ECG that shows none of them is given some all the same, or none.",
        "It needs all twelve leads, correctly placed; exchanged electrodes mislead it.",
    ]
    if spec.preprocessing.standardise != "none":
        limits.append("Amplitudes are standardised before: it cannot see whether the voltage is low or high as such.")
    if not spec.takes_patient:
        limits.append("It knows neither age nor sex, nor anything else of the patient.")
    rare = [
        row["label"] for row in (manifest.evaluation or {}).get("classes", ()) if (row["support"] or 0) < 30
    ]  # fewer cases leave intervals that say next to nothing
    if rare:
        limits.append(
            f"Fewer than 30 {'tested ECGs' if _folds(manifest.evaluation) else 'ECGs of the test part'} show "
            f"{', '.join(map(_plain, rare))}: little is known there."
        )
    return limits


def _origin(manifest: Manifest) -> list[str]:
    made = f"- Made {_plain(manifest.created)}."
    if manifest.versions:
        versions = ", ".join(f"{_plain(name)} {_plain(version)}" for name, version in sorted(manifest.versions.items()))
        made = f"- Made {_plain(manifest.created)} with {versions}."
    if not manifest.lineage:
        return [made]
    chain = [f"{_plain(one.name)} ({_plain(one.architecture)}, SHA-256 `{one.sha256}`)" for one in manifest.lineage]
    return [made, "- Fine-tuned from " + ", which was fine-tuned from ".join(chain) + "."]


def _interval(estimate: Mapping[str, Any]) -> str:
    if estimate.get("withheld"):
        return str(estimate["withheld"])
    if estimate["value"] is None:
        return "undefined"
    if estimate.get("low") is None or estimate.get("high") is None:
        return f"{estimate['value']:.3f}"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines]


def _plain(text: str) -> str:
    """Return text from elsewhere on one line, without signs that a Markdown or HTML reader would act on."""
    escaped = "".join(f"\\{sign}" if sign in "\\`*_[]#|~" else sign for sign in " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
