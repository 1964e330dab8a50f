"""What each kind of cue is answered with, where neither an own line nor a fact of the part answers it."""

import re
from collections.abc import Callable
from decimal import Decimal

from greenroom.llm.understudy.cue import Cue, sounds_bad, stems
from greenroom.llm.understudy.facts import aside_for
from greenroom.llm.understudy.feeling import feeling
from greenroom.llm.understudy.own_lines import topic_of
from greenroom.llm.understudy.recollection import told_before, told_name
from greenroom.llm.understudy.scene import Scene
from greenroom.llm.understudy.voice import capitalised, mirrored
from greenroom.text import sentences, words

QUIET_KINDS = frozenset({
    "greeting", "farewell", "thanks", "apology", "sad", "how_are_you", "love", "your_name", "my_name", "recall",
    "injection", "machine", "introduction", "about_me", "hug", "befriend", "feelings", "age", "time_now",
})  # fmt: skip
"""Kinds that a burst of catchphrase would spoil."""

_PRIVATE_KINDS = frozenset({"where", "when", "how_many", "home"})
"""Kinds that ask for a fact; about oneself one can decline."""
_BACK = {"do": "do", "does": "do", "did": "did", "are": "am", "is": "am", "was": "was", "were": "was", "can": "can",
         "could": "could", "will": "will", "would": "would", "have": "have", "has": "have", "had": "had",
         "should": "should", "shall": "shall", "may": "may", "might": "might", "am": "am"}  # fmt: skip
_NEGATED = {"do": "don't", "did": "didn't", "am": "am not", "was": "wasn't", "can": "can't", "could": "couldn't",
            "will": "won't", "would": "wouldn't", "have": "haven't", "had": "hadn't", "should": "shouldn't",
            "shall": "shan't", "may": "may not", "might": "might not"}  # fmt: skip
_ASKED_ME = re.compile(
    r"\b(do|did|are|were|can|could|will|would|have|had|should)(?:n['’]t)?\s+(?:you|ya)\b", re.IGNORECASE
)
_PAST = re.compile(r"\b(?:was|were|had|got|took|went|came|lost|once|\w{2,}ed)\b", re.IGNORECASE)
_ABOUT_ME = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_ASKED_A_FAVOUR = re.compile(
    r"\b(?:can|could|would|will) (?:you|ya) (?:please )?"
    r"(?:tell|give|show|help|sing|write|make|do|say|explain|bring|get|lend)\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b((?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    r"|\d{1,4})[ -]?){1,3})[ -]years?[ -]old"
    r"|\b((?:twenty|thirty|forty|fifty|sixty|seventy)-something)\b",
    re.IGNORECASE,
)
_FITS = 0.45
_REMARKS_FIRST = 0.4
_QUOTED_FROM = 600
"""Characters at the beginning of a line that are looked through for something to quote."""
_ROLES = frozenset({
    "friend", "enemy", "wife", "husband", "mother", "father", "brother", "sister", "son", "daughter", "boss",
    "nemesi", "dog", "neighbour", "girlfriend", "boyfriend", "uncle", "aunt",
})  # fmt: skip
_SIGNS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda a, b: a + b, "plus": lambda a, b: a + b, "-": lambda a, b: a - b, "minus": lambda a, b: a - b,
    "*": lambda a, b: a * b, "x": lambda a, b: a * b, "×": lambda a, b: a * b, "times": lambda a, b: a * b,
    "/": lambda a, b: a / b, "÷": lambda a, b: a / b, "divided by": lambda a, b: a / b,
}  # fmt: skip


def answers_to(scene: Scene) -> list[str]:
    """The pieces of an answer to the scene's cue: what is said to it, and perhaps a line that follows anything."""
    kind = scene.cue.kind
    if kind in _PRIVATE_KINDS and _ABOUT_ME.search(scene.cue.text):
        return [scene.say("private"), scene.own_line(0.3)]
    if answer := _ANSWERS.get(kind):
        return answer(scene)
    return [scene.say(kind), scene.own_line(0.4) if kind not in QUIET_KINDS else ""]


def _statement(scene: Scene) -> list[str]:
    if len(words(scene.cue.text)) <= 2 and (told := _of_somebody(scene)):
        return told
    topic = topic_of(scene.part, scene.cue)
    if topic and not sounds_bad(scene.cue.text):
        return [scene.say("fond", topic=topic), scene.own_line(0.6)]
    aside = aside_for(scene.part, scene.cue)
    if aside and scene.random.random() < 0.6 and not scene.said.holds(aside):
        return [f"{scene.say('fact_aside')} {aside}"]
    kinds = [kind for kind, slot in (("echo", "echo"), ("topic", "topic")) if scene.values[slot]] or ["statement"]
    return [scene.say_new(scene.random.choice(kinds)) or scene.say("statement"), scene.own_line(0.7)]


