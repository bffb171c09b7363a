"""Files of tests that take long are begun first, so that no processor waits for one that another began last.

pytest-xdist hands out whole files in the order in which their tests are collected (with `--no-loadscope-reorder`, else
those of many tests first). The list is kept by hand and need not be exact.
"""

from pathlib import Path
from typing import Final

import pytest

LONGEST: Final = (
    "cli/test_experiment.py",
    "ml/architectures/test_architectures.py",
    "ml/test_routes_in_files.py",
    "ml/training/test_parallel.py",
    "workers/test_endings.py",
    "workers/test_platform.py",
    "exchangeai/test_learning_curves.py",
    "services/test_models.py",
    "dicom/test_receiver.py",
    "cli/test_cardx.py",
    "api/test_recording_lists.py",
    "workers/test_exchanges.py",
    "workers/test_dicom_results.py",
    "ecg/test_kinds_of_tables.py",
    "services/test_large_projects.py",
    "ml/evaluation/test_cross_validated.py",
    "ml/pretraining/test_pretrain.py",
    "e2e/test_every_page.py",
    "e2e/test_which_model.py",
    "e2e/test_roles.py",
    "e2e/test_exchanges.py",
    "e2e/test_drift.py",
    "e2e/test_journeys.py",
    "e2e/test_models.py",
    "e2e/test_cardx.py",
    "e2e/test_rounds.py",
    "e2e/test_evaluations.py",
    "e2e/test_explanations.py",
    "e2e/test_main_job.py",
    "e2e/test_reloads.py",
    "e2e/test_cross_validation.py",
    "e2e/test_regression.py",
)
"""Below `tests`, the longest first; those of the browser are a run of their own."""
_PLACES: Final = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first; all others stay in their order."""
    items.sort(key=lambda item: _PLACES.get(item.path, len(_PLACES)))
