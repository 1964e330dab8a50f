"""What goes wrong with a model server, in our own words. Everything foreign is translated here and nowhere else."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from aiohttp.http_exceptions import HttpProcessingError

from greenroom.errors import (
    BadRequest,
    GreenroomError,
    NoUpstream,
    Overloaded,
    RateLimited,
    TooLarge,
    UnknownModel,
    Unsupported,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamSilent,
)

FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError)
"""All that aiohttp and the sockets below it raise; time-outs and TLS errors are among the OSErrors."""

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""All that reading a malformed answer raises: not JSON, not UTF-8, NaN, wrong types, nested too deeply."""

_LONGEST_TEXT = 500


def translated(exc: Exception, server: str, advice: str) -> GreenroomError:
    """The error of our own that says the same. `advice` is what to do when the server cannot be reached."""
    match exc:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch():
            return NoUpstream(f"the certificate of {server} cannot be trusted; {advice}")
        case aiohttp.ClientConnectorDNSError():
            return NoUpstream(f"the host of {server} is not known; {advice}")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NoUpstream(f"{server} does not answer; {advice}")
        case aiohttp.InvalidURL():
            return NoUpstream(f"the address of {server} is not a URL; {advice}")
        case TimeoutError():
            return UpstreamSilent(f"{server} sent nothing for too long")
        case aiohttp.ClientPayloadError() | aiohttp.ClientConnectionError() | ConnectionError():
            return UpstreamFailed(f"{server} broke off")
        case _:
            return UpstreamFailed(f"{server} does not speak HTTP as it should ({type(exc).__name__})")


def refusal(status: int, body: bytes, retry_after: str | None, server: str) -> GreenroomError:
    """The error that an HTTP status other than 200 means. Where the server gave a reason, it is in the message."""
    reason = error_text(body)
    said = f"{server} answered {status}" + (f": {reason}" if reason else "")
    if status in {429, 503}:
        kind = RateLimited if status == 429 else Overloaded
        return kind(said, retry_after_s=seconds_of(retry_after))
    if status == 413:
        return TooLarge(said)
    if status in {401, 402, 403}:
        return UpstreamRefused(said)
    if not reason or status not in {400, 404, 422}:
        return UpstreamFailed(said)
    if status == 404:
        return UnknownModel(reason)
    return Unsupported(reason) if "support" in reason else BadRequest(reason)


def error_text(body: bytes) -> str:
    """The reason in an error's body, as Ollama (`{"error": "…"}`) or OpenAI (`{"error": {"message": "…"}}`) write it.

    Empty when there is none. No more than 500 characters: it comes from outside.
    """
    try:
        return reason_of(msgspec.json.decode(body))
    except UNREADABLE:
        return ""


def reason_of(told: object) -> str:
    """The reason in something decoded: a text, or an object that has it under `error`, `message` or `detail`."""
    for _ in range(3):
        if not isinstance(told, dict):
            break
        told = next((told[key] for key in ("error", "message", "detail") if told.get(key)), "")
    return told[:_LONGEST_TEXT] if isinstance(told, str) else ""


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for, given as a number or as a date; None when it says nothing.

    Source: RFC 9110, section 10.2.3.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
