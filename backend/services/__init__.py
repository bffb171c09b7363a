"""Use cases, one file a noun. All SQL lives here; torch is never loaded."""
