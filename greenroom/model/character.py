"""Who the characters are."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue, RootModel

from greenroom.model.completion import Options
from greenroom.model.value import CharacterId, Name, NonBlank, Value


class Interest(Value):
    """A topic that makes the character listen. `weight` 0–1; `keywords` are the words by which it is recognised."""

    topic: NonBlank
    weight: float = Field(0.5, ge=0, le=1)
    keywords: tuple[str, ...] = ()


class Relationship(Value):
    """What the character feels for another. `warmth` runs from -1 (loathes) to 1 (adores)."""

    who: NonBlank
    how: str = ""
    warmth: float = Field(0.0, ge=-1, le=1)


class Speaking(Value):
    """How the character talks. `words_typical` is the length of an ordinary reply, in words."""

    patterns: tuple[str, ...] = ()
    catchphrases: tuple[str, ...] = ()
    forbidden_phrases: tuple[str, ...] = ()
    words_typical: int = Field(40, ge=1, le=1000)
    words_max: int = Field(120, ge=1, le=4000)


class Timing(Value):
    """When the character speaks. `talkativeness` 0–1; `delays_s` maps a mood to the shortest and longest pause."""

    talkativeness: float = Field(0.5, ge=0, le=1)
    delays_s: dict[str, tuple[float, float]] = {}


class Example(Value):
    """One exchange that shows the manner: what was said (by whom), and the character's reply."""

    reply: NonBlank
    prompt: str = ""
    author: str = "{{user}}"


class LoreRules(Value):
    """When an entry of a lorebook is used, as its author has it; what is not said is as in most programs.

    Of the `secondary_keys`, any, all, not all or none must be spoken of beside a key, as `logic` says. `scan_depth` are
    the last lines that are read (None: as the book says). Entries of a lower `order` stand higher up; those of the
    lowest `priority` go first where there is no room. `probability` is 0-100. Once used, an entry stays for `sticky`
    lines, and then is not used for `cooldown` lines; before `delay` lines were said it is not used at all. One whose
    `position` is before stands above the character's prompt. In a recursive book the text of entries is read for keys
    too, but not of those that `prevent_recursion`, nor for those that `exclude_recursion`.
    """

    secondary_keys: tuple[str, ...] = ()
    logic: Literal["any", "not_all", "none", "all"] = "any"
    case_sensitive: bool = False
    whole_words: bool = True
    scan_depth: int | None = Field(None, ge=0, le=1000)
    order: int = 100
    priority: int = 0
    position: Literal["before", "after"] = "after"
    probability: float = Field(100, ge=0, le=100)
    sticky: int = Field(0, ge=0, le=1000)
    cooldown: int = Field(0, ge=0, le=1000)
    delay: int = Field(0, ge=0, le=1000)
    exclude_recursion: bool = False
    prevent_recursion: bool = False


class BookRules(Value):
    """What holds for a whole lorebook: how many last lines are read, how much room there is (in tokens; None is the
    house's own), and whether the text of entries calls for others."""

    scan_depth: int = Field(4, ge=0, le=1000)
    token_budget: int | None = Field(None, ge=0, le=100_000)
    recursive: bool = False


class Lore(Value):
    """A piece of knowledge that comes with the character. Used when a key is spoken of, or always if `constant`.

    `source` is the page that it was written on, when that is not the sheet itself. An entry with `rules` is used when
    they say so, and then alone.
    """

    title: str = ""
    keys: tuple[str, ...] = ()
    text: NonBlank
    constant: bool = False
    source: str = ""
    rules: LoreRules | None = None


