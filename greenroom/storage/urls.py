"""Database URLs: which driver they mean, and how to show one without its password."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from greenroom.errors import WrongSetting

_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_SYNC_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_ALLOWED = "expected sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>"


def async_url(text: str) -> URL:
    """The URL with the driver that serves requests. Raises: WrongSetting."""
    return _with_driver(text, _ASYNC_DRIVERS)


def sync_url(text: str) -> URL:
    """The URL with the driver that runs migrations, in a thread of their own. Raises: WrongSetting."""
    return _with_driver(text, _SYNC_DRIVERS)


def shown(text: str) -> str:
    """The URL as a person may see it: three stars instead of the password."""
    return async_url(text).render_as_string(hide_password=True)


def _with_driver(text: str, drivers: dict[str, str]) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # Neither the text nor the exception may be shown: the password stands somewhere in it.
        raise WrongSetting(f"storage.database_url cannot be read; {_ALLOWED}") from None
    scheme = url.drivername.partition("+")[0]
    if scheme not in drivers:
        raise WrongSetting(f"storage.database_url begins with {scheme!r}; {_ALLOWED}")
    if scheme == "sqlite" and (url.database or ":memory:").startswith((":memory:", "file:")):
        raise WrongSetting(f"storage.database_url must name a file on the disk; {_ALLOWED}")
    return url.set(drivername=drivers[scheme])
