"""What a sheet says, prepared for comparison once per version of the sheet."""

from dataclasses import dataclass
from functools import cached_property

from cachetools import LRUCache

from greenroom.model import Character
from greenroom.quality.facts import Facts, facts_of
from greenroom.quality.habits import Habits, called, habits_of, habits_of_all
from greenroom.quality.voice import Voice, listen
from greenroom.text import content_words, fill, shingles, words

KEPT = 64
LEAK_WORDS = 8
"""The length of the runs of words by which a reply is compared with the prompt."""


@dataclass(frozen=True)
class Profile:
    """A character as its sheet shows it.

    `lines` are words that the author put into its mouth; `about` is all the rest, of which `secret` is the part that
    is written for the model alone.
    """

    name: str
    lines: tuple[str, ...]
    about: str
    secret: str
    catchphrases: tuple[str, ...]

    @cached_property
    def voice(self) -> Voice:
        """The voice of the lines."""
        return listen(self.lines)

    @cached_property
    def habits(self) -> Habits:
        """The habits of the lines."""
        return habits_of_all((habits_of(line), called(line)) for line in self.lines)

    @cached_property
    def said(self) -> str:
        """All the lines, folded, for looking up phrases."""
        return self.spoken.casefold()

    @cached_property
    def spoken(self) -> str:
        """All the lines as they are written."""
        return "\n".join(self.lines)

    @cached_property
    def facts(self) -> Facts:
        """What the description states outright."""
        return facts_of(self.secret, self.name)

    @cached_property
    def topics(self) -> frozenset[str]:
        """The topics of the description."""
        return frozenset(content_words(self.about))

    @cached_property
    def own_topics(self) -> frozenset[str]:
        """The topics of the lines."""
        return frozenset(content_words(self.said))

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Every word of the sheet."""
        return frozenset(words(self.about)) | frozenset(words(self.said))

    @cached_property
    def secret_runs(self) -> set[tuple[str, ...]]:
        """Runs of eight words that describe the character and that it would not say of itself."""
        return runs(self.secret) - self.own_runs

    @cached_property
    def own_runs(self) -> set[tuple[str, ...]]:
        """Runs of eight words out of the character's own lines."""
        return {run for line in self.lines for run in runs(line)}


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of eight words; none in a shorter text."""
    tokens = words(text)
    return shingles(tokens, LEAK_WORDS) if len(tokens) >= LEAK_WORDS else set()


def profile_of(character: Character) -> Profile:
    """Prepare a sheet."""
    sheet = character.sheet
    values = {"char": sheet.name, "user": "you"}
    lines = (*(e.reply for e in sheet.examples), *sheet.greetings, *sheet.speaking.catchphrases)
    secret = (sheet.description, sheet.personality, sheet.scenario, sheet.prompt, sheet.closing_prompt)
    about = (
        *character.names,
        *(sheet.tagline, *secret),
        *(" ".join((i.topic, *i.keywords)) for i in sheet.interests),
        *(f"{r.who} {r.how}" for r in sheet.relationships),
        *(f"{entry.title} {' '.join(entry.keys)} {entry.text}" for entry in sheet.lore),
        *(e.prompt for e in sheet.examples),
    )
    return Profile(
        sheet.name,
        tuple(fill(line, values) for line in lines),
        fill("\n".join(filter(None, about)), values),
        fill("\n".join(secret), values),
        tuple(phrase.casefold() for phrase in sheet.speaking.catchphrases),
    )


class Profiles:
    """The profiles used last, by character and version."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, str], Profile] = LRUCache(KEPT)

    def of(self, character: Character) -> Profile:
        """The profile of a character, prepared now unless it is at hand."""
        key = (character.id, character.version)
        if key not in self._kept:
            self._kept[key] = profile_of(character)
        return self._kept[key]
