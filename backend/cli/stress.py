"""`stress`: how a model stands the ECGs of an evaluation when these are made worse in steps."""

from typing import Annotated, Any

import typer

from backend.cli.app import JsonOption, command, database, show
from backend.cli.follow import follow
from backend.db.session import read_session, write_session
from backend.db.tables import Evaluation
from backend.errors import NotFoundError
from backend.services import stress_tests


@command("stress")
def stress(
    evaluation: Annotated[str, typer.Argument(help="Id of an evaluation that is done, as `evaluate --json` says it.")],
    as_json: JsonOption = False,
) -> None:
    """Make the ECGs of an evaluation worse in steps (noise, leads off, gain, rate), and say how the model stands it."""
    url = database()
    with write_session(url) as session:
        row = session.get(Evaluation, evaluation)
        if row is None:
            raise NotFoundError(
                f"There is no evaluation {evaluation[:80]!r}. `exchangeai evaluate --json` says its id."
            )
        project_id = row.project_id
        test = stress_tests.create(session, project_id, row.id)
        test_id, job_id = test.id, test.job_id
    follow(url, project_id, job_id)
    with read_session(url) as session:
        test, _ = stress_tests.get(session, project_id, test_id)
        result: dict[str, Any] = test.result or {}
        shown = {"stress_test_id": test.id, "evaluation_id": evaluation, "result": result}
        show(shown, as_json, "\n".join(stress_tests.lines(result)))
