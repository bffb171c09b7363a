"""A federated round as plain JSON, for programs."""

from dataclasses import asdict
from typing import Any

from backend.exchange.rounds import Round


def round_json(one: Round) -> dict[str, Any]:
    """Return all that is known of a round."""
    return {
        "slug": one.slug, "number": one.number, "state": one.state, "sha256": one.sha256,
        "fingerprint": one.fingerprint, "terms": asdict(one.terms), "sites": [asdict(site) for site in one.sites],
        "outcome": one.outcome and asdict(one.outcome), "undone": one.undone and asdict(one.undone),
        "notes": list(one.notes),
    }  # fmt: skip
