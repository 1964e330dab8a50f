"""The conversation of one browser: what it shows, what it says, and what it hears from the log of turns."""

import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import anyio
import structlog
from nicegui import ui
from nicegui.element import Element

from greenroom.errors import GreenroomError, InvalidInput
from greenroom.journey import Trace, new_trace, tracing
from greenroom.model import (
    ChannelRequest,
    Character,
    DeadLetterRef,
    FollowRequest,
    LineEdit,
    LineRef,
    Page,
    Rating,
    RatingsRequest,
    Replied,
    Turn,
    TurnRequest,
)
from greenroom.web.backstage import Backstage
from greenroom.web.bubbles import Acts
from greenroom.web.exchange import Exchange
from greenroom.web.notices import Notices
from greenroom.web.own_line import LineActs
from greenroom.web.person import Person
from greenroom.web.receipt import ReceiptDialog

CHANNEL = "web:room"
MAX_CHARACTERS = 20_000
_AT_FIRST = 30
"""So many turns fill the highest screen; a hundred take the server a second."""
_STEP = 100
_KEPT = 300
"""So many turns stay on a page that follows the conversation; more only when they were asked for."""
_MAX_SHOWN = 1000
"""The log gives no more at once."""

log = structlog.get_logger()


class Room:
    """The conversation as one browser sees it. Turns of other browsers come in through the log of turns."""

    def __init__(
        self, backstage: Backstage, person: Person, notices: Notices, column: Element, receipt: ReceiptDialog
    ) -> None:
        self._backstage = backstage
        self._person = person
        self._notices = notices
        self._column = column
        self._receipt = receipt
        self.cast: dict[str, Character] = {}
        self._exchanges: list[tuple[Exchange, Element]] = []
        self._of_turn: dict[str, Exchange] = {}
        self._of_trace: dict[str, Exchange] = {}
        self._cursor = 0
        self._wanted = _AT_FIRST
        self.has_earlier = False
        """Whether there is more that can be shown."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not self._exchanges

    @property
    def last_character(self) -> Character | None:
        """The character that was spoken to last."""
        known = {character.name: character for character in self.cast.values()}
        names = (exchange.character_name for exchange, _ in reversed(self._exchanges))
        return next((known[name] for name in names if name in known), None)

    def meet(self, cast: dict[str, Character]) -> None:
        """Know the characters, by id."""
        self.cast = self._receipt.cast = cast

    async def recall(self) -> None:
        """Show what was said last. Raises: GreenroomError."""
        said = await self._backstage.turns.recall(ChannelRequest(channel_id=CHANNEL, limit=self._wanted))
        place = 0
        for turn in said.turns:
            exchange = self._of_turn.get(turn.id)
            if exchange is None:
                exchange = self._add(turn, place)
            place = self._place_of(exchange) + 1
        self._cursor = max([self._cursor, *(turn.position for turn in said.turns)])
        self.has_earlier = len(said.turns) == self._wanted < _MAX_SHOWN

    async def recall_earlier(self) -> None:
        """Show a hundred turns more. Raises: GreenroomError."""
        self._wanted = min(_MAX_SHOWN, max(self._wanted, len(self._exchanges)) + _STEP)
        await self.recall()

    async def go_to(self, turn_id: str) -> bool:
        """Show a line, and those before it as far as there is room; not one that is gone. Raises: GreenroomError."""
        while turn_id not in self._of_turn and self.has_earlier:
            await self.recall_earlier()
        exchange = self._of_turn.get(turn_id)
        if exchange is not None:
            _, root = self._exchanges[self._place_of(exchange)]
            ui.run_javascript(f"greenroom.goTo(getHtmlElement({root.id}))")
        return exchange is not None

    async def recall_opinions(self) -> None:
        """Show what this person thought of the lines; nothing when that cannot be asked, for the lines matter more."""
        try:
            own = await self._backstage.tuning.ratings(RatingsRequest(user_id=self._person.id, limit=1000))
        except GreenroomError as exc:
            log.warning("web.ratings_unknown", error=exc.detail)
            return
        for rating in own.ratings:
            exchange = self._of_turn.get(rating.turn_id)
            if exchange is not None and exchange.turn_id == rating.turn_id:
                exchange.rated(rating.thumb)

    async def catch_up(self) -> None:
        """Show what changed since the last time. Raises: GreenroomError."""
        page = await self._backstage.turns.follow(FollowRequest(after=self._cursor, channel_id=CHANNEL))
        self._cursor = max(self._cursor, page.cursor)
        for turn in page.turns:
            self._notice(turn)

    async def say(self, words: str, character: Character, take: Callable[[], None]) -> None:
        """Say something to a character and show the answer as it comes; `take` is called when it is under way.

        Raises: GreenroomError, when it came to nothing and the log has no trace of it; the words are still needed.
        """
        if not words.strip() or len(words) > MAX_CHARACTERS:
            raise InvalidInput(f"a message has 1 to {MAX_CHARACTERS:,} characters; this one has {len(words):,}")
        exchange = Exchange(character.name, words)
        now = self._backstage.clock.now()
        with self._column:
            root = exchange.draw(
                self._person.name or "You", now, "direct", character, self._acts(exchange), self._line_acts(exchange)
            )
        self._exchanges.append((exchange, root))
        self._forget_the_oldest()
        take()
        try:
            await self._stream(exchange, self._request(exchange))
        except GreenroomError as exc:
            exchange.failed(exc.detail)
            await self.catch_up()
            if exchange.turn_id is None:
                self._remove(exchange)
                raise

    def stop_all(self) -> None:
        """Call off what this browser is waiting for."""
        for exchange, _ in self._exchanges:
            if exchange.scope is not None:
                exchange.scope.cancel()

    def _acts(self, exchange: Exchange) -> Acts:
        guarded = self._notices.guarded

        async def stop() -> None:
            if exchange.scope is not None:
                exchange.scope.cancel()

        async def why() -> None:
            if exchange.turn_id is not None:
                await self._receipt.open(exchange.turn_id)

        return Acts(
            stop=guarded(stop),
            again=guarded(lambda: self._again(exchange)),
            thumb=guarded(lambda thumb: self._rate(exchange, thumb)),
            why=guarded(why),
        )

    def _line_acts(self, exchange: Exchange) -> LineActs:
        async def edit(words: str) -> bool:
            if exchange.turn_id is None:
                return False
            if not words.strip() or len(words) > MAX_CHARACTERS:
                self._notices.warn(f"A message has 1 to {MAX_CHARACTERS:,} characters; this one has {len(words):,}.")
                return False
            change = LineEdit(turn_id=exchange.turn_id, user_id=self._person.id, text=words)
            try:
                await self._backstage.turns.edit(change)
                await self.catch_up()
            except GreenroomError as exc:
                self._notices.warn(exc.detail)
                return False
            return True

        async def withdraw() -> None:
            if exchange.turn_id is not None:
                await self._backstage.turns.withdraw(LineRef(turn_id=exchange.turn_id, user_id=self._person.id))
                await self.catch_up()

        return LineActs(edit=edit, withdraw=self._notices.guarded(withdraw))

    async def _again(self, exchange: Exchange) -> None:
        """Have the answer written again: a failed turn from its dead letter, any other as a new turn in its place."""
        if exchange.scope is not None:
            return
        await self.catch_up()
        letter = await self._letter_of(exchange)
        try:
            if letter is None:
                await self._stream(exchange, self._request(exchange))
            else:
                await self._replay(exchange, letter)
        except GreenroomError as exc:
            exchange.failed(exc.detail)
            raise

    async def _letter_of(self, exchange: Exchange) -> str | None:
        letters = await self._backstage.router.dead_letters(Page(limit=1000))
        return next((letter.id for letter in letters.letters if letter.turn_id == exchange.turn_id), None)

    async def _replay(self, exchange: Exchange, letter: str) -> None:
        async def replay() -> None:
            reply = await self._backstage.router.replay(DeadLetterRef(id=letter))
            exchange.answered(reply, self._backstage.clock.now())

        await self._wait_for(exchange, replay, "Trying again …")

    async def _stream(self, exchange: Exchange, request: TurnRequest) -> None:
        async def read() -> None:
            async with aclosing(self._backstage.router.stream(request)) as events:
                async for event in events:
                    exchange.heed(event, self._backstage.clock.now())
                    if isinstance(event, Replied):
                        self._of_turn[event.reply.metadata.turn_id] = exchange

        is_next = any(other.scope is not None for other, _ in self._exchanges)
        await self._wait_for(exchange, read, "Next in line …" if is_next else "")

    async def _wait_for(self, exchange: Exchange, work: Callable[[], Awaitable[None]], note: str) -> None:
        """Do the work under a trace by which its turn is recognised in the log, until it is done or called off."""
        trace: Trace = new_trace()
        self._of_trace[trace.trace_id] = exchange
        exchange.begin(note)
        try:
            with tracing(trace), anyio.CancelScope() as exchange.scope:
                await work()
            if exchange.scope.cancelled_caught:
                exchange.stopped()
        finally:
            exchange.scope = None

    def _request(self, exchange: Exchange) -> TurnRequest:
        return TurnRequest(
            character_name=exchange.character_name,
            input_text=exchange.words,
            channel_id=CHANNEL,
            user_id=self._person.id,
            user_name=self._person.spoken_name,
            request_id=uuid.uuid4().hex,
            replaces=exchange.turn_id,
        )

    async def _rate(self, exchange: Exchange, thumb: int) -> None:
        if exchange.turn_id is None:
            return
        wanted = 0 if exchange.thumb == thumb else thumb
        rating = {"turn_id": exchange.turn_id, "user_id": self._person.id, "character": exchange.character_name}
        await self._backstage.tuning.rate(Rating.model_validate({**rating, "thumb": wanted}))
        exchange.rated(wanted)

    def _notice(self, turn: Turn) -> None:
        exchange = self._of_turn.get(turn.id) or self._of_trace.get(turn.trace_id)
        if exchange is None and turn.replaces is not None:
            exchange = self._of_turn.get(turn.replaces)
            if exchange is None or turn.state != "answered":
                return
        if turn.state == "withdrawn":
            if exchange is not None:
                self._remove(exchange)
        elif exchange is not None and exchange.is_heard and turn.state != "heard":
            place = self._place_of(exchange)
            self._remove(exchange)
            self._add(turn, place)
        elif exchange is None and not self._is_older(turn):
            exchange = self._add(turn, len(self._exchanges))
            self._forget_the_oldest()
        elif exchange is not None:
            self._of_turn[turn.id] = exchange
            exchange.follow(turn)

    def _is_older(self, turn: Turn) -> bool:
        """Whether the turn lies before what is shown."""
        first = self._exchanges[0][0].said_at if self._exchanges else None
        return first is not None and turn.begun_at < first

    def _add(self, turn: Turn, place: int) -> Exchange:
        exchange = Exchange(turn.character_name, turn.input_text)
        is_own = turn.user_id == self._person.id
        who = (self._person.name or "You") if is_own else turn.user_name
        line_acts = self._line_acts(exchange) if is_own else None
        character = self.cast.get(turn.character)
        with self._column:
            root = exchange.draw(who, turn.begun_at, turn.message_type, character, self._acts(exchange), line_acts)
        if place < len(self._exchanges):
            root.move(self._column, target_index=place)
        self._exchanges.insert(place, (exchange, root))
        self._of_turn[turn.id] = exchange
        if turn.replaces is not None:
            self._of_turn[turn.replaces] = exchange  # its own last change may come after that of its replacement
            exchange.past.add(turn.replaces)
        exchange.follow(turn)
        return exchange

    def _place_of(self, exchange: Exchange) -> int:
        return next(i for i, (other, _) in enumerate(self._exchanges) if other is exchange)

    def _forget_the_oldest(self) -> None:
        while len(self._exchanges) > max(_KEPT, self._wanted) and self._exchanges[0][0].scope is None:
            self._remove(self._exchanges[0][0])
            self.has_earlier = len(self._exchanges) < _MAX_SHOWN

    def _remove(self, exchange: Exchange) -> None:
        _, root = self._exchanges.pop(self._place_of(exchange))
        self._of_turn = {key: e for key, e in self._of_turn.items() if e is not exchange}
        self._of_trace = {key: e for key, e in self._of_trace.items() if e is not exchange}
        root.delete()
