"""Figures for Prometheus at /metrics: requests of this process, and jobs, workers and room as the database says.

Nothing in them belongs to a patient: labels are routes, kinds of jobs and names of queues.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from backend.services import load
from backend.settings import Settings, get_settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one web application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "exchangeai_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "exchangeai_http_request_seconds", "Time from a request to the end of its answer.", ("method", "route"),
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._registry.register(_Load())

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. Paths that are not served and methods that do not exist are one each, or none would end."""
        method, route = method if method in _METHODS else "other", route or "none"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format 0.0.4. Asks the database."""
        return generate_latest(self._registry)


class _Load(Collector):
    """What the database says at the moment of the question; without one, only that there is none."""

    def describe(self) -> Iterator[Metric]:
        """Say nothing before the first question: the registry would ask the database at the start."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        settings = get_settings()
        try:
            yield from _families(settings)
        except SQLAlchemyError:
            yield GaugeMetricFamily("exchangeai_database_up", "1 where the database answers.", 0)
        else:
            yield GaugeMetricFamily("exchangeai_database_up", "1 where the database answers.", 1)


def _families(settings: Settings) -> list[Metric]:
    now = load.load(settings.resolved_database_url, settings.data_dir)
    jobs = GaugeMetricFamily("exchangeai_jobs", "Jobs that there are.", labels=("kind", "status"))
    for (kind, status), number in now.jobs.items():
        jobs.add_metric((kind, status), number)
    waiting = GaugeMetricFamily("exchangeai_job_waiting_seconds", "Age of the oldest job that waits.", labels=("kind",))
    for kind, seconds in now.waiting_s.items():
        waiting.add_metric((kind,), seconds)
    workers = GaugeMetricFamily("exchangeai_workers", "Workers that live.", labels=("queue",))
    for queue, number in now.workers.items():
        workers.add_metric((queue,), number)
    free = GaugeMetricFamily("exchangeai_data_free_bytes", "Room left on the disk of the data folder.", now.free_bytes)
    return [jobs, waiting, workers, free]
