"""The experiments on real ECGs: projects of PTB-XL, LUDB and the challenge mix, for `exchangeai experiment`.

PTB-XL is all that is at hand of folds 1 to 9 (fold 9 tests, fold 8 validates), with its folds; where neither mV nor the
rest of the band is known, the ECGs are those that somebody has filtered and standardised, and are stored as unscaled.
LUDB and the challenge mix test from outside, without hypertrophy, which they record otherwise. `rhythm` is the part of
PTB-XL that is there at 500 Hz, with its SCP statements.

    EXCHANGEAI_DATA_DIR=FOLDER python -m bench.experiments
    EXCHANGEAI_DATA_DIR=FOLDER exchangeai experiment few_labels -p ptbxl --test ludb --test challenge_mix -o OUT
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.db.migrate import upgrade
from backend.db.session import write_session
from backend.db.tables import Dataset, DatasetEntry, Recording, new_id
from backend.ecg.recording import Recording as Ecg
from backend.ecg.signal_file import encode_signal
from backend.services import projects
from backend.settings import get_settings
from backend.storage import storage_of
from bench.cardx_data import DATA, SUPERCLASSES, Float, Row, ptbxl_as_stored, rows_of, stored

Source = tuple[str, str, Float, float, Row]  # name, unit, signal (12, n), Hz, row of labels
FEWEST = 20  # records with a statement, for it to be asked for at 500 Hz


def ptbxl() -> Iterator[Source]:
    """Yield the distinct recordings of folds 1 to 9 at 100 Hz, in mV where that is known, in the order of the files."""
    signals, in_mv, rows = ptbxl_as_stored(folds=range(1, 10))
    place = {row["ecg_id"]: i for i, row in enumerate(rows)}
    files = (("ptbxl", "raw_row"), ("ptbxl_more", "row"), ("ptbxl", "zscored_row"))
    order = [row["ecg_id"] for folder, column in files for row in rows_of(folder) if row[column]]
    for ecg_id in dict.fromkeys(one for one in order if one in place):
        i = place[ecg_id]
        yield ecg_id, "mV" if in_mv[i] else "arbitrary", signals[i], 100.0, rows[i]


def others(folder: str) -> Iterator[Source]:
    """Yield the recordings of an external set at 100 Hz."""
    signals = stored(folder, None, "unit_mv")
    for row in rows_of(folder):
        yield row["record"], "mV", signals[int(row["row"])], 100.0, row


def ptbxl_500() -> Iterator[Source]:
    """Yield the recordings of PTB-XL that are there at 500 Hz."""
    seen: set[str] = set()
    for folder, name, column in (("ptbxl", "ptbxl_raw", "raw_row"), ("ptbxl_more", "ptbxl_more", "row_500hz")):
        with np.load(DATA / folder / f"{name}_500hz.npz") as z:
            signals, scale = z["x"], float(z["unit_mv"])
        for row in rows_of(folder):
            if row[column] and row["ecg_id"] not in seen:
                seen.add(row["ecg_id"])
                yield row["ecg_id"], "mV", np.asarray(signals[int(float(row[column]))] * scale, np.float32), 500.0, row


def superclasses(row: Row) -> list[str]:
    return [name for name in SUPERCLASSES if float(row[name])]


def fill(
    session: Session, name: str, sources: Sequence[Source], labels: Sequence[str], of: Callable[[Row], list[str]]
) -> None:
    """Put recordings and their labels into a project of that name."""
    storage = storage_of(get_settings())
    project_id = projects.create(session, name).id
    dataset = Dataset(
        project_id=project_id, name=name, file_name="labels.csv", task="multi_label", labels=list(labels),
        split_column="fold" if "strat_fold" in sources[0][4] else None,
    )  # fmt: skip
    session.add(dataset)
    session.flush()
    recordings, entries = [], []
    for number, (record, unit, x, rate, row) in enumerate(sources):
        key = storage.put(encode_signal(Ecg(x, rate, record, "wfdb", unit)))  # type: ignore[arg-type]
        patient = row.get("patient_id") or None
        recordings.append(
            {"id": new_id(), "project_id": project_id, "source_sha256": f"{number:064d}", "index": 0,
             "file_name": f"{record}.hea", "name": record, "format": "wfdb", "rate": rate, "unit": unit,
             "n_samples": x.shape[1], "signal_key": key, "patient_id": patient}
        )  # fmt: skip
        entries.append(
            {"id": new_id(), "dataset_id": dataset.id, "recording_id": recordings[-1]["id"], "row": number + 1,
             "file_name": recordings[-1]["file_name"], "labels": [one for one in of(row) if one in labels],
             "patient_id": patient, "part": row.get("strat_fold")}
        )  # fmt: skip
    session.execute(insert(Recording), recordings)
    session.execute(insert(DatasetEntry), entries)
    print(f"{name}: {len(entries)} recordings, {', '.join(labels)}")


def statements(row: Row) -> list[str]:
    return row["scp_codes"].split(";")


def main() -> None:
    url = get_settings().resolved_database_url
    upgrade(url)
    with write_session(url) as session:
        fill(session, "ptbxl", list(ptbxl()), SUPERCLASSES, superclasses)
        for name in ("ludb", "challenge_mix"):
            fill(session, name, list(others(name)), SUPERCLASSES[:4], superclasses)
        fast = list(ptbxl_500())
        counts = {code: sum(code in statements(row) for *_, row in fast) for *_, r in fast for code in statements(r)}
        common = sorted(code for code, n in counts.items() if FEWEST <= n <= len(fast) - FEWEST)
        fill(session, "ptbxl_500", fast, common, statements)


if __name__ == "__main__":
    main()
