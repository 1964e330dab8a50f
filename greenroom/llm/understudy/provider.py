"""The built-in stand-in: a provider of the port `Llm` with no model behind it.

Text in, text out, as with any model: it works from the request alone. It can play a part, answer from passages and
fill in JSON schemas; it does not understand, and it is named as what it is (`ModelCard.stand_in`). It calls no tools.
"""

import asyncio
import re
from dataclasses import replace
from hashlib import blake2b
from itertools import islice
from zlib import crc32

import msgspec
from cachetools import LRUCache
from pydantic import JsonValue

from greenroom.clock import Clock
from greenroom.errors import InvalidInput, UnknownModel
from greenroom.llm.understudy.cue import Cue, read_cue
from greenroom.llm.understudy.gist import gist
from greenroom.llm.understudy.hashing import HashingEmbedder
from greenroom.llm.understudy.improvisation import Improvisation, Opening, Tale
from greenroom.llm.understudy.part import Part, lasting_and_passing, of_the_moment, quoted, read_part, without_guidance
from greenroom.llm.understudy.prompt_reading import Reading, read_conversation, read_prompt
from greenroom.llm.understudy.repertoire import UNDERSTUDY
from greenroom.llm.understudy.scene import Heard
from greenroom.llm.understudy.spoken_fields import SpokenFields
from greenroom.model import (
    ChatRequest,
    Chunk,
    GenerateRequest,
    LoadedModels,
    ModelCard,
    ModelDetails,
    ModelRef,
    Models,
    Nothing,
    Options,
    ProviderHealth,
    Stream,
    Texts,
    Usage,
    Vectors,
)
from greenroom.text import mentions, sentences

_PROVIDER = "understudy"
_SPEAKER, _EMBEDDER = f"{_PROVIDER}/understudy", f"{_PROVIDER}/hash"
_TOKEN = re.compile(r"\s*(?:\w+(?:['’]\w+)*|[^\w\s])")
_PIECE = re.compile(r"\s*\S+\s*")
_SUMMARISE = re.compile(r"\b(?:summar(?:y|ise|ize)|sum up|tl;?dr|in short|recap)\b", re.IGNORECASE)
_ASKED_KEYS = re.compile(r"[\"'`](\w{1,40})[\"'`]\s*:")
_AT_ONCE = 32
_PARTS = 32


