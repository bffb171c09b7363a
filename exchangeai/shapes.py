"""What a platform answers, as typed mappings: JSON as it came, with the fields of docs/api.md.

Written by `make openapi` from the description of the API; do not change it by hand. A later platform may answer more.
"""

from typing import Any, NotRequired, TypedDict


class HealthInfo(TypedDict):
    """The platform answers."""

    status: str
    version: str


class ProjectInfo(TypedDict):
    """A project and what it holds."""

    created_at: str
    description: str
    id: str
    keep_originals: bool
    n_datasets: int
    n_models: int
    n_recordings: int
    n_runs: int
    name: str
    simulated: bool


class JobInfo(TypedDict):
    """A long task of a project and where it stands."""

    attempt: int
    cancel_requested_at: str | None
    created_at: str
    error: str | None
    finished_at: str | None
    id: str
    kind: str
    message: str
    progress: float
    project_id: str
    started_at: str | None
    status: str
    stop_requested_at: str | None


class RecordingInfo(TypedDict):
    """A stored 12-lead ECG."""

    age: float | None
    created_at: str
    declared: dict[str, Any]
    derived_leads: list[str]
    device: str | None
    device_facts: dict[str, Any]
    duration_s: float
    file_labels: dict[str, str | float]
    file_name: str
    findings: list[dict[str, Any]]
    format: str
    id: str
    labels: NotRequired[list[str]]
    left_open: list[str]
    missing_leads: list[str]
    n_samples: int
    name: str
    next_id: NotRequired[str | None]
    notes: list[str]
    patient_id: str | None
    previous_id: NotRequired[str | None]
    rate: float
    record_id: str | None
    recorded_at: str | None
    sex: str | None
    unit: str
    values: NotRequired[dict[str, float]]


class Outcome(TypedDict):
    """What became of one uploaded file (or set of files)."""

    detail: str
    file_name: str
    findings: NotRequired[list[dict[str, Any]]]
    offers: NotRequired[list[dict[str, Any]]]
    recording_ids: list[str]
    status: str


class UploadReport(TypedDict):
    """The outcome of every file of one upload, in the order of upload."""

    duplicate: int
    import_id: str
    imported: int
    outcomes: list[Outcome]
    refused: int
    updated: int


class ImportInfo(TypedDict):
    """A batch of files sent together, and what became of them."""

    created_at: str
    declared: dict[str, Any]
    duplicate: int
    id: str
    imported: int
    n_files: int
    refused: int
    updated: int
    with_findings: int


class DatasetInfo(TypedDict):
    """A table of labels attached to the recordings of a project."""

    choice: NotRequired[dict[str, Any] | None]
    counted_at: NotRequired[str | None]
    counts: list[dict[str, Any]]
    created_at: str
    file_name: str
    id: str
    in_files: NotRequired[list[str]]
    label_set: NotRequired[dict[str, Any] | None]
    labels: list[str]
    n_matched: int
    n_partial: int
    n_patients: int
    n_rows: int
    n_unlabelled: int
    n_unmatched: int
    name: str
    notes: list[str]
    parts: dict[str, int]
    split_column: str | None
    task: str
    unlabelled: list[str]
    unmatched: list[str]


class RunInfo(TypedDict):
    """A training run."""

    architecture: str
    base_model_id: str | None
    can_keep: NotRequired[bool]
    cautions: NotRequired[list[dict[str, Any]]]
    created_at: str
    dataset_id: str | None
    facts: dict[str, Any]
    how_tested: NotRequired[dict[str, Any] | None]
    id: str
    job: JobInfo
    left_out: NotRequired[list[dict[str, Any]]]
    model_id: NotRequired[str | None]
    name: str
    not_checked: NotRequired[list[str]]
    questions: NotRequired[list[dict[str, Any]]]
    settings: dict[str, Any]


class ModelInfo(TypedDict):
    """A network. `evaluation` holds the results on the test part, `spec` all that is needed to use it."""

    architecture: str
    base_model_id: str | None
    cautions: list[dict[str, Any]]
    created_at: str
    evaluation: dict[str, Any]
    for_prediction: bool
    for_training: bool
    has_head: bool
    id: str
    intended_use: str
    labels: list[str]
    left_out: list[dict[str, Any]]
    licence: str
    lineage: list[dict[str, Any]]
    methods: list[str]
    n_erased: NotRequired[int]
    name: str
    not_checked: list[str]
    notes: list[str]
    onnx_bytes: int
    origin: str
    parameters: int
    parity: float | None
    project_id: str
    project_name: str
    recipe: dict[str, Any]
    routes: NotRequired[dict[str, Any] | None]
    run_id: str | None
    score: dict[str, Any] | None
    sha256: str
    source: str | None
    spec: dict[str, Any]
    task: str
    training_data: dict[str, Any] | None
    weights_bytes: int


class LabelAnswer(TypedDict):
    """What the model gives one label: a probability, or the value of a regression."""

    abstains: NotRequired[bool]
    label: str
    name: str
    predicted: bool
    probability: NotRequired[float | None]
    probability_high: NotRequired[float | None]
    probability_low: NotRequired[float | None]
    threshold: NotRequired[float | None]
    value: NotRequired[float | None]


