"""What services count, as JSON and as Prometheus text."""

import asyncio
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_TOTAL = "_total"

Figures = Callable[[], dict[str, float]]
"""Figures that a service keeps itself, by name; read when somebody asks. A name that ends in `_total` only grows."""


class Instruments:
    """What the services of one process count with: each figure once, with the service as its label."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.services: list[Metrics] = []
        self.calls = Counter(
            "greenroom_calls", "Calls of a verb", ["service", "verb", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "greenroom_call_seconds",
            "Duration of a call",
            ["service", "verb"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.registry.register(_Offered(self.services))

    def as_prometheus(self) -> str:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry).decode()


class Metrics:
    """The figures of one service. Calls are counted here; what else it knows it offers as `Figures`."""

    def __init__(self, service: str, instruments: Instruments | None = None) -> None:
        self.service = service
        self._began = time.monotonic()
        self._figures: list[Figures] = []
        self._instruments = instruments or Instruments()
        self._instruments.services.append(self)
        # Looking a figure up by its labels takes longer than counting.
        self._calls = cache(partial(self._instruments.calls.labels, service))
        self._seconds = cache(partial(self._instruments.seconds.labels, service))

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
            self._calls(verb, outcome).inc()
            self._seconds(verb).observe(time.perf_counter() - began)

    def counter(self, verb: str) -> Callable[[], None]:
        """What counts one call that took no time worth measuring, and went well."""
        count, observe = self._calls(verb, "ok").inc, self._seconds(verb).observe

        def counted() -> None:
            count()
            observe(0)

        return counted

    def offered(self) -> dict[str, float]:
        """All figures that the service keeps itself, and those of its process."""
        found = {"uptime_seconds": time.monotonic() - self._began, "memory_bytes": float(memory_bytes())}
        for figures in self._figures:
            found |= figures()
        return found

    def as_json(self) -> dict[str, Any]:
        """The figures in short: totals, failures, the average, and each verb for itself."""
        verbs: dict[str, dict[str, float]] = {}
        for metric in self._own():
            for sample in metric.samples:
                _add(verbs, sample.name, sample.labels, sample.value)
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

    def as_prometheus(self) -> str:
        """This service's figures in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(_Kept(list(self._own())))
        return generate_latest(registry).decode()

    def _own(self) -> Iterator[Metric]:
        for metric in self._instruments.registry.collect():
            metric.samples = [s for s in metric.samples if s.labels.get("service") == self.service]
            yield metric


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


class _Offered(Collector):
    """Shows what services keep themselves to Prometheus."""

    def __init__(self, services: list[Metrics]) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for metrics in self._services:
            for name, value in metrics.offered().items():
                family = families.setdefault(name, _family(name))
                family.add_metric([metrics.service], value)
        return iter(families.values())

    def describe(self) -> Iterator[Metric]:
        return iter(())


class _Kept(Collector):
    """Shows what was collected already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _family(name: str) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if name.endswith(_TOTAL) else GaugeMetricFamily
    words = name.removesuffix(_TOTAL)
    return kind(f"greenroom_{words}", words.replace("_", " "), labels=["service"])


def memory_bytes() -> int:
    """Resident memory of this process now; its peak where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
