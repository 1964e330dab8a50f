"""What a service counts, as JSON and as Prometheus text."""

import asyncio
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

Figures = Callable[[], dict[str, float]]
"""Figures that a service keeps itself, by name; read when somebody asks."""


class Metrics:
    """The figures of one service. Calls are counted here; what else a service knows it offers as `Figures`."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._began = time.monotonic()
        self._figures: list[Figures] = []
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "greenroom_calls", "Calls of a verb", ["service", "verb", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "greenroom_call_seconds",
            "Duration of a call",
            ["service", "verb"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Offered(self))

    def offer(self, figures: Figures) -> None:
        """Add figures that the service keeps itself."""
        self._figures.append(figures)

    @contextmanager
    def timing(self, verb: str) -> Iterator[None]:
        """Count one call, its outcome and its seconds."""
        began, outcome = time.perf_counter(), "ok"
        try:
            yield
        except (GeneratorExit, asyncio.CancelledError):
            outcome = "cancelled"
            raise
        except Exception as exc:
            outcome = type(exc).__name__
            raise
        finally:
            self._calls.labels(self.service, verb, outcome).inc()
            self._seconds.labels(self.service, verb).observe(time.perf_counter() - began)

    def offered(self) -> dict[str, float]:
        """All figures that the service keeps itself, and those of its process."""
        found = {"uptime_seconds": time.monotonic() - self._began, "memory_bytes": float(memory_bytes())}
        for figures in self._figures:
            found |= figures()
        return found

    def as_json(self) -> dict[str, Any]:
        """The figures in short: totals, failures, the average, and each verb for itself."""
        verbs: dict[str, dict[str, float]] = {}
        for metric in self.registry.collect():
            for sample in metric.samples:
                self._add(verbs, sample.name, sample.labels, sample.value)
        total, failed = sum(v["calls"] for v in verbs.values()), sum(v["failed"] for v in verbs.values())
        seconds = sum(v["seconds"] for v in verbs.values())
        return {
            "service": self.service,
            "requests_total": int(total),
            "requests_failed": int(failed),
            "average_response_time": seconds / total if total else None,
            **self.offered(),
            "verbs": verbs,
        }

    @staticmethod
    def _add(verbs: dict[str, dict[str, float]], name: str, labels: dict[str, str], value: float) -> None:
        if name not in {"greenroom_calls_total", "greenroom_call_seconds_sum"}:
            return
        verb = verbs.setdefault(labels["verb"], {"calls": 0.0, "failed": 0.0, "seconds": 0.0})
        if name == "greenroom_call_seconds_sum":
            verb["seconds"] += value
            return
        verb["calls"] += value
        if labels["outcome"] not in {"ok", "cancelled"}:
            verb["failed"] += value

    def as_prometheus(self) -> str:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry).decode()


class _Offered(Collector):
    """Shows a service's own figures to Prometheus."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._metrics.offered().items():
            gauge = GaugeMetricFamily(f"greenroom_{name}", name.replace("_", " "), labels=["service"])
            gauge.add_metric([self._metrics.service], value)
            yield gauge

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())


def memory_bytes() -> int:
    """Resident memory of this process now; its peak where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