def _overheard(scene: Scene) -> list[str]:
    """What the part has to say of a line that was not meant for it; a remark on who said it where that is nothing."""
    told = scene.own.bearing_on(scene.talk_of) or aside_for(scene.part, scene.cue)
    if told and not scene.was_told(told):
        line = scene.to_speaker(told)
        remarks = scene.cue.author not in line and scene.random.random() < _REMARKS_FIRST
        return [scene.say_new("overheard") if remarks else "", line]
    return [scene.say_new("overheard") or scene.say("overheard"), scene.own_line(0.6)]


def _your_name(scene: Scene) -> list[str]:
    told = scene.say("your_name" if scene.part.name else "nameless")
    return [told, scene.own_line(0.5)]


def _injection(scene: Scene) -> list[str]:
    return [scene.say("injection"), scene.own_line(0.4)]


def _machine(scene: Scene) -> list[str]:
    return [scene.say("machine" if scene.part.name else "nameless")]


def _my_name(scene: Scene) -> list[str]:
    told = told_name(scene.their_lines)
    if told and told.casefold() != scene.cue.author.casefold():
        return [scene.say("my_name_told", item=told)]
    return [scene.stock.pick("my_name" if scene.cue.author else "my_name_unknown", scene.values)]


def _introduction(scene: Scene) -> list[str]:
    told = told_name([scene.cue.text])
    return [scene.say("introduction", item=told) if told else scene.say("greeting")]


def _about_me(scene: Scene) -> list[str]:
    told = told_before(scene.cue, scene.their_lines)
    return [scene.say("told_me", echo=told) if told else scene.say("never_told")]


def _age(scene: Scene) -> list[str]:
    found = _AGE.search(" ".join(scene.part.about))
    age = (found[2] or f"{found[1].strip()}") if found else ""
    return [scene.say("age", item=age.casefold()) if age else scene.say("private"), scene.own_line(0.2)]


def _go_on(scene: Scene) -> list[str]:
    return [scene.say("go_on"), scene.own_line(0.9)]


def _recall(scene: Scene) -> list[str]:
    who = scene.cue.found.get("1", "i").casefold()
    who = scene.cue.author.casefold() if who in {"i", "we"} else who
    theirs = [line.text[:_QUOTED_FROM] for line in scene.heard if not line.own and line.author.casefold() == who]
    about = scene.cue.stems - stems(who)
    theirs.sort(key=lambda text: len(stems(text) & about))
    if not theirs:
        return [scene.say("recall_nothing")]
    quoted = re.sub(r"[\"“”\s]+", " ", sentences(theirs[-1])[0] if sentences(theirs[-1]) else theirs[-1])
    short = " ".join(quoted.split()[:14]).rstrip(".,;")
    return [scene.say("recall", item=short)]


def _repeated(scene: Scene) -> list[str]:
    return [scene.say("repeated"), scene.own_line(1.0) or scene.say("statement")]


def _story(scene: Scene) -> list[str]:
    tales = sorted((line.text for line in scene.own.fresh), key=lambda text: -len(_PAST.findall(text)))[:5]
    tale = scene.to_speaker(scene.random.choice(tales)) if tales else " ".join(scene.part.facts[:2])
    return [f"{scene.say('story')} {tale}"] if tale else [scene.say("request")]


def _say_to(scene: Scene) -> list[str]:
    return [scene.say("say_to", item=scene.cue.found["topic"]) or scene.say("greeting", name=scene.cue.found["topic"])]


def _tease(scene: Scene) -> list[str]:
    return [scene.say("tease", item=_whom(scene)) if _whom(scene) else scene.say("myself")]


def _praise(scene: Scene) -> list[str]:
    who = _whom(scene)
    if not who:
        return [scene.say("myself")]
    known = scene.own.best(Cue(f"What do you think of {who}?", "opinion", topic=who), _FITS)
    return [known] if known else _of_somebody(scene) or [scene.say("praise", item=who)]


def _whom(scene: Scene) -> str:
    """Who shall be teased or praised; nobody when it is the character itself, or a thing without a name."""
    asked = scene.cue.found.get("topic", "")
    if any(set(words(name)) & set(words(asked)) for name in scene.part.names):
        return ""
    known = next((who for who, _ in scene.part.people if set(words(who)) <= set(words(asked))), "")
    if asked.casefold() in {"him", "her"}:
        return scene.somebody
    return known or (scene.cue.author if asked.casefold() == "me" else capitalised(asked))


def _opinion(scene: Scene) -> list[str]:
    return _of_somebody(scene) or _of_something(scene, "opinion")


def _relation(scene: Scene) -> list[str]:
    return _of_somebody(scene) or _of_something(scene, "relation")


def _and_you(scene: Scene) -> list[str]:
    return _of_something(scene, "relation") if scene.cue.topic else [scene.say("myself"), scene.own_line(0.5)]


def _tell_about(scene: Scene) -> list[str]:
    return _of_somebody(scene) or _of_something(scene, "opinion")


