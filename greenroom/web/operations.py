"""How the house is, and the turns that failed: a panel at the side of the page."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nicegui import ui

from greenroom.config import SERVICES
from greenroom.errors import GreenroomError
from greenroom.model import (
    DeadLetter,
    DeadLetterRef,
    DeadLetters,
    Health,
    Nothing,
    Page,
    PerformanceRequest,
)
from greenroom.model import PerformanceStats as Stats
from greenroom.web.backstage import Backstage
from greenroom.web.crawls import crawl_list
from greenroom.web.figures import facts
from greenroom.web.look import box, button, icon_button, moment, text
from greenroom.web.notices import Notices
from greenroom.web.scorecard import scorecard

V = TypeVar("V")

_TASKS = {
    "llm": "writes the lines",
    "characters": "knows who they are",
    "retriever": "looks up what they know",
    "quality": "judges the drafts",
    "tuning": "learns from thumbs and mistakes",
    "coordinator": "says who speaks next",
    "world": "keeps what happens",
    "crawler": "reads for the library",
    "discord": "is the door to Discord",
}
assert set(_TASKS) == set(SERVICES) - {"router", "web"}, "these two ask, and are not asked"


class Operations:
    """The panel. It asks anew each time that it is opened, and after each thing that is done in it."""

    def __init__(self, backstage: Backstage, notices: Notices) -> None:
        self._backstage = backstage
        self._notices = notices
        with (
            ui.dialog().props("position=right full-height") as self._dialog,
            box("g-sheet g-side", testid="operations"),
        ):
            with box("g-sheet-head"):
                text("Behind the scenes", tag="h2")
                icon_button("refresh", "Ask again", notices.guarded(self._ask), testid="ask-again")
                icon_button("close", "Close", self._dialog.close)
            self._body = box("g-sheet-body")

    async def open(self) -> None:
        """Show the panel."""
        self._body.clear()
        with self._body:
            text("Asking every service …", "g-dim")
        self._dialog.open()
        await self._notices.guarded(self._ask)()

    async def _ask(self) -> None:
        health = await self._backstage.router.services_health(Nothing())
        letters = await self._backstage.router.dead_letters(Page(limit=50))
        figures = await _if_there(self._backstage.tuning.performance_stats(PerformanceRequest()))
        judging = await _if_there(self._backstage.quality.config(Nothing()))
        crawls = await _if_there(self._backstage.crawler.crawls(Nothing()))
        self._body.clear()
        with self._body:
            text("Services", tag="h3")
            for name, one in health.services.items():
                _service(name, one)
            self._letters(letters)
            if crawls is not None:
                crawl_list(crawls.crawls)
            if figures and figures.turns:
                _figures(figures)
            if judging:
                scorecard(judging)

    def _letters(self, letters: DeadLetters) -> None:
        text(f"Turns that failed ({letters.total})", tag="h3")
        if not letters.letters:
            text("None is waiting. Every turn got its answer.", "g-dim")
        for letter in letters.letters:
            self._letter(letter)

    def _letter(self, letter: DeadLetter) -> None:
        with box("g-passage", testid="letter"):
            with box("g-attempt-head"):
                text(
                    f"{letter.request.user_name or letter.request.user_id} to {letter.request.character_name}",
                    "g-strong",
                )
                moment(letter.failed_at)
            text(_short(letter.request.input_text), "g-quote")
            replays = f" Tried again {letter.replays} times." if letter.replays else ""
            text(letter.detail + replays, "g-problem")
            with box("g-row"):
                button("Try again", self._then_ask(lambda: self._replay(letter)), testid="replay")
                button("Drop", self._then_ask(lambda: self._drop(letter)), "g-quiet", testid="drop")

    def _then_ask(self, act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self._notices.guarded(act)()
            await self._notices.guarded(self._ask)()

        return run

    async def _replay(self, letter: DeadLetter) -> None:
        self._notices.tell(f"{letter.request.character_name} is trying again …")
        await self._backstage.router.replay(DeadLetterRef(id=letter.id))
        self._notices.tell(f"{letter.request.character_name} has answered.")

    async def _drop(self, letter: DeadLetter) -> None:
        await self._backstage.router.drop(DeadLetterRef(id=letter.id))


async def _if_there(asked: Awaitable[V]) -> V | None:
    """What a service says; None while it is away, which the health above shows."""
    try:
        return await asked
    except GreenroomError:
        return None


def _service(name: str, health: Health) -> None:
    with box(f"g-service g-{health.status}", testid=f"service-{name}"):
        with box("g-attempt-head"):
            text(name, "g-strong", "span")
            text(_TASKS.get(name, ""), "g-dim g-task", "span")
            text(health.status, "g-status", "span")
        for what, one in health.dependencies.items():
            detail = f": {one.detail}" if one.detail else ""
            if one.status != "healthy":
                text(f"{what} is {one.status}{detail}", "g-problem")


def _figures(stats: Stats) -> None:
    text("Turns so far", tag="h3")
    told = {
        "Answered": f"{stats.succeeded} of {stats.turns}",
        "Average score": "" if stats.average_score is None else f"{stats.average_score:.0f} of 100",
        "Drafts per turn": "" if stats.average_attempts is None else f"{stats.average_attempts:.1f}",
        "Thumbs": f"{stats.up} up, {stats.down} down",
    }
    facts(told)


def _short(words: str) -> str:
    return words if len(words) <= 300 else words[:300] + " …"
