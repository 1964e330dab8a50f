"""A turn: what was said, what was answered, and everything that made the answer."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from greenroom.model.completion import ChatMessage, Options, Usage
from greenroom.model.decision import Decision
from greenroom.model.line import LineText, Place, Setting
from greenroom.model.passage import Passage
from greenroom.model.value import ChannelId, CharacterId, Key, Moment, Name, PersonId, Storable, TurnId, Value
from greenroom.model.verdict import Verdict
from greenroom.model.world import Panel

MessageType = Literal["direct", "organic"]
"""`direct` answers somebody; `organic` is said unprompted."""

Stage = Literal["standard", "optimised", "particular"]
"""How much help an attempt gets: attempts 1–3, 4–6 (with tuning's guidance), 7–10 (with the character's own)."""


class Message(Value):
    """One line of a conversation, with the display name of who said it. `turn_id` is set where a turn made it."""

    author: str = Field(max_length=200)
    content: str
    turn_id: TurnId | None = None
    from_character: bool = False
    said_at: Moment | None = None


class Cause(Value):
    """Why a character says something that it was not asked for by name; a receipt shows it.

    An `answer` is to a person who spoke to nobody in particular, a `follow_up` to another character, a `starter` to
    nobody: it begins a conversation about `topic`. `chances` are those of all who might have spoken, 0–1, and sum to 1
    with `silence`; `weights` is the version of the weights that gave them. `delay_s` was the pause before it.
    """

    kind: Literal["answer", "follow_up", "starter"]
    reasons: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    chances: Annotated[dict[str, float], Field(max_length=100)] = {}
    silence: float = 0.0
    weights: str = ""
    mood: str = ""
    delay_s: float = 0.0
    topic: str = Field("", max_length=200)


class TurnRequest(Setting):
    """What a door asks of the router: a character's answer to `input_text`.

    `conversation_history` is the conversation before `input_text`, oldest first, and is the door's own word for what
    the character knows of it; when it is empty the router uses what it has recorded of `channel_id` and the character
    witnessed. A request with a `request_id` seen before returns the same turn again instead of answering twice.
    `replaces` names the turn whose reply this one shall take the place of; `follows` the turn that must still be the
    last of its channel, unless this is one of several answers to it that are given `side_by_side`. Both say where and
    before whom the new turn happens: as the earlier one did. `cause` is why a character speaks unasked.
    """

    character_name: Name
    input_text: LineText
    conversation_history: tuple[Message, ...] = Field((), max_length=1000)
    channel_id: Key = "default"
    user_id: Key = "person"
    user_name: Annotated[str, Storable] = Field("", max_length=200)
    message_type: MessageType = "direct"
    request_id: Key | None = None
    replaces: Annotated[TurnId, Storable] | None = Field(None, max_length=200)
    follows: Annotated[TurnId, Storable] | None = Field(None, max_length=200)
    side_by_side: bool = False
    cause: Cause | None = None
    options: Options = Options()
    request_metadata: dict[str, JsonValue] = {}


class ReplyMetadata(Value):
    """How a reply came about, in short; the receipt has the rest.

    `panel` is how things stood when it was made; a reply that is told again comes without.
    """

    turn_id: TurnId
    attempts: int
    model: str = ""
    stand_in: bool = False
    cache_hit: bool = False
    rag_context_used: bool = False
    fine_tuning_applied: bool = False
    conversation_state: str = ""
    services_called: tuple[str, ...] = ()
    trace_id: str = ""
    below_threshold: bool = False
    panel: Panel = Panel()


class TurnReply(Value):
    """A character's answer. `processing_time` is in seconds, `quality_score` 0–100."""

    success: bool
    response: str
    character: CharacterId
    character_name: str
    processing_time: float
    quality_score: float
    metadata: ReplyMetadata


class DraftText(Value):
    """More text of the draft that is being written."""

    kind: Literal["draft"] = "draft"
    attempt: int
    text: str


class DraftVerdict(Value):
    """What quality control says of a finished draft."""

    kind: Literal["verdict"] = "verdict"
    attempt: int
    score: float
    threshold: float
    passed: bool
    violations: tuple[str, ...] = ()


class DraftRetracted(Value):
    """The text so far is taken back; the next draft follows."""

    kind: Literal["retract"] = "retract"
    attempt: int
    reason: str


class Progress(Value):
    """Nothing to show yet, and why: a service failed and is tried again after `wait_s` seconds."""

    kind: Literal["progress"] = "progress"
    attempt: int
    reason: str
    wait_s: float = 0.0


class Replied(Value):
    """The end of a turn."""

    kind: Literal["reply"] = "reply"
    reply: TurnReply


TurnEvent = Annotated[DraftText | DraftVerdict | DraftRetracted | Progress | Replied, Field(discriminator="kind")]


