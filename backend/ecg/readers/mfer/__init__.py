"""MFER."""
