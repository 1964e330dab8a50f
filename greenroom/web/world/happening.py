"""One event on the page: what and why, its quote, the line that it came from, and how it is taken back."""

from collections.abc import Awaitable, Callable

from nicegui.element import Element

from greenroom.model import EventRef, RollBackRef, Turn, TurnRef, WorldEvent
from greenroom.web.backstage import Backstage
from greenroom.web.look import box, button, link, moment, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.room import CHANNEL
from greenroom.web.world.telling import in_words, what, who_knows, why
from greenroom.web.world.view import View

Act = Callable[[], Awaitable[None]]

_ROLLED_BACK = "rolled back to "
"""How the world begins the reason of a roll-back."""

_BY_HAND = frozenset({"made", "changed", "noted", "removed"})


class Happenings:
    """Draws events. `changed` is told when one of them was taken back."""

    def __init__(self, backstage: Backstage, person: Person, notices: Notices, changed: Act) -> None:
        self._backstage, self._world, self._person = backstage, backstage.world, person
        self._notices, self._changed = notices, changed

    def draw(self, event: WorldEvent, view: View) -> None:
        """Draw one event."""
        gone = event.revoked_by is not None
        with box("g-event" + (" g-out" if gone else ""), testid=f"event-{event.number}") as frame:
            text(what(event, view), "g-event-what")
            if event.evidence:
                text(f"“{event.evidence}”", "g-quote", testid="evidence")
            with box("g-row g-wrap g-event-foot"):
                moment(event.made_at)
                text(" · ".join(filter(None, (why(event), who_knows(event.known_to, event.private)))), "g-dim", "span")
                if gone:
                    text(_why_gone(event, view), "g-dim", "span", "revoked")
                self._acts(event, view, frame)

    def _acts(self, event: WorldEvent, view: View, frame: Element) -> None:
        if event.turn_id:
            button("The line", self._showing(event.turn_id, frame), "g-quiet", "the-line")
        if event.cause != "person" or event.revoked_by is not None:
            return
        if event.kind in _BY_HAND:
            button("Take back", self._doing(lambda: self._take_back(event)), "g-quiet", "take-back")
        elif event.told.reason.startswith(_ROLLED_BACK) and any(e.revoked_by == event.number for e in view.events):
            button("Undo", self._doing(lambda: self._undo(event)), "g-quiet", "undo")

    def _doing(self, act: Act) -> Act:
        async def run() -> None:
            await act()
            await self._changed()

        return self._notices.guarded(run)

    async def _take_back(self, event: WorldEvent) -> None:
        which = EventRef(world_id=event.world_id, event=event.number, user_id=self._person.id)
        await self._world.take_back(which)
        self._notices.tell("Taken back. The history has it still.")

    async def _undo(self, event: WorldEvent) -> None:
        which = RollBackRef(world_id=event.world_id, event=event.number, user_id=self._person.id)
        found = await self._world.undo_rollback(which)
        self._notices.tell(f"{found.events} things are back, as far as the conversation still holds them.")

    def _showing(self, turn_id: str, frame: Element) -> Act:
        async def show() -> None:
            if shown:
                shown.pop().delete()
                return
            turn = (await self._backstage.turns.explain(TurnRef(id=turn_id))).turn
            with frame:
                shown.append(_line(turn))

        shown: list[Element] = []
        return self._notices.guarded(show)


def _line(turn: Turn) -> Element:
    """The words of a turn, and the way to its place in the room."""
    with box("g-passage", testid="line") as made:
        if turn.state == "withdrawn":
            text("The line was taken back, and its words with it.", "g-dim")
            return made
        if turn.message_type == "direct":
            _words(turn.user_name or "Somebody", turn.input_text)
        if turn.reply:
            _words(turn.character_name, turn.reply)
        if turn.channel_id == CHANNEL:
            link("Show it in the room", f"/?line={turn.id}", "g-way", "in-the-room")
        else:
            text(f"in {turn.channel_id}", "g-dim")
    return made


def _words(who: str, words: str) -> None:
    text(who, "g-strong")
    text(words, "g-quote")


def _why_gone(event: WorldEvent, view: View) -> str:
    reason = next((other.told.reason for other in view.events if other.number == event.revoked_by), "")
    return f"counts no more: {in_words(reason)}" if reason else "counts no more"
