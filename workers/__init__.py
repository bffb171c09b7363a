"""Celery workers: thin tasks, each given one job id."""
