"""What makes an answer another one than the same answer a moment ago: its time, and what is random in its id."""

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property

from greenroom.clock import Clock


class Stamps:
    """The stamps of one answer. `number` has up to three figures, `token` 24 hexadecimal ones; they stay the same."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.monotonic_s()

    @cached_property
    def number(self) -> str:
        """A small number for an id."""
        return str(secrets.randbelow(999))

    @cached_property
    def token(self) -> str:
        """What nobody can guess, for an id."""
        return secrets.token_hex(12)

    def moment(self) -> str:
        """The time now, as `moment` writes it."""
        return moment(self._clock.now())

    def seconds(self) -> int:
        """The time now, in seconds since 1970."""
        return int(self._clock.now().timestamp())

    def took_ns(self) -> int:
        """How long the answer has taken until now, in nanoseconds."""
        return round((self._clock.monotonic_s() - self._began_s) * 1e9)


class Marks(Stamps):
    """Stamps that stand for others: a `Form` is filled in where they are.

    They are random and long, so that nothing that a model says holds one of them.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.number, self.token, self._moment, self._seconds = (
            str(10**18 + secrets.randbelow(10**18)) for _ in range(4)
        )

    def moment(self) -> str:
        """What stands for the time."""
        return self._moment

    def seconds(self) -> int:
        """What stands for the seconds."""
        return int(self._seconds)

    def took_ns(self) -> int:
        """An answer that was there already took no time worth telling."""
        return 1

    def form(self, written: bytes) -> "Form":
        """What was written with these marks, for other answers."""
        stamps: dict[str, Callable[[Stamps], str]] = {
            self._moment: lambda stamps: stamps.moment(),
            self._seconds: lambda stamps: str(stamps.seconds()),
            self.number: lambda stamps: stamps.number,
            self.token: lambda stamps: stamps.token,
        }
        return Form(written, {mark.encode(): ask for mark, ask in stamps.items()}, self._clock)


class Form:
    """An answer with gaps for its stamps. `size_bytes` is about what it takes in memory."""

    def __init__(self, written: bytes, stamps: Mapping[bytes, Callable[[Stamps], str]], clock: Clock) -> None:
        self._clock = clock
        self._parts = re.split(b"(" + b"|".join(stamps) + b")", written)
        found = {mark: [at for at, part in enumerate(self._parts) if part == mark] for mark in stamps}
        self._gaps = [(stamps[mark], gaps) for mark, gaps in found.items() if gaps]
        self.size_bytes = len(written) + 50 * len(self._parts)

    def filled_in(self) -> bytes:
        """The same answer, given now."""
        parts, stamps = self._parts.copy(), Stamps(self._clock)
        for ask, gaps in self._gaps:
            stamp = ask(stamps).encode()
            for at in gaps:
                parts[at] = stamp
        return b"".join(parts)


def moment(time: datetime) -> str:
    """RFC 3339 in UTC with nine digits of a second."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "000Z"
