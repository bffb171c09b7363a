"""WFDB records."""