def _who(scene: Scene) -> list[str]:
    return _of_a_role(scene) or _of_somebody(scene) or [scene.say("who"), scene.own_line(0.2)]


def _of_somebody(scene: Scene) -> list[str]:
    said = set(words(scene.cue.text))
    if any(set(words(name)) <= said for name in scene.part.names):
        return [scene.say("myself")]
    meant = scene.somebody
    for who, how in scene.part.people:
        if how and (who == meant or set(words(who)) <= said):
            told = feeling(who, how)
            if told and not scene.times_asked and not scene.said.holds(told):
                return [capitalised(told), scene.own_line(0.3)]
            return [scene.say("fond", topic=who), scene.own_line(0.5)]
    return []


def _of_a_role(scene: Scene) -> list[str]:
    """The one of the people who is what was asked for: "who is your best friend?"."""
    wanted = stems(scene.cue.text) & _ROLES
    for who, how in scene.part.people:
        if wanted and wanted <= stems(how) and (told := feeling(who, how)) and not scene.said.holds(told):
            return [told.replace("?", ".", 1), scene.own_line(0.3)]
    return []


def _of_something(scene: Scene, kind: str) -> list[str]:
    topic = topic_of(scene.part, scene.cue)
    if topic:
        return [scene.say("fond", topic=scene.cue.topic or topic), scene.own_line(0.5)]
    return [scene.say(kind) or _unknown(scene), scene.own_line(0.5)]


def _favourite(scene: Scene) -> list[str]:
    return [scene.say("favourite"), scene.own_line(0.4)]


def _sum(scene: Scene) -> list[str]:
    first, sign, second = (scene.cue.found[place] for place in ("1", "2", "3"))
    if not Decimal(second) and sign.casefold() in {"/", "÷", "divided by"}:
        return [scene.say("sum_impossible")]
    made = _SIGNS[sign.casefold()](Decimal(first), Decimal(second))
    return [scene.say("sum", item=f"{made:,.10f}".rstrip("0").rstrip("."))]


def _choice(scene: Scene) -> list[str]:
    left = scene.cue.found["left"]
    options = [
        left if scene.cue.found["right"][0].isupper() else left[0].lower() + left[1:],
        re.sub(r"\s+(?:today|tonight|then|now)$", "", scene.cue.found["right"]),
    ]
    if "you" in options:
        return [scene.say("choice", item="me"), scene.own_line(0.15)]
    liked = [o for o in options if any(stems(o) & stems(" ".join((t.name, *t.keywords))) for t in scene.part.topics)]
    chosen = liked[0] if len(liked) == 1 else options[scene.leaning(options[0]) % 2]
    return [scene.say("choice", item=mirrored(chosen)), scene.own_line(0.15)]


def _yes_no(scene: Scene) -> list[str]:
    asked = _ASKED_ME.search(scene.cue.text)
    if scene.somebody and (told := _of_somebody(scene)):
        return told
    known = stems(" ".join(scene.part.about)) if asked else frozenset()
    yes = (
        bool(topic_of(scene.part, scene.cue) or known & scene.cue.stems)
        or scene.leaning(" ".join(sorted(scene.cue.stems))) % 5 < 3
    )
    if not asked:
        return [scene.say("yes" if yes else "no"), scene.own_line(0.3)]
    if _ASKED_A_FAVOUR.search(scene.cue.text):
        return [scene.say("request"), scene.own_line(0.4)]
    back = _BACK[asked[1].casefold()]
    return [
        scene.say("yes_me", item=back) if yes else scene.say("no_me", item=_NEGATED[back]),
        scene.own_line(0.3),
    ]


def _what(scene: Scene) -> list[str]:
    return _of_a_role(scene) or _of_somebody(scene) or [_unknown(scene)]


def _advice(scene: Scene) -> list[str]:
    return [scene.say("advice"), scene.own_line(0.3)]


def _unknown(scene: Scene) -> str:
    ignorant = scene.own.ignorant()
    return (
        scene.to_speaker(scene.random.choice(ignorant))
        if ignorant and scene.random.random() < 0.6
        else scene.say("unknown")
    )


_ANSWERS: dict[str, Callable[[Scene], list[str]]] = {
    "statement": _statement,
    "overheard": _overheard,
    "your_name": _your_name,
    "injection": _injection,
    "machine": _machine,
    "my_name": _my_name,
    "introduction": _introduction,
    "about_me": _about_me,
    "age": _age,
    "go_on": _go_on,
    "tease": _tease,
    "praise": _praise,
    "recall": _recall,
    "repeated": _repeated,
    "story": _story,
    "say_to": _say_to,
    "opinion": _opinion,
    "relation": _relation,
    "and_you": _and_you,
    "tell_about": _tell_about,
    "who": _who,
    "favourite": _favourite,
    "sum": _sum,
    "choice": _choice,
    "yes_no": _yes_no,
    "what": _what,
    "advice": _advice,
}
