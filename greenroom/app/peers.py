"""The services that run elsewhere, and the connections to them."""

from types import TracebackType
from typing import Self

import aiohttp

from greenroom.config import Settings
from greenroom.errors import ServiceAway
from greenroom.wire import Peer


class Peers:
    """Each service that is far away, made when it is first asked for. They can be called while this is entered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._known: dict[str, Peer] = {}

    async def __aenter__(self) -> Self:
        self._session = _session()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session().close()

    def session(self) -> aiohttp.ClientSession:
        """The connections. Raises: ServiceAway, before this is entered."""
        if self._session is None:
            raise ServiceAway("the house is not open")
        return self._session

    def of(self, service: str) -> Peer:
        """One of them."""
        if service not in self._known:
            self._known[service] = Peer(service, self._url(service), self.session, self._settings.wire)
        return self._known[service]

    def _url(self, service: str) -> str:
        here = f"http://127.0.0.1:{getattr(self._settings.ports, service)}"
        return getattr(self._settings.peers, service) or here


def _session() -> aiohttp.ClientSession:
    """As many connections as there are calls, for a turn that waits for its model must not keep others from asking; and
    idle for a shorter time than uvicorn's five seconds, so that none closes as it is taken."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3), trust_env=False)
