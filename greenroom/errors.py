"""What can go wrong, on one page.

    GreenroomError                      status  retryable
    ├── BadRequest                         400
    │   ├── InvalidInput                   422            names the field
    │   │   └── BadCard                    422            a character card or sheet that cannot be read
    │   ├── TooLarge                       413
    │   ├── TooSlow                        408
    │   └── Unsupported                    400            the model or provider cannot do what was asked
    ├── Unauthorized                       401
    ├── BudgetSpent                        402            the key's budget does not allow this
    ├── Forbidden                          403            foreign host or origin, or not yours
    ├── NotFound                           404
    │   ├── UnknownCharacter               404
    │   ├── UnknownModel                   404
    │   ├── UnknownTurn                    404
    │   └── UnknownDeadLetter              404
    ├── Conflict                           409
    │   └── Overtaken                      409            somebody has spoken since what this was to follow
    ├── TooOften                           429  yes       the key allows no more in this minute; `retry_after_s`
    ├── Unavailable                        503  yes
    │   ├── ServiceAway                    503  yes       another service of the house
    │   │   ├── NotReached                 503  yes       no connection came about, so nothing can have happened
    │   │   └── CircuitOpen                503            it failed too often and is left in peace for a while
    │   ├── NoUpstream                     503  yes       no model server can be reached
    │   ├── SearchFailed                   503  yes       the web could not be searched; an answer can do without
    │   │   └── SearchOff                  503            nobody is asked, or the one who is meant is not set up
    │   └── Overloaded                     503  yes
    │       └── RateLimited                429  yes       too many requests in a time
    ├── UpstreamFailed                     502  yes       a model server answered wrongly, or broke off
    │   └── UpstreamRefused                502            a model server said no, and will again
    ├── FetchFailed                        502  yes       a page did not come
    │   └── FetchRefused                   502            a page is not to be had, and will not be
    ├── OutOfTime                          504            the deadline of the call has passed
    │   └── UpstreamSilent                 504  yes       a model server sent nothing for too long
    ├── TurnFailed                         503            no reply; a dead letter keeps the turn
    │   └── Interrupted                    503            Greenroom stopped meanwhile
    ├── StorageFailed                      500
    │   ├── StorageFull                    507            no room on the disk
    │   └── DatabaseIsNewer                500            an older program met a newer database
    └── CannotStart                        500
        ├── WrongSetting                   500
        └── PortTaken                      500

Each class says how to react: `status` for HTTP, `retryable` for callers. The first line of a class's docstring is
the message where none is given. An error crosses HTTP as RFC 9457 problem details and arrives as the same class.
"""

from typing import Any, ClassVar


class GreenroomError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **extra: Any) -> None:
        self.detail = detail or (type(self).__doc__ or "").partition("\n")[0]
        self.extra = extra
        super().__init__(self.detail)


class BadRequest(GreenroomError):
    """The request cannot be understood."""

    status = 400


class InvalidInput(BadRequest):
    """A field of the request is wrong."""

    status = 422


class BadCard(InvalidInput):
    """This is not a character card that can be read."""


class TooLarge(BadRequest):
    """The request is larger than what is accepted."""

    status = 413


class TooSlow(BadRequest):
    """The request did not come in time."""

    status = 408


class Unsupported(BadRequest):
    """The model cannot do what was asked."""


class Unauthorized(GreenroomError):
    """A token is needed for this."""

    status = 401


class BudgetSpent(GreenroomError):
    """The budget of this key does not allow the call."""

    status = 402


class Forbidden(GreenroomError):
    """This is not allowed."""

    status = 403


class NotFound(GreenroomError):
    """There is no such thing."""

    status = 404


class UnknownCharacter(NotFound):
    """There is no such character."""


class UnknownModel(NotFound):
    """There is no such model."""


class UnknownTurn(NotFound):
    """There is no such turn."""


class UnknownDeadLetter(NotFound):
    """There is no such dead letter."""


class Conflict(GreenroomError):
    """This is in the way of what is already there."""

    status = 409


class Overtaken(Conflict):
    """Somebody has spoken since."""


class TooOften(GreenroomError):
    """This key has asked too much in this minute."""

    status = 429
    retryable = True


class Unavailable(GreenroomError):
    """This cannot be done right now."""

    status = 503
    retryable = True


class ServiceAway(Unavailable):
    """A service of the house does not answer."""


class NotReached(ServiceAway):
    """No connection to a service of the house came about; nothing can have happened, so trying again is safe."""


class CircuitOpen(ServiceAway):
    """A service of the house failed too often and is left in peace for a while."""

    retryable = False


class NoUpstream(Unavailable):
    """No model server can be reached."""


class SearchFailed(Unavailable):
    """The web could not be searched."""


class SearchOff(SearchFailed):
    """Web search is switched off."""

    retryable = False


class Overloaded(Unavailable):
    """Too much is asked at once."""


class RateLimited(Overloaded):
    """Too many requests for now."""

    status = 429


class UpstreamFailed(GreenroomError):
    """The model server broke off or answered wrongly."""

    status = 502
    retryable = True


class UpstreamRefused(UpstreamFailed):
    """The model server refused the request."""

    retryable = False


class FetchFailed(GreenroomError):
    """A page could not be fetched."""

    status = 502
    retryable = True


class FetchRefused(FetchFailed):
    """A page is not to be fetched."""

    retryable = False


class OutOfTime(GreenroomError):
    """The time allowed for this has passed."""

    status = 504


class UpstreamSilent(OutOfTime):
    """The model server sent nothing for too long."""

    retryable = True


class TurnFailed(GreenroomError):
    """No reply could be made; the turn is kept as a dead letter and can be replayed."""

    status = 503


class Interrupted(TurnFailed):
    """Greenroom stopped while this was being answered; replay it to get an answer."""


class StorageFailed(GreenroomError):
    """The database refused."""


class StorageFull(StorageFailed):
    """There is no room left on the disk; nothing was saved. Free some space and try again."""

    status = 507


class DatabaseIsNewer(StorageFailed):
    """The database was written by a newer version of Greenroom; install that version, or use another data folder."""


class CannotStart(GreenroomError):
    """Greenroom cannot start."""


class WrongSetting(CannotStart):
    """A setting is wrong."""


class PortTaken(CannotStart):
    """The port is in use."""


def every_error() -> dict[str, type[GreenroomError]]:
    """All classes of the tree, by name."""
    found, waiting = {}, [GreenroomError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting.extend(kind.__subclasses__())
    return found
