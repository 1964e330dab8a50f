"""Checks of what a model reads out of a turn. What does not stand in the turn does not come into the world."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from greenroom.model import Creation, Entity, Intentions, ProposedChange, Told, Update
from greenroom.text import content_words, plain, without_fence, words
from greenroom.world.names import key_of
from greenroom.world.occasion import Occasion
from greenroom.world.proposals import proposed
from greenroom.world.rules.slots import slot_of

_MOST_PARTS = 50
_SUPPORTED = 0.6
"""Of the words of a piece of news, how many must stand in the turn."""
_LEAST_QUOTE = 2


class Unreadable(Exception):
    """The answer is no JSON object with lists of updates and creations."""


def parts_of(text: str) -> tuple[Intentions, list[str]]:
    """The parts of an answer that have the right form, and why the others have not. Raises: Unreadable."""
    try:
        answer = msgspec.json.decode(without_fence(text))
    except msgspec.DecodeError as exc:
        raise Unreadable(str(exc)) from exc
    if not isinstance(answer, dict):
        raise Unreadable("the answer is no object")
    updates, bad_updates = _well_formed(answer.get("updates"), Update)
    creations, bad_creations = _well_formed(answer.get("creations"), Creation)
    return Intentions(updates=tuple(updates), creations=tuple(creations)), bad_updates + bad_creations


def _well_formed(listed: Any, kind: type[BaseModel]) -> tuple[list[Any], list[str]]:
    if not isinstance(listed, list):
        return [], [] if listed is None else [f"{kind.__name__.casefold()}s is no list"]
    found, dropped = [], []
    for part in listed[:_MOST_PARTS]:
        try:
            found.append(kind.model_validate(part))
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(name) for name in first["loc"]) or kind.__name__.casefold()
            dropped.append(f"{where}: {first['msg']}")
    return found, dropped


def checked(occasion: Occasion, intentions: Intentions, offered: Mapping[str, Entity]) -> list[ProposedChange]:
    """The parts as changes, those that fail a check as `dropped` with the reason. `offered` are the entities that the
    model was told of."""
    return list(_checked(occasion, intentions, offered))


def _checked(occasion: Occasion, intentions: Intentions, offered: Mapping[str, Entity]) -> Iterator[ProposedChange]:
    for ordinal, (told, evidence) in enumerate(_told(intentions, offered), start=1):
        reason, invented = _objection(occasion, told, evidence)
        if reason:
            told = told.model_copy(update={"reason": reason})
        kind = "dropped" if reason else "told"
        yield proposed(occasion, told, ordinal, evidence, kind=kind, invented=invented)


def _told(intentions: Intentions, offered: Mapping[str, Entity]) -> Iterator[tuple[Told, str]]:
    for update in intentions.updates:
        entity = offered.get(update.entity_id)
        if entity is None:
            yield Told(entity_id=update.entity_id, information=update.new_information), update.evidence
            continue
        news = update.new_information.strip()
        slot = slot_of(re.sub(rf"^{re.escape(entity.name)}\s+", "", news))
        told = Told(entity_id=entity.id, name=entity.name, type=entity.type, information=news, slot=slot)
        yield told, update.evidence
    for new in intentions.creations:
        yield Told(name=new.name, type=new.entity_type, information=new.initial_data.strip()), new.evidence


def _objection(occasion: Occasion, told: Told, evidence: str) -> tuple[str, bool]:
    """Why a part is refused, empty where it is not; and whether it is what a character made up."""
    if not told.name:
        return f"there is no entity {told.entity_id!r}", False
    if not key_of(told.name):
        return "the name has no letters", False
    said_by_person = _stands_in(evidence, occasion.line)
    if not said_by_person and not _stands_in(evidence, occasion.reply):
        return "its evidence stands nowhere in the turn", False
    if evidence.rstrip("*_\"'”’ ").endswith("?"):
        return "it was asked, not told", not said_by_person
    turn = f"{occasion.line} {occasion.reply}"
    if not told.entity_id and key_of(told.name) not in key_of(turn):
        return "its name stands nowhere in the turn", not said_by_person
    if told.information and not _supported(told, evidence, turn, occasion):
        return "it says more than its evidence", not said_by_person
    if not said_by_person and occasion.is_recalled(evidence):
        return "it was recalled, not told", True
    return "", not said_by_person


def _stands_in(evidence: str, text: str) -> bool:
    quote, said = words(plain(evidence)), words(plain(text))
    long_enough = len(quote) >= min(_LEAST_QUOTE, max(1, len(said)))
    return long_enough and f" {' '.join(quote)} " in f" {' '.join(said)} "


def _supported(told: Told, evidence: str, turn: str, occasion: Occasion) -> bool:
    """Whether the words of the news stand in the evidence, or are names that everybody knows."""
    own = {word for name in (told.name, occasion.speaker, occasion.turn.character_name) for word in words(name)}
    news = [_stem(word) for word in content_words(plain(told.information)) if word not in own]
    there = {_stem(word) for word in words(plain(evidence))}
    return not news or sum(word in there for word in news) / len(news) >= _SUPPORTED


def _stem(word: str) -> str:
    """The beginning of a word, which its forms have in common."""
    return word[: max(4, len(word) - 3)]


def offered_in(occasion: Occasion, most: int) -> Sequence[Entity]:
    """The entities that a model is told of: those that are named in the turn first, then the newest."""
    said = f" {key_of(f'{occasion.line} {occasion.reply}')} "
    named = [e for e in occasion.entities if any(f" {key_of(name)} " in said for name in e.names if key_of(name))]
    others = sorted((e for e in occasion.entities if e not in named), key=lambda e: -e.since)
    return [*named, *others][:most]
