"""What a reader has in mind while it reads a line: what was found, and whom he, she and it mean."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from greenroom.model import EntityType

_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Line:
    """Words that somebody said. Of what characters say of themselves nothing is taken: they have sheets."""

    text: str
    speaker: str
    is_person: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was said of somebody or something; of a scene, that it is here.

    Without a type it counts only where the name means something already.
    """

    name: str
    type: EntityType | None
    information: str = ""
    slot: str = ""
    evidence: str = ""
    aliases: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    is_scene: bool = False


@dataclass
class Mind:
    """`somebody` is whom he and she mean, `something` what it means: those who were spoken of last. `unnamed` is what
    somebody is to the speaker who was spoken of without a name.
    """

    line: Line
    known: dict[str, EntityType]
    somebody: str = ""
    something: tuple[str, EntityType] | None = None
    unnamed: str = ""
    found: list[Finding] = field(default_factory=list)

    def kind(self, name: str) -> EntityType | None:
        """What is known by this name."""
        return self.known.get(_ARTICLE.sub("", name).casefold())

    def may_mean(self, name: str) -> bool:
        """Whether a name may be one that was told before: what is said of it counts then, and otherwise not."""
        return self.kind(name) is None and len(name) > 1

    def find(self, findings: Iterable[Finding]) -> None:
        """Keep findings, and who and what was spoken of. What is longer than any name is none."""
        for finding in findings:
            if any(len(name) > _LONGEST_NAME for name in (finding.name, *finding.aliases)):
                continue
            self.found.append(finding)
            if finding.type is None:
                continue
            self.known.setdefault(_ARTICLE.sub("", finding.name).casefold(), finding.type)
            if finding.type != "character":
                self.something = (finding.name, finding.type)
            elif finding.name != self.line.speaker:
                self.somebody = finding.name

    def third_person(self, text: str) -> str:
        """A text without I and my, which mean nobody in a note."""
        me = self.line.speaker
        swapped = re.sub(r"\b(?:my|our|mine|ours)\b", lambda _: f"{me}'s", text)
        return re.sub(r"\b(?:me|I|us|we|myself)\b", lambda _: me, swapped).strip(" ,.")
