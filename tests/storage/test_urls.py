"""A database's URL chooses the driver, and nobody sees the password."""

import pytest

from greenroom.errors import WrongSetting
from greenroom.storage.urls import async_url, shown, sync_url


@pytest.mark.parametrize(
    ("given", "serving", "migrating"),
    [
        ("sqlite:////data/greenroom.db", "sqlite+aiosqlite", "sqlite"),
        ("postgresql://u:p@host/db", "postgresql+psycopg", "postgresql+psycopg"),
        ("postgres://u:p@host/db", "postgresql+psycopg", "postgresql+psycopg"),
        ("postgresql+asyncpg://u:p@host/db", "postgresql+psycopg", "postgresql+psycopg"),
    ],
)
def test_a_url_is_given_the_drivers_that_we_have(given: str, serving: str, migrating: str) -> None:
    assert async_url(given).drivername == serving
    assert sync_url(given).drivername == migrating


def test_a_url_is_shown_without_its_password() -> None:
    assert shown("postgres://anna:hunter2@host:5432/greenroom") == "postgresql+psycopg://anna:***@host:5432/greenroom"


@pytest.mark.parametrize(
    "wrong",
    [
        "mysql://anna:hunter2@host/db",
        "hunter2",
        "postgresql://anna:hunter2@host:port/db",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_another_url_is_refused_without_showing_the_password(wrong: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        async_url(wrong)
    assert "hunter2" not in caught.value.detail
    assert caught.value.__cause__ is None
