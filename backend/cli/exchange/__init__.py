"""`exchange`: models shared with others over WebDAV."""

from backend.cli.exchange import listing, publishing, rounds, taking

__all__ = ["listing", "publishing", "rounds", "taking"]