class Understudy:
    """Answers every model call without a model. `words_per_s` is the pace of its streams; 0 is as fast as it can."""

    def __init__(self, clock: Clock, words_per_s: float = 0) -> None:
        self._clock = clock
        self._pause_s = 1 / words_per_s if words_per_s > 0 else 0.0
        self._parts: LRUCache[tuple[str, str | None], Part] = LRUCache(_PARTS)

    async def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation in character.

        Tokens are counted as words and punctuation marks. Equal requests get equal answers; a seed is one more thing
        by which requests differ. Raises: UnknownModel; Unsupported or InvalidInput, for a `format` it cannot keep to.
        """
        _check_model(request.model, _SPEAKER)
        reading = read_conversation(request)
        everything = "\n".join(m.content for m in request.messages)
        async for chunk in self._stream(request, reading, everything):
            yield chunk

    async def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt: answer a line, play the one whose line is open in a script, or carry a tale on."""
        _check_model(request.model, _SPEAKER)
        if not request.prompt:
            yield Chunk(model=_SPEAKER, done=True, done_reason="load")
            return
        reading = read_prompt(request)
        everything = f"{request.system or ''}\n{request.prompt}"
        async for chunk in self._stream(request, reading, everything):
            yield chunk

    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text by its words (see `hashing`). Raises: UnknownModel."""
        _check_model(texts.model, _EMBEDDER, _SPEAKER)
        embedder = HashingEmbedder(min(texts.dimensions or 512, 65_536))
        embed = embedder.embed
        rows = await asyncio.to_thread(embed, texts.texts) if len(texts.texts) > _AT_ONCE else embed(texts.texts)
        tokens = sum(map(_tokens, texts.texts))
        return Vectors(model=_EMBEDDER, vectors=tuple(map(tuple, rows.tolist())), prompt_tokens=tokens)

    async def models(self, nothing: Nothing, /) -> Models:
        """List itself: the one that speaks, and the one that embeds."""
        details: dict[str, JsonValue] = {"family": "understudy", "format": "rules", "parameter_size": "0"}
        speaker = ModelCard(
            name="understudy", provider=_PROVIDER, stand_in=True, details=details, lacks=("tools", "vision")
        )
        embedder = ModelCard(
            name="hash", provider=_PROVIDER, stand_in=True, details=details, capabilities=("embedding",)
        )
        health = ProviderHealth(provider=_PROVIDER, reachable=True, detail="built in; a stand-in, not a language model")
        return Models(models=(speaker, embedder), providers=(health,))

    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe itself. Raises: UnknownModel."""
        _check_model(which.model, _SPEAKER, _EMBEDDER)
        speaker, embedder = (await self.models(Nothing())).models
        embeds = which.model.removesuffix(":latest") in {embedder.name, _EMBEDDER}
        return ModelDetails(card=embedder, dimensions=512) if embeds else ModelDetails(card=speaker)

    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """Nothing: it is not loaded, it is there."""
        return LoadedModels(models=())

    async def _stream(self, request: ChatRequest | GenerateRequest, reading: Reading, everything: str) -> Stream[Chunk]:
        begun_s = self._clock.monotonic_s()
        text, reason = _limited(self._written(request, reading, everything), request.options)
        written_s = self._clock.monotonic_s()
        for place, piece in enumerate(_PIECE.findall(text)):
            if place and self._pause_s:
                await self._clock.sleep(self._pause_s)
            yield Chunk(model=_SPEAKER, text=piece)
        ended_s = self._clock.monotonic_s()
        usage = Usage(
            prompt_tokens=_tokens(everything),
            completion_tokens=_tokens(text),
            total_ns=_ns(ended_s - begun_s),
            load_ns=0,
            prompt_ns=_ns(written_s - begun_s),
            completion_ns=_ns(ended_s - written_s),
        )
        yield Chunk(model=_SPEAKER, done=True, done_reason=reason, usage=usage)

    def _written(self, request: ChatRequest | GenerateRequest, reading: Reading, everything: str) -> str:
        """The whole answer."""
        seed = _seed(request, reading)
        part = self._part(reading)
        if request.format in (None, ""):
            return _improvised(part, reading, seed)
        from greenroom.llm.understudy.schema_answers import answer  # what checks schemas takes long to import

        cue, _ = _answered(part, reading)
        talk = "\n".join([*(line.text for line in reading.heard), reading.cue])
        fields = SpokenFields(part, cue, talk, lambda number: _improvised(part, reading, seed + number))
        made = answer(_schema(request.format, everything), fields.say, seed)
        return msgspec.json.encode(made).decode()

    def _part(self, reading: Reading) -> Part:
        """The part to be played: one remembered, or read now. Where nobody is named, it is the understudy's own."""
        text, passing = lasting_and_passing(reading.system)
        key = (text, reading.character)
        if key not in self._parts:
            part = read_part(*key)
            self._parts[key] = part if part.names else replace(read_part(UNDERSTUDY), names=(), facts=part.facts)
        return of_the_moment(self._parts[key], passing)


def _check_model(asked: str, *known: str) -> None:
    """Whether the request is for this provider's model, by its full or plain name, or for none in particular."""
    name = asked.removesuffix(":latest")
    if name and name not in known and f"{_PROVIDER}/{name}" not in known:
        raise UnknownModel(f"unknown model {asked!r}; the understudy knows {' and '.join(map(repr, known))}")


def _schema(wanted: JsonValue, everything: str) -> JsonValue:
    """The schema to keep to. Plain "json" asks for an object; keys that the prompt spells out are taken up."""
    if not isinstance(wanted, str):
        return wanted
    if wanted != "json":
        raise InvalidInput(f"format must be 'json' or a JSON schema, not {wanted!r}")
    keys = dict.fromkeys(islice((m[1] for m in _ASKED_KEYS.finditer(everything[-20_000:])), 12)) or {"reply": None}
    return {"type": "object", "properties": {key: {"type": "string"} for key in keys}, "required": list(keys)}