class RecordingAnswer(TypedDict):
    """The answer for one recording."""

    abstains: NotRequired[bool]
    file_name: str
    known: NotRequired[list[str] | None]
    labels: list[LabelAnswer]
    model_id: str
    notes: NotRequired[list[str]]
    predicted: list[str]
    recording_id: str | None
    seen: NotRequired[str]
    seen_text: NotRequired[str]
    task: str


class FileAnswer(TypedDict):
    """The answer for one recording of a file that was sent along, or why there is none."""

    error: NotRequired[str | None]
    file_name: str
    prediction: NotRequired[RecordingAnswer | None]


class PredictionInfo(TypedDict):
    """A prediction of many recordings."""

    cautions: NotRequired[list[dict[str, Any]]]
    counts: dict[str, int]
    created_at: str
    dataset_id: str | None
    evaluation: dict[str, Any] | None
    id: str
    job: JobInfo
    model_id: str
    model_name: str
    n_errors: int
    n_results: int
    routes: NotRequired[dict[str, Any] | None]
    seen: NotRequired[dict[str, int] | None]


class PredictionRow(TypedDict):
    """The prediction of one recording of many."""

    error: str | None
    file_name: str
    known: NotRequired[list[str] | None]
    predicted: list[str]
    probabilities: list[float]
    recording_id: str
    seen: NotRequired[str]
    seen_text: NotRequired[str]
    undecided: NotRequired[list[str]]


class EvaluationInfo(TypedDict):
    """An evaluation of a model on a dataset."""

    created_at: str
    dataset_id: str | None
    dataset_name: str
    dataset_project_id: str | None
    dataset_project_name: str
    external: bool
    headline: dict[str, Any] | None
    id: str
    job: JobInfo
    labels: list[str]
    left_out: list[dict[str, Any]]
    model_id: str
    model_name: str
    n_not_known: int
    n_seen: int
    not_known_told: NotRequired[str]
    settings: dict[str, Any]
    task: str
    threshold_told: NotRequired[str]
    thresholds: list[float]


class EmbeddingInfo(TypedDict):
    """What the model sees in one recording; `embedding` has 512 numbers for CardX."""

    embedding: list[float] | None
    error: NotRequired[str | None]
    notes: NotRequired[list[str]]
    recording_id: str


class LabelSetInfo(TypedDict):
    """Labels by which the recordings of a project are read on the page."""

    blind: bool
    created_at: str
    created_by: str
    id: str
    labels: list[dict[str, Any]]
    n_readers: int
    n_versions: int
    name: str
    progress: dict[str, Any]
    region_classes: list[str]
    task: str


class ReadingInfo(TypedDict):
    """What one reader said of a recording, and when."""

    created_at: str
    done: bool
    id: str
    labels: list[str]
    made_at: str | None
    note: str
    number: int
    reader: str
    recording_id: str
    regions: list[dict[str, Any]]
    role: str
    sighted: bool


class ExchangeInfo(TypedDict):
    """A WebDAV folder in which models are shared. Its password is never shown."""

    access: str
    certificate: str
    created_at: str
    has_password: bool
    id: str
    listed_at: str | None
    n_models: int
    name: str
    plain_http: bool
    url: str
    username: str


class ExchangeModelInfo(TypedDict):
    """A version of a model in an exchange, as it describes itself; a bare ONNX file says little and is unsigned."""

    architecture: str
    bare: bool
    fine_tunes: bool
    fingerprint: str
    here: list[dict[str, Any]]
    intended_use: str
    label_names: list[str]
    labels: list[str]
    leads: list[str]
    licence: str
    lineage: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    name: str
    newest: bool
    notes: str
    parameters: int | None
    place: str
    predicts: bool
    published: str
    publisher: str
    rate: float | None
    score: dict[str, Any] | None
    seconds: float | None
    sha256: str
    signature: str
    size: int
    slug: str
    task: str | None
    tested_on: int
    trained_on: int
    version: int | None
    versions: int
    why: str
    withdrawn: str


class KeyInfo(TypedDict):
    """A key with which a publisher signs, trusted or refused here."""

    fingerprint: str
    first_seen: str
    publisher: str
    status: str


class TransferInfo(TypedDict):
    """A model on its way from or to an exchange."""

    created_at: str
    direction: str
    exchange_id: str | None
    exchange_name: str
    id: str
    item: str
    job: JobInfo
    model_id: str | None
    name: str
    project_id: str
    quarantined: str | None


class ComparedCandidate(TypedDict):
    """A candidate of a comparison, and its training."""

    architecture: str | None
    asked: dict[str, Any]
    job: JobInfo | None
    model_id: str | None
    parameters: int | None
    run_id: str | None
    score: float | None
    seconds: float | None
    title: str


class ComparisonInfo(TypedDict):
    """A comparison."""

    candidates: list[ComparedCandidate]
    created_at: str
    dataset_id: str | None
    dataset_name: str
    folds: int
    folds_by: NotRequired[str]
    id: str
    labels: list[str] | None
    name: str
    repeats: int
    split_seed: int
    status: str