class Sheet(Value):
    """Everything that an author writes about a character.

    Texts may hold the card macros `{{char}}` and `{{user}}`; they are filled in by name, never evaluated.
    `traits` maps a trait to its strength, 0–1. `lost_thread` are lines to say where no answer could be made.
    """

    name: Name
    full_name: str = ""
    aliases: tuple[Name, ...] = ()
    tagline: str = ""
    emblem: str = ""
    colour: str = Field("", pattern=r"^(#[0-9a-fA-F]{6})?$")
    description: str = ""
    personality: str = ""
    scenario: str = ""
    prompt: str = ""
    closing_prompt: str = ""
    greetings: tuple[str, ...] = ()
    lost_thread: tuple[str, ...] = ()
    is_machine: bool = False
    traits: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    speaking: Speaking = Speaking()
    interests: tuple[Interest, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    timing: Timing = Timing()
    examples: tuple[Example, ...] = ()
    lore: tuple[Lore, ...] = ()
    book: BookRules = BookRules()
    settings: Options = Options()
    tags: tuple[str, ...] = ()


class Character(Value):
    """A character as the house knows it: the sheet, its id (lower case, from the name), and where it comes from.

    `origin` is `cast` (a file of the cast folder; change the file) or `database` (made over the API; change it there).
    `version` is a digest of the sheet, so that a receipt can say which text was in force.
    `source` says where an author finds it: the file's name, or the card's creator.
    """

    id: CharacterId
    sheet: Sheet
    origin: Literal["cast", "database"]
    version: str
    source: str = ""

    @property
    def name(self) -> str:
        """The name that the character is called by."""
        return self.sheet.name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that means this character."""
        sheet = self.sheet
        return tuple(dict.fromkeys(n for n in (sheet.name, sheet.full_name, *sheet.aliases) if n))


class SheetProblem(Value):
    """What is wrong with a file of the cast: where, what, and whether an older good version is still in use."""

    file: str
    line: int | None = None
    problem: str
    last_good_in_use: bool = False


class Cast(Value):
    """All characters, and what is wrong with the files that could not be read."""

    characters: tuple[Character, ...]
    problems: tuple[SheetProblem, ...] = ()


class CharacterRef(Value):
    """One character, by id, name or alias; case does not matter."""

    character: Name


class SheetOrCard(RootModel[dict[str, JsonValue]]):
    """A sheet, a whole character card (V1, V2, V3), or only a card's `data`: told apart by their fields."""

    model_config = ConfigDict(frozen=True)


class SheetChange(Value):
    """A new sheet, or card, in place of the one that a character has. The body is the sheet itself."""

    model_config = ConfigDict(extra="allow")

    character: Name

    @property
    def content(self) -> dict[str, Any]:
        """The sheet or card as it was sent."""
        return dict(self.model_extra or {})


class CardFile(Value):
    """A character card as a file: JSON, or PNG with the card inside, in base64. `replace` overwrites a namesake."""

    content_base64: str
    filename: str = ""
    replace: bool = False


class ExportRequest(Value):
    """Which character to export and how: `json` or `png`, as a card of version 2 or 3."""

    character: Name
    format: Literal["json", "png"] = "json"
    version: Literal["2", "3"] = "3"


class ExportedCard(Value):
    """A card ready to be saved under `filename`."""

    filename: str
    media_type: str
    content_base64: str


class PromptRequest(Value):
    """For which occasion a prompt is wanted.

    `guidance` are lines that optimisation or an earlier failed draft ask to be heeded. `people` are the others
    present, by display name. `particular` asks for the character's own guidance (attempts 7 to 10). `falls_in_on` is
    whose line the character takes up although nobody asked it; `opens_on` is what it begins a conversation about, when
    it does: empty for whatever it likes.
    """

    character: Name
    people: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    particular: bool = False
    falls_in_on: str = ""
    opens_on: str | None = None


class Prompt(Value):
    """The character's side of a prompt: `system` goes first, `closing` (may be empty) after the conversation.

    `cast` are the names of the other characters; `version` is the sheet's digest.
    """

    character: CharacterId
    name: str
    system: str
    closing: str = ""
    settings: Options = Options()
    cast: tuple[str, ...] = ()
    version: str = ""


class Traits(Value):
    """What others need to judge a line of this character: the character, and every other name of the cast."""

    character: Character
    others: tuple[str, ...] = ()


class LineToCheck(Value):
    """A line that a character is supposed to say."""

    character: Name
    response: str


class LineCheck(Value):
    """Whether a line keeps to the sheet. `violations` name each broken rule, `score` is 0–1."""

    valid: bool
    score: float
    violations: tuple[str, ...] = ()
    matched_patterns: tuple[str, ...] = ()
