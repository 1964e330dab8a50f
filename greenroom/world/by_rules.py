"""A turn read by rules, as changes to the world; and the mood of it, which is read in this way in any case."""

from collections.abc import Iterator, Sequence

from greenroom.model import ProposedChange, Told
from greenroom.text import words
from greenroom.world.fold import said
from greenroom.world.occasion import Occasion
from greenroom.world.proposals import proposed
from greenroom.world.rules import Finding, Line, read

_MOODS = {
    "cheerful": "haha lol lmao great awesome yay happy laugh laughs laughing fun funny hilarious cheers party",
    "tense": "angry furious shut fight hate threat threatens yells shouts stop damn enough idiot",
    "sad": "sad sorry cry cries crying died funeral miss lonely lost grief tears",
    "afraid": "afraid scared fear terrified help danger run hide monster blood",
    "tender": "love kiss hug darling dear sweet thank thanks grateful",
}
_MOOD_OF = {word: mood for mood, listed in _MOODS.items() for word in listed.split()}


def by_rules(occasion: Occasion) -> list[ProposedChange]:
    """What the rules find in a turn: what the person said, then what the character did, as its invention."""
    return list(_changes(occasion))


def setting(occasion: Occasion) -> list[ProposedChange]:
    """Where a turn says that it happens, and its mood, as far as words tell."""
    here = next((f for f, invented in _findings(occasion) if f.is_scene and not invented), None)
    mood = _mood(f"{occasion.line} {occasion.reply}")
    if here is None and not mood:
        return []
    told = Told(name=here.name if here else "", mood=mood)
    return [proposed(occasion, told, 0, here.evidence if here else "", kind="scene")]


def _changes(occasion: Occasion) -> Iterator[ProposedChange]:
    findings = list(_findings(occasion))
    by_person = [said(finding.information) for finding, invented in findings if finding.information and not invented]
    for ordinal, (finding, invented) in enumerate(findings, start=1):
        if invented and (_is_echo(finding, by_person) or occasion.is_recalled(finding.information or finding.name)):
            continue
        told = Told(
            name=finding.name,
            type=finding.type,
            information=finding.information,
            slot=finding.slot,
            aliases=finding.aliases,
            connections=finding.connections,
        )
        yield proposed(occasion, told, ordinal, finding.evidence, invented=invented)


def _is_echo(finding: Finding, by_person: Sequence[tuple[str, ...]]) -> bool:
    """Whether a character only takes up what the person has just said, whatever it puts behind it."""
    return any(said(finding.information)[: len(told)] == told for told in by_person)


def _findings(occasion: Occasion) -> Iterator[tuple[Finding, bool]]:
    names = [name for character in occasion.cast for name in character.names]
    for finding in read(Line(occasion.line, occasion.speaker), names):
        yield finding, False
    for finding in read(Line(occasion.reply, occasion.turn.character_name, is_person=False), names):
        yield finding, True


def _mood(text: str) -> str:
    """The mood that most of the telling words speak of; empty where none does, or two speak alike."""
    found = [mood for word in words(text) if (mood := _MOOD_OF.get(word))]
    counts = sorted(((found.count(mood), mood) for mood in set(found)), reverse=True)
    if not counts or (len(counts) > 1 and counts[0][0] == counts[1][0]):
        return ""
    return counts[0][1]
