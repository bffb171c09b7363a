"""Formats written as XML."""
