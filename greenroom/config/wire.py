"""Settings of what crosses HTTP."""

from pydantic import Field, SecretStr

from greenroom.config.part import Backoff, Part


class WireSettings(Part):
    """What crosses HTTP between services, and from outside."""

    service_token: SecretStr = Field(
        SecretStr(""), description="Token that services show each other; empty asks for none. Environment only."
    )
    admin_token: SecretStr = Field(
        SecretStr(""),
        description="Token of those who may pull, copy and delete models from elsewhere; empty lets nobody. "
        "Environment only.",
    )
    max_body_bytes: int = Field(2_000_000, ge=1_000, description="Largest body that a service route accepts.")
    max_api_body_bytes: int = Field(
        64_000_000,
        ge=1_000,
        description="Largest body on /api/* and of an uploaded card; pictures travel inside. "
        "Not of /api/blobs/*, whose files are passed on as they come.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Host names by which this machine may be called, beside loopback and the bound address."
    )
    allowed_origins: tuple[str, ...] = Field((), description="Origins whose pages may call, beside our own.")
    connect_s: float = Field(3.0, gt=0, description="Longest wait for a connection to another service.")
    call_s: float = Field(340.0, gt=0, description="Longest wait for an answer where no deadline travels along.")
    service_call: Backoff = Field(Backoff(), description="Retries of calls between services.")
    breaker_failures: int = Field(5, ge=1, description="Failures in a row after which a service is left in peace.")
    breaker_rest_s: float = Field(15.0, gt=0, description="For how long, in seconds.")
