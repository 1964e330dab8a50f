"""What a conversation shows of who will speak next: a few numbers for each candidate, each with its meaning in words.

Sources of the ideas: rules for replies in Ubuntu's IRC channels (Kummerfeld et al., 2019), turn-taking in groups as
SillyTavern orders it, and relationship and interest as the sheets of our cast say.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from greenroom.coordinator.addressing import Forms, acted, forms, is_called, is_named, last_place, spoken
from greenroom.model import Character, Message
from greenroom.text import content_words

FEATURES: dict[str, str] = {
    "called": "was called by name",
    "named": "was spoken of by name",
    "called_before": "was called just before",
    "shown": "was part of what happened",
    "shown_last": "was the last to come in",
    "named_speaker": "was the last to speak to who speaks now",
    "spoken_to": "was the last whom the speaker named",
    "recent": "spoke not long ago",
    "alternates": "takes turns with the speaker",
    "follows": "often speaks after this speaker",
    "share": "says much in this conversation",
    "awaited": "was named, and has not spoken yet",
    "just_before": "spoke just before the speaker",
    "interest": "cares for what is spoken of",
    "warmth": "has feelings for the speaker",
    "talkative": "likes to talk",
    "unheard": "has said little of late, while characters talk among themselves",
}
"""The features in their order, each as it is told to people when it counts."""

NARRATORS = frozenset({"narrator", "environment"})
"""Authors of lines that nobody says."""
_LONGEST_MEMORY = 60
_OF_LATE = 12


@dataclass(frozen=True)
class Scene:
    """A conversation as its listeners heard it. `speaker` said the last line; `happened` is told after it."""

    lines: tuple[tuple[str, str], ...]
    last: Message | None
    happened: str
    called: Forms

    @property
    def speaker(self) -> str:
        """Who said the last line; empty when nobody has spoken."""
        return self.last.author if self.last else ""


def scene_of(
    history: Sequence[Message], candidates: Sequence[str], cast: Mapping[str, Character] | None = None
) -> Scene:
    """Read a conversation, of which the last 60 lines matter. `cast` are the candidates that have a sheet."""
    history = history[-_LONGEST_MEMORY:]
    talk = [line for line in history if line.author.casefold() not in NARRATORS]
    after = []
    for line in reversed(history):
        if line.author.casefold() not in NARRATORS:
            break
        after.append(line.content)
    names = dict.fromkeys([*candidates, *(line.author for line in talk)])
    aliases = {name: character.names for name, character in (cast or {}).items()}
    return Scene(
        lines=tuple((line.author, spoken(line.content)) for line in talk),
        last=talk[-1] if talk else None,
        happened=" ".join(reversed(after)).casefold(),
        called=forms(names, aliases),
    )


def features(scene: Scene, candidates: Sequence[str], cast: Mapping[str, Character]) -> dict[str, dict[str, float]]:
    """The features of each candidate in the order of `FEATURES`, about 0–1; `recent` and `talkative` also below 0."""
    shared = _shared(scene, candidates, scene.speaker in cast)
    return {name: dict(zip(FEATURES, _of(name, scene, shared, cast.get(name)), strict=True)) for name in candidates}


@dataclass(frozen=True)
class _Shared:
    """What is the same for all candidates."""

    last: str
    acted: str
    run: tuple[str, ...]
    before: str
    named_speaker: str
    spoken_to: str
    shown_last: str
    followers: Mapping[str, int]
    spoke: Mapping[str, int]
    topic: frozenset[str]
    among_themselves: bool


def _shared(scene: Scene, candidates: Sequence[str], among_themselves: bool) -> _Shared:
    authors = [author for author, _ in scene.lines]
    own = _run(scene)
    last = own[0] if own else ""
    others = [author for author in reversed(authors) if author != scene.speaker]
    pairs = list(pairwise(authors))
    latest = max(candidates, key=lambda name: last_place(scene.happened, scene.called[name]), default="")
    return _Shared(
        last=last,
        acted=acted(scene.last.content) + " " + scene.happened if scene.last else scene.happened,
        run=own[1:],
        before=others[0] if others else "",
        named_speaker=_who_named(scene),
        spoken_to=_whom_named(scene, candidates),
        shown_last=latest if latest and last_place(scene.happened, scene.called[latest]) >= 0 else "",
        followers={name: pairs.count((scene.speaker, name)) for name in candidates},
        spoke={name: authors.count(name) for name in candidates},
        topic=frozenset(word for _, line in scene.lines[-3:] for word in content_words(line)),
        among_themselves=among_themselves,
    )


def _of(name: str, scene: Scene, shared: _Shared, character: Character | None) -> tuple[float, ...]:
    called = scene.called[name]
    calls, names = is_called(shared.last, called), is_named(shared.last, called)
    since = _since(scene, name)
    silent = not shared.spoke[name]
    return (
        calls,
        names and not calls,
        any(is_called(line, called) for line in shared.run),
        is_named(shared.acted, called),
        name == shared.shown_last,
        name == shared.named_speaker,
        name == shared.spoken_to,
        0.0 if since is None else 1 - math.log1p(since) / math.log(8),
        len(scene.lines) > 2 and scene.lines[-3][0] == scene.speaker and shared.before == name,
        shared.followers[name] / (sum(shared.followers.values()) or 1),
        shared.spoke[name] / (sum(shared.spoke.values()) or 1),
        silent and any(is_named(line, called) for _, line in scene.lines),
        name == shared.before,
        _interest(character, shared.topic),
        _warmth(character, scene.speaker),
        character.sheet.timing.talkativeness - 0.5 if character else 0.0,
        _unheard(name, scene, len(shared.spoke)) if character and shared.among_themselves else 0.0,
    )


def _run(scene: Scene) -> tuple[str, ...]:
    """What the speaker said in one go, the last line first."""
    lines: list[str] = []
    for author, line in reversed(scene.lines):
        if author != scene.speaker:
            break
        lines.append(line)
    return tuple(lines)


def _who_named(scene: Scene) -> str:
    """Who was the last to name the speaker."""
    own = scene.called.get(scene.speaker, frozenset())
    return next((a for a, line in reversed(scene.lines) if a != scene.speaker and is_named(line, own)), "")


def _whom_named(scene: Scene, candidates: Sequence[str]) -> str:
    """Whom the speaker named last."""
    for author, line in reversed(scene.lines):
        places = {name: last_place(line, scene.called[name]) for name in candidates} if author == scene.speaker else {}
        if max(places.values(), default=-1) >= 0:
            return max(places, key=lambda name: places[name])
    return ""


def _since(scene: Scene, name: str) -> int | None:
    """How many lines ago somebody spoke."""
    return next((ago for ago, (author, _) in enumerate(reversed(scene.lines)) if author == name), None)


def _unheard(name: str, scene: Scene, candidates: int) -> float:
    """How far somebody is below an equal share of the last lines, 0–1."""
    late = [author for author, _ in scene.lines[-_OF_LATE:]]
    return max(0.0, 1 - late.count(name) * candidates / len(late)) if late else 0.0


def _interest(character: Character | None, topic: frozenset[str]) -> float:
    """How much a character cares for what is spoken of, 0–1: the dearest of its topics that has a word in it."""
    if character is None:
        return 0.0
    touched = [i.weight for i in character.sheet.interests if topic & {*i.keywords, *content_words(i.topic)}]
    return max(touched, default=0.0)


def _warmth(character: Character | None, speaker: str) -> float:
    """How strong the feeling for the speaker is, 0–1, good or bad: both make one answer."""
    if character is None or not speaker:
        return 0.0
    felt = [abs(r.warmth) for r in character.sheet.relationships if r.who.casefold() == speaker.casefold()]
    return max(felt, default=0.0)
