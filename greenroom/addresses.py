"""Addresses of pages: which are kept, and when two of them mean the same page. Nothing is fetched here."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_LONGEST = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING = frozenset(
    ["fbclid", "gclid", "dclid", "msclkid", "igshid", "mc_cid", "mc_eid", "yclid", "srsltid", "ref_src"]
)
_ALLOWED = "%:/?#@!$&'()*+,;=-._~"
"""What may stand in an address beside letters and digits; square brackets, which we number sources with, may not.
Source: RFC 3986, section 2.2 and 2.3."""


def address(text: str) -> str | None:
    """The address as it may be shown: http or https, with a host and without a password; None for all others."""
    if len(text) > _LONGEST:
        return None
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or ":" in host:
        return None
    netloc = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    shown = quote(urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment)), safe=_ALLOWED)
    return shown if len(shown) <= _LONGEST else None


def same_page(url: str) -> str:
    """A text that is the same for all addresses of one page, as far as an address shows it.

    Scheme, `www.`, the part after `#`, a last slash, the order of parameters and those that track visitors are ignored.
    """
    parts = urlsplit(url)
    host = parts.netloc.casefold().removeprefix("www.")
    kept = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not tracks(name))
    return f"{host}{parts.path.rstrip('/')}?{urlencode(kept)}"


def tracks(name: str) -> bool:
    """Whether a parameter of an address says who came, and not what is there."""
    return name.casefold() in _TRACKING or name.casefold().startswith("utm_")
