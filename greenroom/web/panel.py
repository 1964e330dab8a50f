"""How things stand in the conversation: where it is, who is there, the mood, who has what, and what happened."""

from collections.abc import Mapping

from greenroom.errors import GreenroomError
from greenroom.model import Character, Panel, PanelRequest
from greenroom.ports import World
from greenroom.web.figures import facts
from greenroom.web.look import box, text


class PanelAside:
    """A strip at the side of the room, or above the composer where the screen is narrow. It hides where it is empty."""

    def __init__(self, world: World, channel_id: str) -> None:
        self._world = world
        self._wanted = PanelRequest(channel_id=channel_id)
        self._shown: tuple[Panel, tuple[str, ...]] | None = None
        with box("g-panel", "aside", "panel") as self._aside, box("g-panel-fold", "details", "panel-fold"):
            self._short = text("", "g-panel-short", "summary", "panel-short")
            self._body = box("g-panel-body")
        self._aside.props["aria-label"] = "How things stand"
        self._aside.set_visibility(False)

    async def look(self, cast: Mapping[str, Character]) -> None:
        """Show how things stand now; nothing while nobody knows, for the conversation goes on without."""
        try:
            panel = await self._world.panel(self._wanted)
        except GreenroomError:
            panel = Panel()
        present = tuple(cast[id_].name if id_ in cast else id_ for id_ in panel.present)
        if (panel, present) == self._shown:
            return
        self._shown = (panel, present)
        self._aside.set_visibility(panel != Panel(world_id=panel.world_id))
        short = " · ".join(filter(None, (panel.scene, panel.mood)))
        self._short.set_text(f"Now: {short}" if short else "How things stand")
        self._body.clear()
        with self._body:
            _draw(panel, present)


def _draw(panel: Panel, present: tuple[str, ...]) -> None:
    facts({"Scene": panel.scene, "Present": ", ".join(present), "Mood": panel.mood}, "panel")
    for title, lines in (("Items", panel.items), ("Of late", panel.notes)):
        if lines:
            text(title, "g-panel-title")
            with box("g-panel-list", "ul", f"panel-{title.casefold().replace(' ', '-')}"):
                for line in lines:
                    text(line, tag="li")
