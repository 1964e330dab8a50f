"""A cache on a Redis server, or on Valkey or KeyDB, by URL.

A module of its own, since the library takes 22 MB of memory: who has no server does not import it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

from greenroom.clock import Clock
from greenroom.errors import Unavailable, WrongSetting
from greenroom.following import for_ever
from greenroom.patience import Breaker
from greenroom.storage.recalls import Recalls, Reminder
from greenroom.storage.undeleted import Undeleted

_SCANNED_AT_ONCE = 1000

_log = structlog.get_logger()


class RedisCache:
    """A cache that several processes share.

    It never fails a caller: when the server is away or slow the cache is empty, after `failures` failures in a row it
    is not asked for `rest_s` seconds, then one call tries again. No call waits longer than `limit_s`. Cancelling a
    caller leaves its conversation with the server to finish by itself, so that no reply is ever left unread in a
    connection for the next caller to take as its own.

    What the server could not be told to delete is not given when it is back, and deleted then. `recalls` reminds the
    other processes of it, and this one after a restart.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        namespace: str = "greenroom",
        *,
        recalls: Recalls | None = None,
        limit_s: float = 0.05,
        failures: int = 3,
        rest_s: float = 5.0,
        connections: int = 32,
    ) -> None:
        self._clock, self._namespace, self._limit_s = clock, namespace, limit_s
        self._breaker = Breaker("the cache", clock, failures, rest_s)
        self._rest_s, self._silent_until = rest_s, 0.0
        self._recalls = recalls or Recalls()
        self._undeleted, self._is_behind, self._heeded = Undeleted(), asyncio.Event(), 0
        self._conversations: set[asyncio.Task[Any]] = set()
        self._redis: Redis = Redis.from_pool(_pool(url, limit_s, connections))

    async def __aenter__(self) -> Self:
        self._be_reminded()
        self._keeper = asyncio.create_task(
            for_ever(self._catch_up, self._clock, "storage.redis_cache"), name="deletes late what Redis has"
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.cancel()
        await asyncio.wait([self._keeper, *self._conversations])
        await self._redis.aclose()

    async def get(self, key: str, /) -> bytes | None:
        """The value, or None when it is not there or the server is away."""
        if self._recalls.by_others() != self._heeded:
            self._be_reminded()
        if self._undeleted.covers(key):
            return None
        value: bytes | None = await self._skippable("get", lambda: self._redis.get(self._full(key)))
        return value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep a value; not at all when the server is away."""
        ttl_ms = max(1, round(ttl_s * 1000))
        if await self._skippable("set", lambda: self._redis.set(self._full(key), value, px=ttl_ms)):
            self._undeleted.keys.discard(key)

    async def delete(self, key: str, /) -> None:
        """Forget a value; where the server is away, as soon as it is back."""
        with self._to_be_deleted(Reminder("key", key)):
            await self._delete([key])

    async def clear(self, prefix: str, but: str | None = None) -> None:
        """Forget all values whose keys begin with `prefix`, and not with `but`; where the server is away, as soon as it
        is back. With `but`, only as far as it is there: what others have taken the place of, nobody asks for again.
        """
        if but is not None:
            await self._clear(prefix, but)
            return
        with self._to_be_deleted(Reminder("prefix", prefix)):
            await self._clear(prefix)

    async def count(self, name: str, amount: int, keeps_s: float, asked: Sequence[str]) -> list[int] | None:
        """Add to a number, which is kept for so long from now on, and return those `asked` for; None when it is away.

        A server that is full refuses it, and then nobody can tell either.
        """

        async def ask() -> list[bytes | None]:
            async with self._redis.pipeline(transaction=False) as calls:
                calls.incrby(self._full(name), amount)
                calls.pexpire(self._full(name), round(keeps_s * 1000))
                calls.mget([self._full(one) for one in asked])
                return (await calls.execute())[-1]  # type: ignore[no-any-return]

        found = await self._skippable("count", ask)
        return None if found is None else [int(number or 0) for number in found]

    async def ping(self) -> None:
        """Ask the server itself, however often it failed before. Raises: Unavailable."""
        try:
            await self._within_limit(self._observed(self._redis.ping))
        except (RedisError, OSError) as exc:
            raise Unavailable(f"the cache does not answer: {type(exc).__name__}") from exc

    async def size(self) -> tuple[int, int]:
        """Values in the server's database, and bytes that the server takes: ours and others'. Raises: Unavailable."""
        try:
            values = await self._within_limit(self._observed(self._redis.dbsize))
            memory = await self._within_limit(self._observed(partial(self._redis.info, "memory")))
        except (RedisError, OSError) as exc:
            raise Unavailable(f"the cache does not answer: {type(exc).__name__}") from exc
        return int(values), int(memory["used_memory"])

    async def _catch_up(self) -> float:
        """Delete what could not be deleted when it was to be. Returns: seconds to rest, before it is tried again."""
        await self._is_behind.wait()
        self._be_reminded()
        keys, prefixes = list(self._undeleted.keys), list(self._undeleted.prefixes)
        done = [await self._clear(prefix) for prefix in prefixes]
        if not all([*done, not keys or await self._delete(keys)]):
            return self._rest_s
        if not self._undeleted:
            self._is_behind.clear()
        self._recalls.done()
        _log.info("cache_deleted_late", values=len(keys), beginnings=len(prefixes))
        return 0.0

    async def _delete(self, keys: Sequence[str]) -> bool:
        """Delete values; whether that went well."""
        if await self._skippable("delete", lambda: self._redis.unlink(*map(self._full, keys))) is None:
            return False
        self._undeleted.keys.difference_update(keys)
        return True

    async def _clear(self, prefix: str, but: str | None = None) -> bool:
        begins, spared = self._full(prefix), self._full(but).encode() if but is not None else b"\0"
        cursor: int | None = None
        while cursor != 0:
            found = await self._skippable(
                "clear", partial(self._redis.scan, cursor or 0, begins + "*", _SCANNED_AT_ONCE)
            )
            if found is None:
                return False
            cursor, keys = found
            doomed = [key for key in keys if not key.startswith(spared)]
            if doomed and await self._skippable("clear", partial(self._redis.unlink, *doomed)) is None:
                return False
        if but is None:
            self._undeleted.prefixes.discard(prefix)
        return True

    @contextmanager
    def _to_be_deleted(self, reminder: Reminder) -> Iterator[None]:
        """Remember something while it is deleted, since who is cancelled does not learn how that went; if it is still
        there then, remind all of it."""
        is_known = self._undeleted.covers(reminder.text)
        self._remember(reminder)
        try:
            yield
        finally:
            if self._undeleted.covers(reminder.text):
                self._is_behind.set()
                if not is_known:
                    self._recalls.announce(reminder)

    def _be_reminded(self) -> None:
        self._heeded = self._recalls.by_others()
        for reminder in self._recalls.reminders():
            self._remember(reminder)
            self._is_behind.set()

    def _remember(self, reminder: Reminder) -> None:
        if reminder.kind == "key":
            self._undeleted.add(reminder.text)
        else:
            self._undeleted.add_prefix(reminder.text)

    async def _skippable(self, verb: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        if self._breaker.is_open():
            return None
        try:
            return await self._within_limit(self._observed(ask))
        except (RedisError, OSError) as exc:
            self._complain(verb, exc)
            return None

    async def _within_limit(self, conversation: Any) -> Any:
        task = asyncio.create_task(conversation)
        self._conversations.add(task)
        task.add_done_callback(self._ended)
        # Unlike `wait_for`, `wait` leaves the task alone at a timeout and when the caller is cancelled.
        done, _ = await asyncio.wait({task}, timeout=self._limit_s)
        if not done:
            raise TimeoutError(f"no answer within {self._limit_s * 1000:.0f} ms")
        return task.result()

    async def _observed(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask, and remember how it went: here, because the caller may be gone by then."""
        began_s = self._clock.monotonic_s()
        try:
            answer = await ask()
        except (AuthenticationError, AuthorizationError):
            self._breaker.failed()
            raise
        except ResponseError:
            self._answered()
            raise
        except (RedisError, OSError):
            self._breaker.failed()
            raise
        if self._clock.monotonic_s() - began_s > self._limit_s:
            self._breaker.failed()
        else:
            self._answered()
        return answer

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._conversations.discard(task)
        if not task.cancelled():
            task.exception()  # Marks it as seen: the caller may not have waited for it.

    def _answered(self) -> None:
        if self._breaker.answered():
            _log.info("cache_back")

    def _complain(self, verb: str, exc: Exception) -> None:
        """Log at most one failure per rest: a full server refuses every call."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._silent_until:
            self._silent_until = now_s + self._rest_s
            _log.warning("cache_skipped", verb=verb, error=type(exc).__name__, failures=self._breaker.failures)

    def _full(self, key: str) -> str:
        return f"{self._namespace}:{key}"


def _pool(url: str, limit_s: float, connections: int) -> BlockingConnectionPool:
    """Connections of protocol 2: with 3, redis-py 8.1 no longer looks for unread replies before it lends one out."""
    try:
        return BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=limit_s,
            socket_timeout=limit_s,
            socket_connect_timeout=limit_s,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError:
        # Neither the URL nor the exception may be shown: the password stands somewhere in it.
        raise WrongSetting("storage.cache_url cannot be read; expected redis://:<password>@<host>:6379/0") from None