def _improvised(part: Part, reading: Reading, seed: int) -> str:
    """A line for this reading, or the summary that it asks for.

    Guidance means that a draft was refused: it is written again here, and then treated as said, as is what the
    guidance quotes.
    """
    if _SUMMARISE.search(reading.cue[:400]) and (summary := _summary(reading)):
        return summary
    cue, heard = _answered(part, reading)
    kind = Opening if reading.begins or part.opens_on else Tale if reading.is_tale else Improvisation
    if not part.guidance:
        return kind(part, cue, heard, seed).line()
    refused = [kind(replace(part, guidance=()), cue, heard, seed).line(), *quoted(part.guidance)]
    refused_lines = (Heard(line, own=True) for line in refused)
    return kind(part, cue, (*refused_lines, *heard), seed + crc32("\n".join(part.guidance).encode())).line()


def _answered(part: Part, reading: Reading) -> tuple[Cue, tuple[Heard, ...]]:
    """The line to be answered, and what else was heard.

    It is the last line, unless that is one of several of the cast's while a person's question still waits.
    """
    last = read_cue(reading.cue, reading.author, part.names)
    if part.falls_in_on and part.falls_in_on == reading.author:
        return (last if mentions(reading.cue, part.names) else _overheard(last)), reading.heard
    cast = {who.casefold() for who, _ in part.people}
    alone = not {line.author for line in reading.heard if not line.own} - {reading.author}
    if reading.author.casefold() not in cast or alone or mentions(reading.cue, part.names):
        return last, reading.heard
    for place, line in reversed([*enumerate(reading.heard)]):
        if line.own:
            break
        if line.author.casefold() not in cast:
            before, since = reading.heard[:place], reading.heard[place + 1 :]
            heard = (*before, *since, Heard(reading.cue, reading.author))
            return read_cue(line.text, line.author, part.names), heard
    called = mentions(reading.cue, (who for who, _ in part.people))
    return (last if last.is_question and not called else _overheard(last)), reading.heard


def _overheard(cue: Cue) -> Cue:
    """The line as one hears it that others say to each other: what is asked in it is for them to answer."""
    told = " ".join(s for s in sentences(cue.text) if not s.endswith("?"))
    return replace(cue, text=told or cue.text, kind="overheard", found={})


def _summary(reading: Reading) -> str:
    """What the rest of the text, or the conversation so far, says in short; empty when there is nothing to shorten."""
    rest = "\n".join(line for line in reading.cue.splitlines() if not _SUMMARISE.search(line[:400])).strip()
    rest = rest or "\n".join(line.text for line in reading.heard)
    return gist(rest) if len(rest.split()) > 20 else ""


def _seed(request: ChatRequest | GenerateRequest, reading: Reading) -> int:
    """A number that differs with what is said, to whom, and with `options.seed`; the same in every process.

    Guidance does not count, so that the draft before the guidance can be written again.
    """
    asked = (request.options.seed, request.format, without_guidance(reading.system), reading.character, reading.heard)
    said = repr((asked, reading.cue, reading.author))
    return int.from_bytes(blake2b(said.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _limited(text: str, options: Options) -> tuple[str, str]:
    """The text up to the first stop and within `num_predict` tokens, and why it ends."""
    cuts = [at for stop in options.stop or () if stop and (at := text.find(stop)) >= 0]
    text = text[: min(cuts, default=len(text))]
    most = options.num_predict or 0
    token = next(islice(_TOKEN.finditer(text), most - 1, None), None) if most > 0 else None
    if token is None or token.end() >= len(text.rstrip()):
        return text, "stop"
    return text[: token.end()], "length"


def _tokens(text: str) -> int:
    return len(_TOKEN.findall(text))


def _ns(seconds: float) -> int:
    return max(0, int(seconds * 1e9))
