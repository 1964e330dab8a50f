"""The services of this version, and where each is when it runs alone."""

from pydantic import Field

from greenroom.config.part import Part

DISCORD_PORTS = {"peter": 6011, "brian": 6012, "stewie": 6013}
"""The port of the door to Discord when it runs for one character alone."""


class Ports(Part):
    """The port of each service when it runs alone (`greenroom serve`)."""

    llm: int = Field(6001, ge=0, le=65535, description="Model calls.")
    coordinator: int = Field(6002, ge=0, le=65535, description="Turn-taking.")
    quality: int = Field(6003, ge=0, le=65535, description="Quality control.")
    tuning: int = Field(6004, ge=0, le=65535, description="Ratings and guidance.")
    router: int = Field(6005, ge=0, le=65535, description="Turns.")
    characters: int = Field(6006, ge=0, le=65535, description="Characters.")
    retriever: int = Field(6007, ge=0, le=65535, description="Lore.")
    world: int = Field(6008, ge=0, le=65535, description="What happened in the world.")
    crawler: int = Field(6009, ge=0, le=65535, description="What is read for the library.")
    web: int = Field(6010, ge=0, le=65535, description="The page.")
    discord: int = Field(6011, ge=0, le=65535, description="The door to Discord.")


SERVICES = tuple(Ports.model_fields)
"""The services that this version has; each can run alone."""


class Peers(Part):
    """Where the other services are when each runs alone; empty means this machine and the service's own port."""

    llm: str = Field("", description="Base URL of llm.")
    coordinator: str = Field("", description="Base URL of coordinator.")
    quality: str = Field("", description="Base URL of quality.")
    tuning: str = Field("", description="Base URL of tuning.")
    router: str = Field("", description="Base URL of router.")
    characters: str = Field("", description="Base URL of characters.")
    retriever: str = Field("", description="Base URL of retriever.")
    world: str = Field("", description="Base URL of world.")
    crawler: str = Field("", description="Base URL of crawler.")
    discord: str = Field("", description="Base URL of discord.")
