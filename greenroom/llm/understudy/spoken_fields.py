"""What to write into the text fields of a JSON answer, by their names: from the conversation, or in character."""

import re
from collections.abc import Callable

from greenroom.llm.understudy.cue import Cue
from greenroom.llm.understudy.gist import gist
from greenroom.llm.understudy.part import Part
from greenroom.text import content_words, mentions, sentences

_MOOD_BY_KIND = {
    "sad": "sad",
    "glad": "happy",
    "insult": "annoyed",
    "laugh": "amused",
    "love": "touched",
    "thanks": "pleased",
    "disagree": "doubtful",
    "compliment": "flattered",
    "greeting": "friendly",
}
_PROPER = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?")


class SpokenFields:
    """Texts for fields. `speak` gives another line in character each time it is called with another number."""

    def __init__(self, part: Part, cue: Cue, everything: str, speak: Callable[[int], str]) -> None:
        self.part = part
        self.cue = cue
        self.everything = everything
        self.speak = speak
        self.spoken = 0

    def say(self, field: str) -> str:
        """The text for a field of this name; never empty."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", field).casefold().strip()
        for pattern, write in _FIELDS:
            if re.search(rf"\b(?:{pattern})\b", name) and (text := write(self, name)):
                return text
        return self._from_conversation(name) or (self._line(name) if not name else "unknown")

    def _line(self, _name: str) -> str:
        self.spoken += 1
        return self.speak(self.spoken)

    def _gist(self, _name: str) -> str:
        return gist(self.everything)

    def _entity(self, name: str) -> str:
        """Somebody or something named in the conversation, another one each time."""
        known = mentions(self.everything, [*self.part.names[:1], *(who for who, _ in self.part.people)])
        found = list(dict.fromkeys([*known, *_PROPER.findall(self.everything)])) or [self.cue.author or self.part.name]
        self.spoken += 1
        return found[(self.spoken - 1) % len(found)] or self._word(name)

    def _title(self, _name: str) -> str:
        subject = self.cue.topic or " ".join(content_words(self.cue.text)[:3])
        return (subject[:1].upper() + subject[1:]) or "Small talk"

    def _me(self, _name: str) -> str:
        return self.part.name or self._proper() or self.cue.author

    def _you(self, _name: str) -> str:
        return self.cue.author or self._proper()

    def _word(self, name: str) -> str:
        found = list(dict.fromkeys(content_words(self.cue.text)))
        number = re.search(r"(?<!\d)\d+$", name)
        self.spoken += 1
        return found[(self.spoken - 1 + int(number[0] if number else 0)) % len(found)] if found else "talk"

    def _mood(self, _name: str) -> str:
        return _MOOD_BY_KIND.get(self.cue.kind, "calm")

    def _reason(self, _name: str) -> str:
        last = sentences(self.cue.text)
        return f"It follows from what was said last: {last[-1]}" if last else "Nothing was said that speaks against it."

    def _proper(self) -> str:
        found = _PROPER.search(self.cue.text)
        return found[0] if found else ""

    def _from_conversation(self, name: str) -> str:
        """What stands after the field's name in the conversation: `city: Paris`, `the city is Paris`."""
        told = (
            re.search(
                rf"\b{re.escape(name)}\b\s*(?:is|was|:|=)\s*[\"“]?([^\n.,;!?\"”]{{1,80}})",
                self.everything,
                re.IGNORECASE,
            )
            if name
            else None
        )
        return told[1].strip() if told else ""


_FIELDS: tuple[tuple[str, Callable[[SpokenFields, str], str]], ...] = (
    ("reply|response|text|message|line|content|answer|dialogue|say|says|speech|utterance|comment", SpokenFields._line),
    ("summary|gist|overview|description|note|notes|memory|synopsis|abstract|recap|what happened", SpokenFields._gist),
    ("title|topic|subject|theme|headline", SpokenFields._title),
    ("user|author|person|player|customer|sender|recipient", SpokenFields._you),
    ("name|speaker|character|who", SpokenFields._me),
    ("keyword|keywords|tag|tags|label|labels|key|slug|word|words|category|id", SpokenFields._word),
    ("entity|entities|place|location|thing|item", SpokenFields._entity),
    ("mood|emotion|sentiment|tone|feeling", SpokenFields._mood),
    ("reason|reasons|why|explanation|rationale|justification|evidence|cause|reasoning", SpokenFields._reason),
    ("language|lang", lambda _fields, name: "en" if name == "lang" else "English"),
)
