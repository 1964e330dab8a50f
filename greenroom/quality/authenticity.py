"""Does the line sound like the character? Compared with its own lines, and with those of the others there."""

from collections import Counter

from greenroom.quality import habits
from greenroom.quality.component import Component, Evidence, Features, clamp, share
from greenroom.quality.draft import QUOTED
from greenroom.quality.identity import clerk_phrases, list_marks
from greenroom.quality.length import excess
from greenroom.quality.voice import Voice, count_in, leaning, overheard, pieces_of
from greenroom.text import words

TYPICAL_PIECES, TYPICAL_WORDS = 0.6, 0.52
"""Log ratio of one piece in an ordinary line of one's own; estimated from 222 lines of plays and novels, 2026-11."""
PET_WORD = 3
"""A word that the character used so often, and nobody else here did, is one of its own."""


def measure(evidence: Evidence) -> Features:
    """Likeness in pieces of words, words and habits; topics; pet words; what does not belong."""
    draft, profile = evidence.draft, evidence.profile
    found = Counter(words(draft.spoken))
    pieces = Counter(pieces_of(draft.spoken))
    mine, theirs = _voices(evidence, pieces, found)
    topics = draft.topics
    names = {word for name in (*draft.mine, *draft.theirs) for word in words(name)}
    return {
        "sounds_like_me": clamp(_leaning_in_pieces(pieces, mine, theirs), -1, 1),
        "my_words": clamp(_leaning_in_words(found, mine, theirs), -1, 1),
        "my_habits": clamp(_habits(evidence) / 2, -1, 1),
        "my_way_to_call": _way_to_call(evidence),
        "pet_words": clamp(_pet_words(found, mine, theirs) / 3),
        "catchphrase": float(any(p in draft.text.casefold() for p in profile.catchphrases)),
        "about_me": share(len((topics & profile.topics) - names), len(topics)),
        "like_my_lines": evidence.closeness.get("like_my_lines", 0.0),
        "like_my_sheet": evidence.closeness.get("like_my_sheet", 0.0),
        "my_topics": share(len(topics & {t for line in draft.own_lines for t in line.topics}), len(topics)),
        "names_itself": _names_itself(evidence),
        "help_desk": min(2, len(clerk_phrases(draft, profile)) + list_marks(draft)) * (not draft.sheet.is_machine),
        "unlike_my_length": excess(draft, profile),
        "against_the_sheet": 0.0 if evidence.check.valid else 1.0,
    }


COMPONENT = Component(
    name="authenticity",
    measure=measure,
    advice={
        "sounds_like_me": "Keep closer to the wording of the character's example lines.",
        "my_words": "Use the character's own vocabulary.",
        "names_itself": "Do not use the character's own name.",
        "help_desk": "Talk like a person in a chat, not like an assistant.",
        "unlike_my_length": "Keep the reply as short as the character's other lines.",
        "against_the_sheet": "Keep to the rules of the character sheet.",
    },
    faults={
        "names_itself": "names_itself",
        "help_desk": "assistant_manner",
    },
)


def _voices(evidence: Evidence, pieces: Counter[str], found: Counter[str]) -> tuple[list[Voice], list[Voice]]:
    """The character's voice, in the sheet and here, and those of the others."""
    mine = overheard(evidence.draft.own_lines, pieces, found)
    theirs = overheard(evidence.draft.other_lines, pieces, found)
    return [evidence.profile.voice, mine], [theirs, *(profile.voice for profile in evidence.company)]


def _leaning_in_pieces(found: Counter[str], mine: list[Voice], theirs: list[Voice]) -> float:
    own, other = [voice.pieces for voice in mine], [voice.pieces for voice in theirs]
    return leaning(found, own, other, typical=TYPICAL_PIECES, calm=60)


def _leaning_in_words(found: Counter[str], mine: list[Voice], theirs: list[Voice]) -> float:
    own, other = [voice.words for voice in mine], [voice.words for voice in theirs]
    return leaning(found, own, other, typical=TYPICAL_WORDS, calm=6)


def _habits(evidence: Evidence) -> float:
    """Compared with the others here, since a conversation has a tone of its own; with the sheet, where all is new."""
    draft = evidence.draft
    mine = draft.own_habits if draft.own_lines else evidence.profile.habits
    return habits.leaning(draft.text, mine, draft.other_habits)


def _way_to_call(evidence: Evidence) -> float:
    """1 when the reply calls somebody as the character does, -1 as only others do, such as by its own title."""
    draft, found = evidence.draft, habits.called(evidence.draft.text)
    mine = evidence.profile.habits.called | draft.own_habits.called
    theirs = draft.other_habits.called
    return clamp(len(found & mine) - len(found & (theirs - mine)), -1, 1)


def _pet_words(found: Counter[str], mine: list[Voice], theirs: list[Voice]) -> int:
    own, other = [voice.words for voice in mine], [voice.words for voice in theirs]
    return sum(count_in(own, word) >= PET_WORD and not count_in(other, word) for word in found)


def _names_itself(evidence: Evidence) -> float:
    """1 when a character says its own name that never does, towards 0 for one that does so in every other line."""
    if not evidence.draft.names_me(evidence.draft.without_introduction(QUOTED.sub(" ", evidence.draft.spoken))):
        return 0.0
    lines = (*evidence.profile.lines, *(line.text for line in evidence.draft.own_lines))
    named = sum(map(evidence.draft.names_me, lines))
    return clamp(1 - 2 * share(named, len(lines)))