class Attempt(Value):
    """One draft with everything about it. `error` instead of a verdict means that a service failed.

    `cache_tier` is where the draft came from, "miss" when the cache had none, "none" when it was not asked; `cache_key`
    is by what the cache knows it. `decision` is what led to the model, where the settings leave that open; the first
    attempt's holds for those that follow.
    """

    number: int
    stage: Stage
    prompt: tuple[ChatMessage, ...] = ()
    options: Options = Options()
    model: str = ""
    draft: str = ""
    done_reason: str | None = None
    verdict: Verdict | None = None
    error: str | None = None
    cache_tier: str = "none"
    cache_key: str | None = None
    decision: Decision | None = None
    usage: Usage | None = None
    first_token_s: float | None = None
    generation_s: float = 0.0
    quality_s: float = 0.0


class Step(Value):
    """A part of the turn and how long it took, in seconds."""

    service: str
    verb: str
    seconds: float
    outcome: str = "ok"


TurnState = Literal["begun", "answered", "failed", "left", "heard", "withdrawn", "forgotten"]
"""`begun` is being answered; `failed` has a dead letter; `left` was cancelled because the person went away; `heard`
was said to nobody in particular and has no character; `withdrawn` was taken back, and its text is gone; `forgotten` is
no turn, but says that the person `user_id` shall be forgotten by all who follow the log."""


class Turn(Value):
    """One entry of the log of turns. `position` grows by each change and is the cursor for those who follow the log.

    `present` are the characters that witness it, None the whole cast. `follows` is the turn that an unprompted line
    answers. `edited_at` is when the person last changed the line; a reply that is `outdated` answered words that were
    changed or taken back since. `rank` orders the conversation, and stays: what replaces another turn has its rank, and
    that one is `superseded`.
    """

    id: TurnId
    position: int
    channel_id: ChannelId
    character: CharacterId
    character_name: str
    user_id: PersonId
    user_name: str
    message_type: MessageType
    input_text: str
    reply: str | None
    state: TurnState
    error: str | None = None
    begun_at: Moment
    ended_at: Moment | None = None
    quality_score: float | None = None
    replaces: TurnId | None = None
    trace_id: str = ""
    place: Place = "channel"
    present: tuple[CharacterId, ...] | None = None
    parent_id: ChannelId | None = None
    message_id: str | None = None
    follows: TurnId | None = None
    edited_at: Moment | None = None
    outdated: bool = False
    rank: int = 0
    superseded: bool = False


class Receipt(Value):
    """Everything that made a line: the request, the passages, each attempt with its scores, the timings.

    `cost` is what all drafts cost together, in US dollars; None where that is not known. There is no `request` where
    nobody was asked to answer, nor where the line was taken back. A receipt is `redacted` when a line that the model
    was shown was changed or taken back: its figures stay, its texts are gone.
    """

    turn: Turn
    request: TurnRequest | None = None
    prompt_version: str = ""
    history_used: int = 0
    passages: tuple[Passage, ...] = ()
    passages_cut: tuple[Passage, ...] = ()
    guidance: tuple[str, ...] = ()
    chosen_attempt: int | None = None
    attempts: tuple[Attempt, ...] = ()
    steps: tuple[Step, ...] = ()
    model: str = ""
    stand_in: bool = False
    conversation_state: str = ""
    cost: float | None = None
    redacted: bool = False


class TurnRef(Value):
    """One turn."""

    id: Key


class FollowRequest(Value):
    """Turns that changed after the cursor `after`, oldest change first; `channel_id` narrows them down."""

    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)
    channel_id: Key | None = None


class TurnPage(Value):
    """A part of the log. `cursor` goes into the next `FollowRequest`."""

    turns: tuple[Turn, ...]
    cursor: int


class ChannelRequest(Value):
    """The last `limit` messages of a channel: all of them, or those that the character `witness` witnessed."""

    channel_id: Key
    limit: int = Field(50, ge=1, le=1000)
    witness: Key | None = None


class Conversation(Value):
    """What was said in a channel, oldest first. `turns` are the same turns.

    What was withdrawn is left out, and so are replies that were replaced.
    """

    channel_id: ChannelId
    messages: tuple[Message, ...] = ()
    turns: tuple[Turn, ...] = ()


class DeadLetter(Value):
    """A turn that failed, with what is needed to try it again."""

    id: str
    turn_id: TurnId
    request: TurnRequest
    error: str
    detail: str
    attempts: int
    failed_at: Moment
    replays: int = 0

    def replaying(self) -> TurnRequest:
        """The request by which its turn is tried again, in its old place of the conversation."""
        return self.request.model_copy(update={"request_id": None, "replaces": self.turn_id})


class DeadLetters(Value):
    """Turns that wait for somebody to replay or drop them, newest first."""

    letters: tuple[DeadLetter, ...]
    total: int


class DeadLetterRef(Value):
    """One dead letter."""

    id: Key
