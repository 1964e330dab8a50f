"""How the services are that are here: what each of them needs, and who is asked how that is."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.errors import ServiceAway
from greenroom.wire.health import AskHealth, Dependency, HealthCheck, Ping

if TYPE_CHECKING:
    from greenroom.app.house import House

_ASKED: Mapping[str, tuple[str, str]] = {
    "characters": ("", ""),
    "retriever": ("characters", "llm"),
    "crawler": ("retriever", ""),
    "quality": ("characters", "llm tuning"),
    "tuning": ("", "router llm"),
    "router": ("characters llm quality", "retriever tuning"),
    "coordinator": ("router characters", "llm"),
    "world": ("", "router characters retriever llm"),
    "web": ("router characters", "llm tuning quality coordinator crawler world"),
    "discord": ("router characters", "tuning coordinator"),
}
"""The other services that each asks: those without which it cannot work, and those without which it works less well."""

_CAN_DO_WITHOUT = frozenset({"retriever", "crawler", "tuning", "coordinator", "world", "discord"})
"""The services without which a turn still comes to its end."""


class Healths:
    """The health of each service of a house, and of the house itself."""

    def __init__(self, house: "House") -> None:
        self._house = house

    @cached_property
    def checks(self) -> dict[str, HealthCheck]:
        """What looks after each service that is here."""
        house = self._house
        return {name: HealthCheck(name, self._needs(name), house.clock) for name in house.here}

    def of(self, service: str) -> AskHealth:
        """What asks a service how it is: here, its own check; far away, its route."""
        if service in self._house.here:
            return lambda: self.checks[service].check()
        return self._house.peers.of(service).health

    def whole(self) -> HealthCheck:
        """What looks after the house: unhealthy when a service is that a turn needs."""
        house = self._house
        needs = {name: Dependency(_standing(self.of(name)), name not in _CAN_DO_WITHOUT) for name in house.here}
        return HealthCheck("greenroom", needs, house.clock)

    def _needs(self, service: str) -> dict[str, Dependency]:
        if service == "llm":
            return self._house.gateway.needs()
        vital, useful = (names.split() for names in _ASKED[service])
        others = {name: Dependency(self._ping_of(name), name in vital) for name in (*vital, *useful)}
        return self._own(service) | others

    def _own(self, service: str) -> dict[str, Dependency]:
        """What a service needs beside other services."""
        house = self._house
        found = {} if service == "web" else {"database": Dependency(house.database.ping, service != "quality")}
        if service == "world":
            found["background"] = Dependency(house.background.ping, vital=False)
        if service == "discord":
            found["discord"] = Dependency(house.service("discord").ping)
        return found

    def _ping_of(self, service: str) -> Ping:
        house = self._house
        ping: Ping = house.service(service).ping if service in house.here else house.peers.of(service).ping
        return ping


def _standing(ask: AskHealth) -> Ping:
    """A ping that raises what is wrong with a service."""

    async def ping() -> None:
        health = await ask()
        if health.status == "unhealthy":
            raise ServiceAway("; ".join(f"{n}: {d.detail}" for n, d in health.dependencies.items() if d.detail))

    return ping
