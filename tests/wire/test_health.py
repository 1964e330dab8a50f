"""Health: what is asked, how often, and what follows from the answers."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from greenroom.errors import ServiceAway
from greenroom.testing import FrozenClock
from greenroom.wire.health import Dependency, HealthCheck
from greenroom.wire.metrics import Instruments, Metrics


async def well() -> None:
    """Is well."""


async def away() -> None:
    raise ServiceAway("gone fishing")


@pytest.mark.parametrize(
    ("vital", "useful", "status"),
    [(well, well, "healthy"), (well, away, "degraded"), (away, well, "unhealthy"), (away, away, "unhealthy")],
)
async def test_a_vital_need_makes_a_service_unhealthy_and_another_degraded(
    vital: object, useful: object, status: str
) -> None:
    needs = {"vital": Dependency(vital), "useful": Dependency(useful, vital=False)}  # type: ignore[arg-type]
    health = await HealthCheck("quality", needs, FrozenClock()).check()
    assert health.status == status
    assert health.dependencies["useful"].detail == ("gone fishing" if useful is away else "")


async def test_many_who_ask_at_once_cause_one_look() -> None:
    looks = 0

    async def counted() -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)

    check = HealthCheck("quality", {"database": Dependency(counted)}, FrozenClock())
    await asyncio.gather(*(check.check() for _ in range(20)))
    assert looks == 1


def test_metrics_count_calls_failures_and_what_the_service_offers() -> None:
    metrics = Metrics("quality")
    metrics.offer(lambda: {"verdicts_total": 7.0})
    with metrics.timing("analyze"):
        pass
    with pytest.raises(ServiceAway), metrics.timing("analyze"):
        raise ServiceAway
    with pytest.raises(asyncio.CancelledError), metrics.timing("config"):
        raise asyncio.CancelledError
    figures = metrics.as_json()
    assert (figures["requests_total"], figures["requests_failed"], figures["verdicts_total"]) == (3, 1, 7)
    assert figures["verbs"]["analyze"]["failed"] == 1
    text = metrics.as_prometheus()
    assert 'greenroom_calls_total{outcome="ServiceAway",service="quality",verb="analyze"} 1.0' in text
    assert 'greenroom_verdicts_total{service="quality"} 7.0' in text


def test_services_of_one_process_show_each_figure_once_and_each_only_its_own() -> None:
    instruments = Instruments()
    llm, router = Metrics("llm", instruments), Metrics("router", instruments)
    with llm.timing("chat"), router.timing("orchestrate"):
        pass
    whole = list(text_string_to_metric_families(instruments.as_prometheus()))
    assert len({family.name for family in whole}) == len(whole)
    uptime = next(family for family in whole if family.name == "greenroom_uptime_seconds")
    assert {sample.labels["service"] for sample in uptime.samples} == {"llm", "router"}
    assert "router" not in llm.as_prometheus()
    assert set(llm.as_json()["verbs"]) == {"chat"}
