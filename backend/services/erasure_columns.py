"""Which columns of rows that stay may name who is erased, and how: each column of texts has one place here.

A column that is new gets one; until it has, tests/services/test_erasure_scrub.py fails.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Way: TypeAlias = Literal["prose", "named", "left"]
"""prose: people or the platform write texts in it, in which anybody may be named.

named: it holds ids or names of files as values, and texts at the keys of PROSE alone.
left: it holds what the platform knows by itself (kinds, states, settings), labels, or names of accounts.
"""

PROSE: Final = frozenset(
    ["text", "note", "notes", "message", "detail", "error", "reason", "why", "name", "title", "description", "dataset",
     "model", "search", "told", "remark", "file", "files", "file_name"]
)  # fmt: skip
"""Keys of JSON at which texts are prose."""

COLUMNS: Final[Mapping[str, Mapping[Way, tuple[str, ...]]]] = {
    "label_sets": {"prose": ("name",), "left": ("task", "labels", "region_classes", "created_by")},
    "import_outcomes": {"prose": ("detail", "findings"), "named": ("file_name", "recording_ids"), "left": ("status",)},
    "runs": {"prose": ("name",), "named": ("facts",), "left": ("architecture", "settings", "split")},
    "models": {
        "prose": ("name", "intended_use"),
        "named": ("evaluation", "manifest"),
        "left": ("origin", "architecture", "spec", "onnx_key", "weights_key", "licence"),
    },
    "evaluations": {"named": ("facts", "result"), "left": ("settings",)},
    "explanations": {"named": ("result",), "left": ("label", "ways")},
    "drift_checks": {"named": ("facts", "result")},
    "projects": {"prose": ("name", "description")},
    "comparisons": {"prose": ("name",), "named": ("settings",)},
    "compared_runs": {"prose": ("title",), "left": ("asked",)},
    "imports": {"named": ("declared",)},
    "saved_views": {"prose": ("name",), "named": ("query",)},
    "datasets": {
        "prose": ("name", "notes"),
        "named": ("file_name",),
        "left": ("task", "labels", "codes", "split_column", "choice"),
    },
    "predictions": {"named": ("evaluation", "seen", "routes")},
    "transfers": {
        "prose": ("name", "quarantined"),
        "named": ("item", "settings"),
        "left": ("direction", "exchange_name"),
    },
    "jobs": {"prose": ("message", "error"), "named": ("payload",), "left": ("kind", "status", "worker")},
    "job_events": {"named": ("payload",), "left": ("kind",)},
    "retention_rules": {"prose": ("reason",), "left": ("set_by",)},
    "retention_holds": {"prose": ("reason",), "left": ("patient_id", "patient_alike", "placed_by")},
}
"""Table -> way -> columns."""


def ways_of(table: str) -> dict[str, Way]:
    """Return the way of each column of a table."""
    return {name: way for way, names in COLUMNS[table].items() for name in names}
