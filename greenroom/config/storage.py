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
    chroma_url: SecretStr = Field(
        SecretStr(""),
        description="http://… of a Chroma server (1.5.9 or newer) for vectors; empty keeps them in memory. A path "
        "(http://host:8000/blue) keeps apart houses that share one.",
    )
    cache_bytes: int = Field(64_000_000, ge=0, description="Budget of the cache in memory.")
