"""The REST API: who calls, whether they may now, what goes wrong by script, and a record of everything."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from greenroom.testing.fake_discord.asking import Ask, Route
from greenroom.testing.fake_discord.community import Community
from greenroom.testing.fake_discord.faults import Fault, Faults
from greenroom.testing.fake_discord.rates import Admission, Rates
from greenroom.testing.fake_discord.refusal import Refusal
from greenroom.testing.fake_discord.things import Account

_MOST_CALLS = 20_000
_MOST_FILES = 10
_PREFIX = "/api/v10"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came, and the status it got; `account` is the name of the bot, empty for an open route."""

    method: str
    path: str
    body: Any
    account: str
    query: dict[str, str] = field(default_factory=dict)
    status: int = 0


class Rest:
    """All routes. `calls` are the last ones, the oldest first."""

    def __init__(self, community: Community, rates: Rates, faults: Faults) -> None:
        self.calls: deque[Call] = deque(maxlen=_MOST_CALLS)
        self._community = community
        self._rates = rates
        self._faults = faults

    def add_to(self, app: web.Application, routes: list[Route]) -> None:
        """Serve these routes; all others below the prefix are unknown, and are recorded as well."""
        for route in routes:
            app.router.add_route(route.method, _PREFIX + route.path, self._served(route))
        app.router.add_route("*", _PREFIX + "/{rest:.*}", self._served(Route("*", "", _nothing_here)))

    def _served(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(_PREFIX)
            body, attachments = await _read(request)
            account = self._caller(request)
            fault = self._faults.strike(request.method, path)
            if fault is not None:
                await _suffer(fault, request)
            ask = Ask(request.match_info, request.query, body, attachments, account)
            response = self._answered(route, ask) if fault is None or not fault.status else _broken(fault)
            name = account.name if account else ""
            self.calls.append(Call(request.method, path, body, name, dict(request.query), response.status))
            if fault is not None:
                await _withhold(fault, request)
            return response

        return serve

    def _answered(self, route: Route, ask: Ask) -> web.Response:
        if ask.account is None and not route.is_open:
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        caller = ask.account.token if ask.account else ""
        place = ask.path.get(route.place) or ask.path.get("webhook", "")
        admission = self._rates.admit(caller, route.bucket, place)
        if admission.retry_after_s is not None:
            return _too_many(admission)
        try:
            answer = route.answer(ask)
        except Refusal as exc:
            return _json(exc.body, exc.status, admission.headers)
        if answer is None:
            return web.Response(status=204, headers=admission.headers)
        return _json(answer, 200, admission.headers)

    def _caller(self, request: web.Request) -> Account | None:
        token = request.headers.get("Authorization", "").removeprefix("Bot ")
        return next((one for one in self._community.accounts.values() if one.is_bot and one.token == token), None)


def _nothing_here(ask: Ask) -> None:
    raise Refusal(404, 0, "404: Not Found")


async def _suffer(fault: Fault, request: web.Request) -> None:
    await asyncio.sleep(fault.delay_s)
    if fault.cut:
        _cut(request)
    if fault.stall:
        await asyncio.Event().wait()  # ends with the caller, whose leaving cancels this


async def _withhold(fault: Fault, request: web.Request) -> None:
    if fault.cut_after:
        _cut(request)
    if fault.stall_after:
        await asyncio.Event().wait()


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError


def _broken(fault: Fault) -> web.Response:
    return _json(fault.body, fault.status, fault.headers)


def _too_many(admission: Admission) -> web.Response:
    retry_after_s = admission.retry_after_s or 0.0
    told = {"message": "You are being rate limited.", "retry_after": retry_after_s, "global": admission.is_global}
    passed = {"Retry-After": str(int(retry_after_s) + 1), "Via": "1.1 fake"}  # clients take a 429 without Via for a ban
    return _json(told, 429, admission.headers | passed)


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> web.Response:
    encoded = msgspec.json.encode(body)
    return web.Response(body=encoded, status=status, content_type="application/json", headers=headers)


async def _read(request: web.Request) -> tuple[Any, tuple[dict[str, Any], ...]]:
    """The body, and what is known of the files that came with it; the files themselves are not kept."""
    if request.content_type == "multipart/form-data":
        return await _read_parts(request)
    encoded = await request.read()
    try:
        return (msgspec.json.decode(encoded) if encoded else None), ()
    except msgspec.DecodeError:
        return None, ()


async def _read_parts(request: web.Request) -> tuple[Any, tuple[dict[str, Any], ...]]:
    body: Any = None
    files: list[dict[str, Any]] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        encoded = await part.read()
        if part.name == "payload_json":
            body = msgspec.json.decode(encoded)
        elif len(files) < _MOST_FILES:
            files.append(_described(part.filename or "file", len(encoded), len(files)))
    return body, tuple(files)


def _described(filename: str, size_bytes: int, at: int) -> dict[str, Any]:
    url = f"http://cdn.invalid/{filename}"
    return {"id": str(at + 1), "filename": filename, "size": size_bytes, "url": url, "proxy_url": url}
