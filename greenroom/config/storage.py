"""Settings of where things are kept."""

from pydantic import Field, SecretStr

from greenroom.config.part import Part


class StorageSettings(Part):
    """Where things are kept."""

    database_url: SecretStr = Field(
        SecretStr(""), description="postgresql://… for PostgreSQL; empty keeps a SQLite file in the data folder."
    )
    cache_url: SecretStr = Field(
        SecretStr(""), description="redis://… for Redis, Valkey or KeyDB; empty keeps it in memory."
    )
    cache_bytes: int = Field(64_000_000, ge=0, description="Budget of the cache in memory.")