class ComparisonAnswer(TypedDict):
    """A comparison with what it found."""

    candidates: list[ComparedCandidate]
    created_at: str
    dataset_id: str | None
    dataset_name: str
    folds: int
    folds_by: NotRequired[str]
    id: str
    labels: list[str] | None
    name: str
    no_result: NotRequired[str]
    repeats: int
    result: dict[str, Any] | None
    split_seed: int
    status: str


class LearningCurvePointInfo(TypedDict):
    """A share of what each fold may learn from, whole patients, and what the candidate reaches with it."""

    job: JobInfo | None
    model_id: str | None
    n: int | None
    n_patients: int | None
    run_id: str | None
    score: dict[str, Any] | None
    share: float
    why_not: NotRequired[str]


class LearningCurveInfo(TypedDict):
    """How good a candidate is with a quarter and half of what it learned from, and what twice the data would bring."""

    ahead: dict[str, Any] | None
    labels: NotRequired[list[str]]
    last: dict[str, Any] | None
    measure: str
    n: NotRequired[int | None]
    n_patients: NotRequired[int | None]
    place: int
    points: list[LearningCurvePointInfo]
    seconds: float
    status: str
    text: NotRequired[list[str]]
    title: str
    verdict: str | None
    why_not: NotRequired[str]


class OverviewInfo(TypedDict):
    """A project at a glance."""

    counted_at: NotRequired[str | None]
    counts: dict[str, Any]
    health: dict[str, Any]
    newest: list[dict[str, Any]]
    next_step: dict[str, Any]
    unfinished: list[dict[str, Any]]


class StatisticsInfo(TypedDict):
    """What the recordings of a table of labels are like; each count is the length of a list that can be asked for."""

    age: list[dict[str, Any]]
    counted_at: NotRequired[str | None]
    device: list[dict[str, Any]]
    finding: list[dict[str, Any]]
    format: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    n_doubtful: int
    n_good: int
    n_patients: int
    n_recordings: int
    n_unlabelled: int
    n_without_age: int
    pairs: list[dict[str, Any]]
    rate: list[dict[str, Any]]
    sex: list[dict[str, Any]]


class SourcesInfo(TypedDict):
    """By what the folds of a cross-validation can be made: kinds of which two sources have enough patients."""

    kinds: list[dict[str, Any]]


class SourceScores(TypedDict):
    """How good a training is on each source, where its folds are sources."""

    by: str
    measure: str
    sources: list[dict[str, Any]]
    text: list[str]


class MistakeInfo(TypedDict):
    """A kind of mistake: a cell of a label, or one label told in place of another."""

    cell: str | None
    label: str
    n: int
    predicted_label: str | None


class MistakesInfo(TypedDict):
    """What the models of a cross-validation told wrongly of recordings that they had not seen."""

    mistakes: list[MistakeInfo]
    n: int
    n_wrong: int


class ComparedSetting(TypedDict):
    """One setting of several trainings, in their order."""

    differs: bool
    group: str
    name: str
    title: str
    values: list[bool | int | float | str | list[str | float] | None]
    words: list[str | None]


class ComparedFigure(TypedDict):
    """One measure of several trainings, each with its interval or why there is none; null: it has no such figure."""

    estimates: list[dict[str, Any] | None]
    label: str | None
    measure: str
    regression: bool


class RunBeside(TypedDict):
    """A training beside others: where it stands, how it went, what its figures rest on."""

    cross_validated: bool
    epochs: list[dict[str, Any]]
    id: str
    job: JobInfo
    model_id: str | None
    n_patients: int | None
    n_tested: int | None
    name: str
    no_epochs: str
    no_figures: str
    task: str


class SideBySideInfo(TypedDict):
    """Trainings side by side: what differs, how they went, and how good they are."""

    figures: list[ComparedFigure]
    gone: list[str]
    runs: list[RunBeside]
    settings: list[ComparedSetting]
    tested: str | None
    text: list[str]


class ExplanationInfo(TypedDict):
    """An explanation."""

    created_at: str
    file_name: str
    id: str
    job: JobInfo
    label: str | None
    model_id: str
    model_name: str
    recording_id: str
    ways: list[str]


class ExplanationAnswer(TypedDict):
    """An explanation with what was found."""

    created_at: str
    file_name: str
    id: str
    job: JobInfo
    label: str | None
    model_id: str
    model_name: str
    recording_id: str
    result: dict[str, Any] | None
    ways: list[str]


class DriftCheckInfo(TypedDict):
    """A drift check; `result` is null until its job is done."""

    created_at: str
    dataset_id: str | None
    dataset_name: str
    id: str
    job: JobInfo
    left_out: list[dict[str, Any]]
    model_id: str
    model_name: str
    result: dict[str, Any] | None


class OddRecordingInfo(TypedDict):
    """A recording that sticks out, and why."""

    distance: float | None
    file_name: str
    reasons: list[str]
    recording_id: str


class StressTestInfo(TypedDict):
    """A model on the ECGs of an evaluation, made worse in steps."""

    created_at: str
    evaluation_id: str
    id: str
    job: JobInfo
    result: dict[str, Any] | None
