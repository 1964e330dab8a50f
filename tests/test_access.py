"""Every route there is, and who may use it. A route that is new, or open to others than before, is a line of a diff."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from greenroom.app import House
from greenroom.config import SERVICES, load
from greenroom.errors import CannotStart
from greenroom.wire.access import Decision, decisions, open_to

LISTED = Path(__file__).parent / "routes.txt"
DEPLOYMENTS = (None, *SERVICES)


def heading(only: str | None) -> str:
    return f"# greenroom serve {only}" if only else "# greenroom up"


async def decided(only: str | None, folder: Path) -> tuple[Decision, ...]:
    settings = {"data_dir": folder / "data", "llm.ollama_url": ""}
    house = House(load(settings, environment={}, folder=folder), only)
    async with house.open():
        house.application()
    return house.decisions


def lines(found: tuple[Decision, ...]) -> Iterator[str]:
    for access, methods, path in sorted(set(found), key=lambda one: (one.path, one)):
        yield f"{access:16} {', '.join(methods) or 'all':24} {path}"


@pytest.mark.parametrize("only", DEPLOYMENTS, ids=heading)
async def test_who_may_use_each_route_is_as_it_was_decided(only: str | None, tmp_path: Path) -> None:
    """When this fails, look at each line that differs; `python -m tests.test_access` writes the list anew."""
    _, _, rest = LISTED.read_text().partition(f"{heading(only)}\n")
    assert list(lines(await decided(only, tmp_path))) == rest.partition("\n\n")[0].strip().splitlines()


def test_a_route_that_does_not_say_who_may_use_it_stops_the_start() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/secrets")
    def tell() -> str:
        return "all of them"

    with pytest.raises(CannotStart, match="who may use '/secrets'"):
        tuple(decisions(app.routes))
    open_to("owner")(tell)
    assert tuple(decisions(app.routes)) == (("owner", ("GET",), "/secrets"),)


def test_what_changes_the_owners_machine_is_open_to_owners_alone() -> None:
    for line in LISTED.read_text().splitlines():
        if any(
            path in line for path in ("/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete", "/blobs")
        ):
            assert line.startswith("owner "), line


def write_list(folder: Path) -> None:
    """Write the list anew, for a person to look at."""
    parts = [heading(only) + "\n" + "\n".join(lines(asyncio.run(decided(only, folder)))) for only in DEPLOYMENTS]
    LISTED.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        write_list(Path(made))
