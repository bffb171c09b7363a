"""`drift`: are these ECGs like those that a model learned from?"""

from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, database, show
from backend.cli.datasets import find_dataset
from backend.cli.follow import follow
from backend.cli.models_found import find_model
from backend.counted import counted
from backend.db.session import read_session, write_session
from backend.db.tables import DriftCheck
from backend.services import drift_checks

SHOWN = 20  # recordings that stick out


@command("drift")
def drift(
    model: Annotated[str, typer.Argument(help="Name or id of a model.")],
    dataset: Annotated[str, typer.Argument(help="Name or id of a label table of the project.")] = "",
    project: Annotated[
        str, typer.Option("--project", "-p", help="Name or id of the project, where several have the model.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check whether the ECGs of a dataset are like those that a model learned from; labels are not needed."""
    url = database()
    with write_session(url) as session:
        found, project_id = find_model(session, model, project)
        row = drift_checks.create(session, project_id, found.id, find_dataset(session, project_id, dataset).id)
        check_id, job_id = row.id, row.job_id
    follow(url, project_id, job_id)
    with read_session(url) as session:
        row = drift_checks.get(session, project_id, check_id)
        _, odd = drift_checks.odd(session, row, 0, drift_checks.LISTED)
        told = [
            {"recording_id": ecg.id, "file_name": ecg.file_name, "distance": one.distance, "reasons": one.reasons}
            for one, ecg in odd
        ]
        shown = {"drift_check_id": row.id, "left_out": row.facts["left_out"], "result": row.result, "recordings": told}
        show(shown, as_json, "\n".join(_lines(row, told)))


def _lines(row: DriftCheck, odd: list[dict[str, Any]]) -> list[str]:
    result: dict[str, Any] = row.result or {}
    lines = [result["text"], *(f"- {one['text']}" for one in result["findings"])]
    n, there = counted(result["n"], "ECG"), counted(result["n_training"], "patient")
    lines.append(f"{n} of {counted(result['n_patients'], 'patient')} were held against those of {there} in training.")
    lines += [f"Left out: {one['n']:,}. {one['why']}" for one in row.facts["left_out"]]
    lines += [f"{one['file_name']}: {' '.join(one['reasons'])}" for one in odd[:SHOWN]]
    if len(odd) > SHOWN:
        lines.append(f"… and {result['n_odd'] - SHOWN} more; --json lists {drift_checks.LISTED} of them.")
    return lines
