"""One exchange of the conversation: what a person said, and its answer, whichever turn gives it at the moment."""

from dataclasses import dataclass
from datetime import datetime

import anyio
from nicegui.element import Element

from greenroom.model import (
    Character,
    DraftRetracted,
    DraftText,
    DraftVerdict,
    MessageType,
    Progress,
    Replied,
    Turn,
    TurnEvent,
    TurnId,
    TurnReply,
)
from greenroom.web.bubbles import Acts, AnswerBubble
from greenroom.web.look import box
from greenroom.web.own_line import LineActs, SaidBubble

_OUTDATED = "This answers what the line said before it was changed."
_CALLED_OFF = "Not answered: this was called off before the end."


@dataclass(frozen=True)
class _Standing:
    """The answer that stands, to be shown again when another attempt comes to nothing."""

    words: str
    score: float | None
    said_at: datetime | None
    drafts: int = 1
    outdated: bool = False


class Exchange:
    """A place in the conversation. `turn_id` is the turn whose answer stands there; earlier ones are `past`.

    `scope` is set while this page itself waits for an answer; cancelling it stops the writing.
    """

    def __init__(self, character_name: str, words: str) -> None:
        self.character_name = character_name
        self.words = words
        self.turn_id: TurnId | None = None
        self.past: set[str] = set()
        self.thumb = 0
        self.is_heard = False
        """Whether it is a line that nobody was asked to answer."""
        self.scope: anyio.CancelScope | None = None
        self.said_at: datetime | None = None
        self._draft = ""
        self._standing: _Standing | None = None
        self._reason = ""

    def draw(
        self,
        who: str,
        when: datetime,
        kind: MessageType,
        character: Character | None,
        acts: Acts,
        line_acts: LineActs | None,
    ) -> Element:
        """Put the exchange on the page. Only the author of the line has `line_acts`."""
        self.said_at = when
        with box("g-exchange", testid="exchange") as root:
            self._said = SaidBubble(who, self.words, when, line_acts) if kind == "direct" else None
            self._answer = AnswerBubble(self.character_name, character, acts)
        self._answer.has_turn(False)
        return root

    def begin(self, note: str) -> None:
        """Show that an answer is being written."""
        self._draft, self._reason = "", ""
        self._answer.show("writing", "", note)

    def heed(self, event: TurnEvent, now: datetime) -> None:
        """Show what an event of the turn says."""
        match event:
            case DraftText():
                self._draft += event.text
                self._answer.show("writing", self._draft, self._reason)
            case DraftVerdict() if event.passed:
                self._answer.show("writing", self._draft)
            case DraftVerdict():
                self._answer.show("rewriting", self._draft, f"scored {event.score:.0f} of {event.threshold:.0f} needed")
            case DraftRetracted():
                self._reason = f"Rewriting: {event.reason}"
                self._answer.show("rewriting", self._draft, self._reason)
                self._draft = ""
            case Progress():
                wait = f"; again in {event.wait_s:.0f} s" if event.wait_s >= 1 else ""
                self._answer.show("writing", self._draft, event.reason + wait)
            case Replied():
                self.answered(event.reply, now)

    def answered(self, reply: TurnReply, now: datetime) -> None:
        """Show the reply of a turn of ours."""
        self._belong_to(reply.metadata.turn_id)
        self._stand(_Standing(reply.response, reply.quality_score, now, reply.metadata.attempts))

    def follow(self, turn: Turn) -> None:
        """Show what the log says of a turn that belongs to this place."""
        if self._said is not None:
            self.words = turn.input_text
            self._said.reword(turn.input_text, turn.edited_at is not None)
        if self.scope is not None or turn.id in self.past:
            return
        is_other = self.turn_id is not None and turn.id != self.turn_id
        if is_other and turn.state != "answered":
            return  # a rewriting that has not come to an answer leaves the one that stands
        self._belong_to(turn.id)
        self._show(turn)

    def failed(self, sentence: str) -> None:
        """Show why there is no answer; one that stood before stays."""
        if self._standing:
            self._stand(self._standing)
        else:
            self._answer.show("failed", "", sentence)

    def stopped(self) -> None:
        """Show that the person called it off; an answer that stood before stays."""
        if self._standing:
            self._stand(self._standing)
        else:
            self._answer.show("left", self._draft, _CALLED_OFF)

    def rated(self, thumb: int) -> None:
        """Show the person's opinion."""
        self.thumb = thumb
        self._answer.thumb(thumb)

    def _show(self, turn: Turn) -> None:
        self.is_heard = turn.state == "heard"
        self._answer.is_awaited(not self.is_heard)
        if self.is_heard:
            return
        if turn.state == "answered":
            self._stand(_Standing(turn.reply or "", turn.quality_score, turn.ended_at, outdated=turn.outdated))
        elif turn.state == "failed":
            self._answer.show("failed", "", turn.error or "No answer came.")
        elif turn.state == "left":
            self._answer.show("left", self._draft, _CALLED_OFF)
        else:
            self._answer.show("awaited", "", f"{self.character_name} is answering …")

    def _belong_to(self, turn_id: TurnId) -> None:
        if self.turn_id is not None and self.turn_id != turn_id:
            self.past.add(self.turn_id)
            self.rated(0)
        self.turn_id = turn_id
        self._answer.has_turn(True)

    def _stand(self, answer: _Standing) -> None:
        self._standing = answer
        note = _OUTDATED if answer.outdated else ""
        self._answer.answered(answer.words, answer.score, answer.said_at, answer.drafts, note)
