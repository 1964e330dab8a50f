"""How things stand comes with a reply, and a world that is away costs nothing but that."""

import pytest

from greenroom.errors import ServiceAway, TurnFailed
from greenroom.model import Panel, PanelRequest
from greenroom.storage.database import Database
from tests.router.company import Stage, asking


class Panels:
    """Gives a panel, or the error that it is told to raise."""

    def __init__(self) -> None:
        self.asked: list[PanelRequest] = []
        self.away: Exception | None = None

    async def panel(self, request: PanelRequest) -> Panel:
        self.asked.append(request)
        if self.away:
            raise self.away
        return Panel(world_id="sea", scene="the Rusty Anchor")


async def test_how_things_stand_comes_with_the_reply(database: Database) -> None:
    panels = Panels()
    stage = Stage(database, panel=panels.panel)
    stage.model.enqueue("Beer!")
    async with stage.router() as router:
        reply = await router.orchestrate(asking())
    assert reply.metadata.panel == Panel(world_id="sea", scene="the Rusty Anchor")
    assert [one.channel_id for one in panels.asked] == ["room"]
    assert reply.metadata.services_called[-1] == "quality"
    assert "world" in reply.metadata.services_called


async def test_the_lore_is_asked_for_in_the_world_of_the_channel(database: Database) -> None:
    panels = Panels()
    stage = Stage(database, panel=panels.panel)
    stage.model.enqueue("Beer!")
    stage.model.enqueue("More beer!")
    async with stage.router() as router:
        await router.orchestrate(asking())
        panels.away = ServiceAway("world does not answer")
        reply = await router.orchestrate(asking("And now?"))
    assert [one.world_id for one in stage.lore.asked] == ["sea", "sea"]
    assert reply.metadata.panel == Panel()


async def test_what_is_unforeseen_in_the_world_is_not_passed_over(database: Database) -> None:
    panels = Panels()
    stage = Stage(database, panel=panels.panel)
    stage.model.enqueue("Beer!")
    async with stage.router() as router:
        await router.orchestrate(asking())
        panels.away = ZeroDivisionError()
        with pytest.raises(TurnFailed, match="Something went wrong inside"):
            await router.orchestrate(asking("And now?"))


async def test_while_the_world_is_away_no_notes_of_any_world_are_asked_for(database: Database) -> None:
    panels = Panels()
    panels.away = ServiceAway("world does not answer")
    stage = Stage(database, panel=panels.panel)
    stage.model.enqueue("Beer!")
    async with stage.router() as router:
        reply = await router.orchestrate(asking())
    assert reply.success
    assert [one.world_id for one in stage.lore.asked] == ["-"]
