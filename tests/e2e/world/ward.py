"""A ward with ECGs, labels of tables and of two readers, trainings, models, and all that is asked of a model."""

from backend.ecg.synthesize import CLASSES
from tests.e2e.world.building import TINY, Builder, table_of_samples
from tests.label_sets import Readers
from tests.simulated_files import files_and_table

TWO = ("Dr. Adler", "Dr. Berg")
CARD = {
    "licence": "CC BY 4.0",
    "intended_use": "Resting 12-lead ECGs of adults, 10 s. For research on triage lists, never for a finding.",
}


def fill(to: Builder) -> None:
    """Make the ward and a second one on which its model is evaluated."""
    to.ids["empty"] = to.api.new_project(name="New ward", description="Opened on Monday; nothing is here yet.")
    to.demo("Ward 8", 9, max(50, to.n // 2))  # 50 is the least
    to.ids["second"] = to.api.project
    to.ids["second_table"] = to.api.get("/datasets")[0]["id"]
    to.ids["table"] = to.demo("Ward 3", 1, to.n)
    to.ids["ward"] = to.api.project
    to.ask("", {"description": "Resting ECGs of the cardiology ward, simulated."}, "PATCH")
    _import(to)
    _ages(to)
    _label_set(to)
    _trainings(to)
    _asked_of_the_model(to)
    to.ask("/views", {"name": "Infarctions, oldest first", "query": {"label": "IMI", "sort": "-age"}})


def _import(to: Builder) -> None:
    """Import files that go well, one that was here before, and two that are refused."""
    to.ids["recording"] = to.api.recordings(search="CLBBB", size=1)[0]["id"]
    dicom = to.api.client.get(to.api.url(f"/recordings/{to.ids['recording']}/download"), params={"format": "dicom"})
    files = {f"cart 2/{label.lower()}.csv": table_of_samples(label) for label in CLASSES}
    files["cart 2/again.csv"] = files["cart 2/norm.csv"]
    files |= {"cart 2/ward.dcm": dicom.content, "cart 2/torn.dcm": dicom.content[: len(dicom.content) // 2]}
    files["cart 2/no_v6.csv"] = table_of_samples("NORM", leads=("I", "II", "III", "V1", "V2"))
    report = to.api.upload(files, rate="500", units_per_mv="1")
    to.ids["import"] = report["import_id"]


def _ages(to: Builder) -> None:
    """A table of values instead of labels, with rows that fit no recording."""
    rows = [f"{one['file_name']},{one['age']}" for one in to.api.recordings(size=200) if one["age"] is not None]
    table = "\n".join(["file_name,value:Age (years)", *rows, "lost_1,70", "lost_2,71"])
    to.ids["values"] = to.api.dataset(table, name="Age at the recording")["id"]


def _label_set(to: Builder) -> None:
    """A label set that two have read: most alike, some not, one of these decided; and one that is new."""
    labels = [
        {"name": "Sinus rhythm", "code": "426783006", "system": "SNOMED-CT"}, {"name": "Atrial fibrillation"},
        {"name": "Infarction"}, {"name": "LBBB"}, {"name": "RBBB"},
    ]  # fmt: skip
    readers = Readers(to.api, name="Rhythm and conduction", labels=labels, n_readers=2, task="multi_label")
    to.ids["label_set"] = readers.set["id"]
    words = {"AFIB": "Atrial fibrillation", "IMI": "Infarction", "CLBBB": "LBBB", "CRBBB": "RBBB"}
    told = {
        one["id"]: word
        for label, word in words.items()
        for one in to.api.recordings(size=500, label=label, dataset_id=to.ids["table"])
    }
    for number in range(min(24, len(readers.ids))):
        said = told.get(readers.ids[number], "Sinus rhythm")
        readers.say(TWO[0], number, said)
        if number < 16:
            readers.say(TWO[1], number, said if number % 5 else "Infarction", note="" if number % 5 else "Q in III?")
    for number in (0, 5):
        readers.say("Dr. Chen", number, "Infarction", role="adjudicator")
    readers.freeze(fewest_readers=2)
    Readers(to.api, name="Quality of the tracing", labels=["Good", "Usable", "Noise", "Leads swapped"])


def _trainings(to: Builder) -> None:
    to.ids["run"], to.ids["model"] = to.train(to.ids["table"], "InceptionTime, all labels")
    to.ask(f"/models/{to.ids['model']}", CARD, "PATCH")
    tuned = {"base_model_id": to.ids["model"], "training": {"method": "head", "max_epochs": 2}}
    _, to.ids["tuned"] = to.train(to.ids["table"], "Fine-tuned head", **tuned)
    _, to.ids["estimator"] = to.train(to.ids["values"], "Age from the ECG")
    crossed = {"method": "cross_validation", "folds": 3}
    to.ids["crossed_run"], to.ids["crossed"] = to.train(to.ids["table"], "Cross-validated", split=crossed)
    waits = to.ask("/runs", {"dataset_id": to.ids["table"], "name": "Second thoughts", "split": {"method": "holdout"}})
    to.ids["cancelled_run"] = waits["id"]
    to.ask(f"/jobs/{waits['job']['id']}/cancel")
    small = {"architecture": "inception_time", "training": {"max_epochs": to.epochs, "threads": 1}}
    sizes = [
        small | {"title": f"{filters} filters", "architecture_config": TINY | {"filters": filters}}
        for filters in (4, 8)
    ]
    question = {"dataset_id": to.ids["table"], "candidates": sizes, "folds": 3}
    to.ids["comparison"] = to.ask("/comparisons", question)["id"]
    for job in to.ask("/jobs", method="GET"):
        if job["status"] == "queued":
            to.work(job)


def _asked_of_the_model(to: Builder) -> None:
    """Predictions, evaluations here and elsewhere, a stress test, drift checks, explanations."""
    ids = to.ids
    both = {"model_id": ids["model"], "dataset_id": ids["table"]}
    ids["prediction"] = to.done("/predictions", both)["id"]
    ids["evaluation"] = to.done("/evaluations", both | {"include_seen": True})["id"]
    elsewhere = {"model_id": ids["model"], "dataset_id": ids["second_table"], "dataset_project_id": ids["second"]}
    ids["elsewhere"] = to.done("/evaluations", elsewhere)["id"]
    to.done(f"/evaluations/{ids['elsewhere']}/stress-test")
    ids["of_values"] = to.done(
        "/evaluations", {"model_id": ids["estimator"], "dataset_id": ids["values"], "include_seen": True}
    )["id"]
    ids["drift"] = to.done("/drift-checks", both)["id"]
    files, table = files_and_table(24)
    to.api.upload(files, rate="250")
    odd = to.api.dataset(table, name="From the new cart")["id"]
    ids["strange"] = to.done("/drift-checks", both | {"dataset_id": odd})["id"]
    explained = {"model_id": ids["model"], "recording_id": ids["recording"], "ways": ["occlusion", "nearest"]}
    ids["explanation"] = to.done("/explanations", explained)["id"]
