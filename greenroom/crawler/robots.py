"""What robots.txt of a host asks for. Source: RFC 9309."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.errors import FetchFailed

if TYPE_CHECKING:
    from protego import Protego

_NAME = "greenroom"
_KEPT_S = 3600.0
_KEPT_HOSTS = 1000
_MOST_BYTES = 500 * 1024
"""What must be read of it at least; the rest is left. Source: RFC 9309, section 2.5."""


class Fetched(Protocol):
    """As much of an answer as is looked at here."""

    @property
    def status(self) -> int:
        """HTTP's."""
        ...

    @property
    def body(self) -> bytes:
        """What came."""
        ...


@dataclass(frozen=True)
class Robots:
    """The wishes of one host. `delay_s` is the pause that it asks for between two requests."""

    rules: "Protego"
    delay_s: float
    sitemaps: tuple[str, ...]

    def allows(self, url: str) -> bool:
        """Whether we may ask for an address."""
        return self.rules.can_fetch(url, _NAME)


class RobotsBook:
    """The robots.txt of each host, asked for once an hour at most."""

    def __init__(self, fetch: Callable[[str], Awaitable[Fetched]], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._known: LRUCache[str, tuple[float, Robots]] = LRUCache(_KEPT_HOSTS)

    async def of(self, url: str) -> Robots:
        """What the host of an address asks for. Raises: FetchFailed, when it cannot say: then nothing may be asked."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        kept_s, robots = self._known.get(site, (0.0, None))
        if robots is None or self._clock.monotonic_s() - kept_s > _KEPT_S:
            robots = _read(await self._fetch(f"{site}/robots.txt"))
            self._known[site] = (self._clock.monotonic_s(), robots)
        return robots


def _read(answer: Fetched) -> Robots:
    from protego import Protego  # here, for only those who crawl need it

    if answer.status == 429 or answer.status >= 500:
        raise FetchFailed(f"robots.txt cannot be had (status {answer.status}), so nothing may be asked for now")
    text = answer.body[:_MOST_BYTES].decode("utf-8", "replace") if answer.status == 200 else ""
    rules = Protego.parse(text)
    rate = rules.request_rate(_NAME)
    delays = [rules.crawl_delay(_NAME) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0]
    return Robots(rules, max(delays), tuple(rules.sitemaps))
