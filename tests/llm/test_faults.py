import inspect
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import ModuleType

import aiohttp
import pytest
from aiohttp import client_exceptions, http_exceptions
from aiohttp.client_reqrep import ConnectionKey

from greenroom.errors import GreenroomError, NoUpstream, UpstreamFailed, UpstreamSilent
from greenroom.llm.faults import FOREIGN, error_text, refusal, seconds_of, translated

KEY = ConnectionKey("host", 80, False, True, None, None, None)
REFUSED = ConnectionRefusedError(111, "refused")


def exceptions_of(module: ModuleType) -> list[type[Exception]]:
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize("kind", exceptions_of(client_exceptions) + exceptions_of(http_exceptions))
def test_no_exception_of_aiohttp_is_left_out(kind: type[Exception]) -> None:
    assert issubclass(kind, FOREIGN) or kind is client_exceptions.WSMessageTypeError  # of websockets alone
    assert isinstance(translated(kind.__new__(kind), "Ollama", "start it"), GreenroomError)


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (aiohttp.ClientConnectorError(KEY, REFUSED), NoUpstream),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")), NoUpstream),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError()), NoUpstream),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError()), NoUpstream),
        (aiohttp.ConnectionTimeoutError(), NoUpstream),
        (aiohttp.InvalidURL("http:///"), NoUpstream),
        (aiohttp.SocketTimeoutError(), UpstreamSilent),
        (TimeoutError(), UpstreamSilent),
        (aiohttp.ServerDisconnectedError(), UpstreamFailed),
        (aiohttp.ClientOSError(104, "reset"), UpstreamFailed),
        (aiohttp.ClientPayloadError(), UpstreamFailed),
        (ConnectionResetError(), UpstreamFailed),
        (BrokenPipeError(), UpstreamFailed),
        (http_exceptions.BadStatusLine(), UpstreamFailed),
        (http_exceptions.TransferEncodingError("bad chunk"), UpstreamFailed),
        (ssl.SSLError(), UpstreamFailed),
    ],
)
def test_each_says_what_to_make_of_it(foreign: Exception, ours: type[GreenroomError]) -> None:
    assert isinstance(foreign, FOREIGN)
    error = translated(foreign, "Ollama", "start it")
    assert type(error) is ours
    assert "Ollama" in error.detail
    assert ("start it" in error.detail) == (ours is NoUpstream)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error":"no such model"}', "no such model"),
        (b'{"error":{"message":"bad key","code":401}}', "bad key"),
        (b'{"message":"slow down"}', "slow down"),
        (b'{"detail":"not here"}', "not here"),
        (b'{"error":{"error":{"error":{"error":"too deep"}}}}', ""),
        (b'{"error":7}', ""),
        (b"<html>502</html>", ""),
        (b"", ""),
        (b"[" * 60_000, ""),
        (b'{"error":"' + b"x" * 10_000 + b'"}', "x" * 500),
    ],
)
def test_the_reason_is_found_in_an_errors_body(body: bytes, reason: str) -> None:
    assert error_text(body) == reason


def test_a_page_that_is_not_there_is_not_an_unknown_model() -> None:
    """As behind a proxy, or with a wrong base URL."""
    assert type(refusal(404, b"<html>", None, "Ollama")) is UpstreamFailed


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert seconds_of("7") == 7
    assert seconds_of(None) is None
    assert seconds_of("soon") is None
    assert seconds_of("-1") is None
    in_a_minute = seconds_of(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert in_a_minute == pytest.approx(60, abs=3)
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0
