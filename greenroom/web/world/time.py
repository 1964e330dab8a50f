"""The time of a world: a slider over the lines of a conversation, and the way back to one of them."""

from collections.abc import Awaitable, Callable, Sequence
from textwrap import shorten

from nicegui import ui

from greenroom.model import ChannelRequest, RollBack, RolledBack, Turn
from greenroom.web.backstage import Backstage
from greenroom.web.look import box, button, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.world.view import View

_MOST_LINES = 500
_LABEL_CHARACTERS = 90
_MOST_CHANGES = 12

Act = Callable[[], Awaitable[None]]


class TimeCard:
    """Where in the conversation one stands. `place` is the place of a turn, None is now. `changed` is told of moves."""

    def __init__(self, backstage: Backstage, person: Person, notices: Notices, changed: Act) -> None:
        self.place: int | None = None
        self._backstage, self._person = backstage, person
        self._notices, self._changed = notices, notices.guarded(changed)
        self._lines: Sequence[Turn] = ()
        self._view = View("main")
        with box("g-card", "section", "time") as self._card:
            text("When", tag="h2")
            self._label = text("", "g-when", testid="when")
            self._label.props["role"] = "status"
            text("Pull to an earlier line to see the world as it was then.", "g-dim")
            self._slider = ui.slider(min=0, max=1, value=1, on_change=self._moved).props("snap")
            self._slider.props["aria-label"] = "As of which line"
            self._slider.props["data-testid"] = "as-of"
            with box("g-row g-wrap") as self._past:
                button("Back to now", self._to_now, "g-quiet", "now")
                button("Take the world back to here …", notices.guarded(self._ask), testid="roll-back")
            self._question = box("g-question", testid="preview")
        self._show()

    async def look(self, session_id: str) -> None:
        """See what was said in a conversation. Raises: GreenroomError."""
        found: Sequence[Turn] = ()
        if session_id:
            found = (await self._backstage.turns.recall(ChannelRequest(channel_id=session_id, limit=_MOST_LINES))).turns
        self._lines = [turn for turn in found if turn.state in {"answered", "heard"}]
        self._show()

    def stand(self, view: View) -> None:
        """Know the world of the time that is chosen, and of today."""
        self._view = view

    def _show(self) -> None:
        last = len(self._lines)
        at = last if self.place is None else sum(turn.rank <= self.place for turn in self._lines)
        self._card.set_visibility(last > 0)
        self._slider.props["max"] = max(1, last)
        self._slider.set_value(at)
        self._slider.update()
        self._label.set_text(self._words(at))
        self._past.set_visibility(self.place is not None)
        if self.place is None:
            self._leave_it()

    def _words(self, at: int) -> str:
        if self.place is None:
            return "Now"
        if at == 0:
            return "Before the first of these lines"
        turn = self._lines[at - 1]
        is_asked = turn.message_type == "direct"
        who, said = (turn.user_name, turn.input_text) if is_asked else (turn.character_name, turn.reply or "")
        words = shorten(said, _LABEL_CHARACTERS, placeholder=" …")
        return f"After line {at} of {len(self._lines)}: {who or 'Somebody'}, “{words}”"

    async def _moved(self) -> None:
        at = int(self._slider.value or 0)
        ranks = [self._lines[0].rank - 1, *(turn.rank for turn in self._lines)] if self._lines else []
        place = ranks[at] if at < len(self._lines) else None
        if place != self.place:
            self.place = place
            self._leave_it()
            self._show()
            await self._changed()

    async def _to_now(self) -> None:
        self.place = None
        self._show()
        await self._changed()

    # Taking back --------------------------------------------------------------------------------------------------

    async def _ask(self) -> None:
        """Say what would change, before anything does."""
        found = await self._backstage.world.preview_rollback(RollBack(world_id=self._view.world_id, place=self.place))
        self._question.clear()
        with self._question:
            if not found.events:
                text("Nothing happened after this line, so there is nothing to take back.")
            else:
                self._draw_preview(found)
            with box("g-row"):
                if found.events:
                    button("Yes, take it back", self._notices.guarded(self._roll_back), testid="yes")
                button("No", self._leave_it, "g-quiet", "no")
        self._question.set_visibility(True)

    def _leave_it(self) -> None:
        self._question.set_visibility(False)

    def _draw_preview(self, found: RolledBack) -> None:
        text(f"{found.events} events go out of the world, and with them from what characters know. It can be undone.")
        text("The conversation stays. What was said after this line is not read again, unless it is changed.", "g-dim")
        entries = [
            *((id_, "goes out", self._note(id_, now=True), "") for id_ in found.removed),
            *((id_, "changes", self._note(id_, now=True), self._note(id_, now=False)) for id_ in found.changed),
            *((id_, "comes back", "", self._note(id_, now=False)) for id_ in found.added),
        ]
        for id_, how, before, after in entries[:_MOST_CHANGES]:
            with box("g-change", testid=f"change-{id_}"):
                text(f"{self._view.name_of(id_)} {how}", "g-strong")
                if before and before != after:
                    text(before, "g-quote g-out", testid="before")
                if after:
                    text(after, "g-quote", testid="after")
        if len(entries) > _MOST_CHANGES:
            text(f"And {len(entries) - _MOST_CHANGES} more.", "g-dim")

    def _note(self, entity_id: str, *, now: bool) -> str:
        entity = (self._view.now if now else self._view.entities).get(entity_id)
        return entity.note if entity else ""

    async def _roll_back(self) -> None:
        order = RollBack(world_id=self._view.world_id, place=self.place, user_id=self._person.id)
        found = await self._backstage.world.roll_back(order)
        self._notices.tell(f"{found.events} events are out of the world. “What happened” has the way back.")
        await self._to_now()
