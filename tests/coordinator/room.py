"""A room with a router and some characters, in which the coordinator is stepped by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from greenroom.config import CoordinatorSettings
from greenroom.coordinator.chooser import Chooser
from greenroom.coordinator.follow_ups import FollowUps
from greenroom.coordinator.interest import Interests
from greenroom.coordinator.plans import Plan, Plans
from greenroom.coordinator.prompter import Prompter
from greenroom.coordinator.service import CoordinatorService
from greenroom.coordinator.starters import Starters
from greenroom.coordinator.tie_break import TieBreak
from greenroom.coordinator.weight_book import WeightBook
from greenroom.ids import Ids
from greenroom.model import ChannelRequest, HeardLine, Interest, Sheet, Turn
from greenroom.ports import Router
from greenroom.router.service import RouterService
from greenroom.storage.database import Database
from greenroom.testing import FixedCast, NumberedIds, ScriptedModel
from tests.router.company import Stage, asking

BEER = (Interest(topic="beer", weight=1.0),)
PETER, BRIAN = Sheet(name="Peter", interests=BEER), Sheet(name="Brian", interests=BEER)
TALKATIVE = CoordinatorSettings(decay=1, chain_limit=2, character_cooldown_s=0, pair_cooldown_s=0)


@dataclass
class Room:
    """A router with two characters who love beer, and what the coordinator makes of it."""

    database: Database
    settings: CoordinatorSettings = TALKATIVE
    cast: Iterable[Sheet] = (PETER, BRIAN)
    ids: Ids = field(default_factory=NumberedIds)  # they are the dice, and one throw in a hundred is silence
    stage: Stage = field(init=False)
    router: RouterService = field(init=False)

    def __post_init__(self) -> None:
        model = ScriptedModel("Peter, Brian, I do love a beer.")
        self.stage = Stage(self.database, model=model, cast=FixedCast(*self.cast), ids=self.ids)
        self.router = self.stage.router()

    @property
    def plans(self) -> Plans:
        return Plans(self.database)

    def service(self) -> CoordinatorService:
        stage = self.stage
        return CoordinatorService(
            self.router, stage.log(), stage.cast, stage.model, self.database, self.settings, stage.clock
        )

    def chooser(self) -> Chooser:
        stage, model = self.stage, self.stage.model
        book = WeightBook(self.database, self.settings, stage.clock)
        interests, tie_break = Interests(model, stage.clock), TieBreak(model, self.settings)
        return Chooser(stage.log(), stage.cast, book, interests, tie_break, self.settings, stage.clock)

    def follow_ups(self) -> FollowUps:
        return FollowUps(self.stage.log(), self.chooser(), self.plans, self.settings, self.stage.clock)

    def starters(self) -> Starters:
        return Starters(self.chooser(), self.plans, self.settings, self.stage.clock)

    def prompter(self, router: Router | None = None) -> Prompter:
        return Prompter(router or self.router, self.stage.log(), self.plans, self.stage.clock)

    async def ask(self, text: str = "What is your favorite beer?") -> None:
        """A person speaks to Peter, and he answers."""
        await self.router.orchestrate(asking(text))

    async def hear(self, text: str, **more: object) -> Turn:
        """A person speaks to nobody in particular."""
        line = {"text": text, "channel_id": "room", "user_id": "ann", "user_name": "Ann"}
        return await self.router.hear(HeardLine.model_validate(line | more))

    async def due(self, seconds: float = 12.0) -> list[Plan]:
        """What is to be said once some time has passed."""
        self.stage.clock.advance(seconds)
        return await self.plans.due(self.stage.clock.now())

    async def pass_time(self, seconds: float = 12.0) -> None:
        """What happens in a room while it is left alone for a while."""
        await self.follow_ups().read_page()
        for plan in await self.due(seconds):
            await self.prompter().carry_out(plan)

    async def turns(self) -> tuple[Turn, ...]:
        return (await self.stage.log().recall(ChannelRequest(channel_id="room"))).turns

    async def speakers(self) -> list[str]:
        """Who answered, or spoke unasked; an empty name stands for a line that nobody has answered."""
        return [turn.character_name for turn in await self.turns()]
