"""How the services are."""

from typing import Literal

from greenroom.model.value import Moment, Value

Status = Literal["healthy", "degraded", "unhealthy"]


class DependencyHealth(Value):
    """How one thing that a service needs is, and how long it took to say so."""

    status: Status
    latency_ms: float
    checked_at: Moment
    detail: str = ""


class Health(Value):
    """How a service is. A dependency that it can do without makes it `degraded`, one that it cannot `unhealthy`."""

    status: Status
    service: str
    version: str
    uptime_seconds: float
    dependencies: dict[str, DependencyHealth]
    timestamp: Moment


class ServicesHealth(Value):
    """How all services are, as the router sees them."""

    status: Status
    services: dict[str, Health]
    timestamp: Moment
