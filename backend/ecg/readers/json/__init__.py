"""Formats written as JSON."""
