"""Settings of the crawler: how it behaves towards those whose pages it reads, and when it has read enough."""

from pydantic import Field

from greenroom.config.part import Part
from greenroom.model.knowledge import CollectionName


class CrawlerSettings(Part):
    """What is read elsewhere for the library, and how politely."""

    contact: str = Field(
        "",
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="Your mail address or page, by which the owner of a site can reach you; each request names it.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description="Hosts that may be read although they are not public, such as `127.0.0.1:8090` or `wiki.lan`; "
        "without a port, all ports.",
    )
    pause_s: float = Field(
        1.0, ge=0, le=3600, description="Time between two requests to a host, at least; robots.txt may ask for more."
    )
    max_pages: int = Field(500, ge=1, le=100_000, description="Pages of a crawl that names no number.")
    max_depth: int = Field(10, ge=0, le=100, description="Links from the first page to a page, at most.")
    max_bytes: int = Field(500_000_000, ge=1, description="Bytes that one round of a crawl may transfer.")
    page_bytes: int = Field(2_000_000, ge=1000, description="Largest page; what is larger is left after so many bytes.")
    page_s: float = Field(30.0, gt=0, description="For how long a page may take to come.")
    folders: dict[CollectionName, str] = Field(
        {},
        description="Folders on this machine that collections are kept to, by the name of the collection, such as "
        "{town = '/srv/notes'}.",
    )
    folders_every_hours: float = Field(
        1.0, ge=0.01, le=8784, description="How often these folders are looked at; at the start they are in any case."
    )
    check_every_s: float = Field(15.0, gt=0, description="How often it is looked whether a crawl is due.")
