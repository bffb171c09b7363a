"""What a project does with comparisons: which model suits its labels, and what more data would bring it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from exchangeai.ecgs import Ecgs
from exchangeai.errors import JobFailedError
from exchangeai.jobs import FINISHED, Job
from exchangeai.shapes import ComparisonAnswer, ComparisonInfo, LearningCurveInfo


class Comparisons(Ecgs):
    """Comparisons and learning curves; `exchangeai.project.Project` does the rest."""

    def compare(
        self, dataset_id: str, candidates: Sequence[dict[str, Any]] | None = None, **settings: Any
    ) -> ComparisonInfo:
        """Queue the trainings that tell which model suits a dataset; `comparison` waits for what they find.

        Each candidate is a mapping such as {"architecture": "xresnet1d18"} or {"base_model_id": "cardx", "training":
        {"method": "head"}}; None are usual ones that fit into `minutes` (5). `labels`, `folds`, `folds_by` and the like
        as in docs/api.md. Raises RefusedError for what cannot be compared.
        """
        asked: dict[str, Any] = {"dataset_id": dataset_id} | settings
        if candidates is not None:
            asked["candidates"] = list(candidates)
        made: ComparisonInfo = self._post("/comparisons", asked)
        return made

    def comparison(self, comparison_id: str, *, wait: bool = True) -> ComparisonAnswer:
        """Return a comparison, once all its trainings have ended unless `wait` is False; its `result` names a model.

        A training that failed or was cancelled is told beside its candidate.
        """
        while True:
            shown: ComparisonAnswer = self._get(f"/comparisons/{comparison_id}")
            jobs = [one["job"] for one in shown["candidates"] if one["job"] is not None]
            going = [job["id"] for job in jobs if job["status"] not in FINISHED]
            if not wait or not going:
                return shown
            with suppress(JobFailedError):
                self.job(going[0]).wait()

    def learning_curve(
        self, comparison_id: str, place: int | None = None, *, start: bool = True, wait: bool = True
    ) -> LearningCurveInfo:
        """Return what twice the data would bring a candidate of a comparison that is done, in its `text`.

        `place` is that of the candidate, None the one that the comparison recommends. What is missing of its curve is
        trained, with a quarter and half of what it learned from, unless `start` is False; then `seconds` says how long
        it would take. Raises RefusedError where it cannot be found out, with the reason.
        """
        if place is None:
            result = self.comparison(comparison_id)["result"]
            place = result["chosen"] if result else None
            if place is None:
                raise ValueError("The comparison recommends no candidate. Give the place of one, from 0.")
        path = f"/comparisons/{comparison_id}/learning-curves/{place}"
        shown: LearningCurveInfo = self._get(path)
        if start and shown["status"] not in ("running", "done"):
            shown = self._post(path, {})
        while wait and shown["status"] == "running":
            jobs = [one["job"] for one in shown["points"] if one["job"] is not None]
            with suppress(JobFailedError):
                self.job(next(job["id"] for job in jobs if job["status"] not in FINISHED)).wait()
            shown = self._get(path)
        return shown

    def job(self, job_id: str) -> Job:
        """Return a job, to be followed or waited for."""
        return Job(self._connection, self.id, job_id)
