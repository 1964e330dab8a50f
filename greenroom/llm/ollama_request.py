"""Requests as Ollama's clients send them: read whatever their content type, and checked as Ollama checks them."""

import re
from typing import Any, TypeVar

import msgspec

from greenroom.errors import BadRequest
from greenroom.llm.asked import check_base64, check_top_logprobs, decoded, valid
from greenroom.llm.headers import Wishes
from greenroom.llm.safe_names import check_name
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, ModelRef, Options, Texts

B = TypeVar("B", bound="Body")

_WHOLE = frozenset(
    [
        "num_predict",
        "num_keep",
        "top_k",
        "repeat_last_n",
        "seed",
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "num_thread",
        "draft_num_predict",
    ]
)
_FRACTIONS = frozenset(
    ["temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"]
)
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")
"""How Go writes a duration. Source: Go's package time, ParseDuration."""

_THINK_LEVELS = ("low", "medium", "high", "max")


class Body(msgspec.Struct):
    """What /api/chat and /api/generate have in common. `null` is the same as absent; unknown fields are ignored."""

    model: str | None = None
    stream: bool | None = None
    format: Any = None
    keep_alive: Any = None
    options: dict[str, Any] | None = None
    think: Any = None
    truncate: bool | None = None
    shift: bool | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None

    @property
    def streams(self) -> bool:
        """Whether the answer is to come in pieces; so it does unless told otherwise."""
        return self.stream is not False

    @property
    def unloads(self) -> bool:
        """Whether the model is to leave the memory when this is done."""
        return self.keep_alive is not None and not re.search("[1-9]", str(self.keep_alive))


class ChatBody(Body):
    """The body of POST /api/chat."""

    messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None


class EmbedBody(msgspec.Struct):
    """The body of POST /api/embed."""

    model: str | None = None
    input: Any = None
    truncate: bool | None = None
    dimensions: int | None = None
    keep_alive: Any = None
    options: dict[str, Any] | None = None


class EmbeddingsBody(msgspec.Struct):
    """The body of POST /api/embeddings, which Ollama keeps for older clients."""

    model: str | None = None
    prompt: str | None = None
    keep_alive: Any = None
    options: dict[str, Any] | None = None


class ShowBody(msgspec.Struct):
    """The body of POST /api/show; `name` is what older clients say."""

    model: str | None = None
    name: str | None = None
    verbose: bool | None = None
    system: str | None = None
    options: dict[str, Any] | None = None


class GenerateBody(Body):
    """The body of POST /api/generate."""

    prompt: str | None = None
    suffix: str | None = None
    system: str | None = None
    template: str | None = None
    context: list[int] | None = None
    raw: bool | None = None
    images: list[str] | None = None


def read(kind: type[B], content: bytes) -> B:
    """Read a body, and check what can be checked without knowing the model. Raises: BadRequest."""
    body = decoded(kind, content)
    _check_keep_alive(body.keep_alive)
    _check_think(body.think)
    check_top_logprobs(body.top_logprobs)
    return body


def texts_to_embed(given: Any) -> tuple[str, ...]:
    """The `input` of /api/embed: a text, or a list of them; an empty text alone is none. Raises: BadRequest."""
    if given is None or given == "":
        return ()
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequest("invalid input type")
    return tuple(texts)


def embed_request(body: "EmbedBody", texts: tuple[str, ...]) -> Texts:
    """The same as a request of ours. Raises: BadRequest."""
    _check_keep_alive(body.keep_alive)
    return valid(
        Texts,
        texts=texts,
        model=body.model or "",
        dimensions=body.dimensions if (body.dimensions or 0) > 0 else None,
        truncate=body.truncate is not False,
        options=_options(body.options or {}),
        keep_alive=body.keep_alive,
    )


def show_request(body: "ShowBody") -> ModelRef:
    """The same as a request of ours. Raises: BadRequest."""
    name = body.model or body.name
    if not name:
        raise BadRequest("model is required")
    check_name(name)
    return valid(
        ModelRef,
        model=name,
        verbose=bool(body.verbose),
        system=body.system or None,
        options=_options(body.options or {}),
    )


def chat_request(body: ChatBody, model: str, wishes: Wishes) -> ChatRequest:
    """The same as a request of ours, with what its headers wish. Raises: BadRequest."""
    return valid(
        ChatRequest,
        messages=[_message(message) for message in body.messages or ()],
        tools=body.tools or (),
        **_common(body, model),
        **wishes,
    )


def generate_request(body: GenerateBody, model: str, wishes: Wishes) -> GenerateRequest:
    """The same as a request of ours, with what its headers wish. Raises: BadRequest."""
    return valid(
        GenerateRequest,
        prompt=body.prompt or "",
        suffix=body.suffix or None,
        system=body.system or None,
        template=body.template or None,
        context=body.context or None,
        raw=bool(body.raw),
        images=_images(body.images),
        **_common(body, model),
        **wishes,
    )


def _common(body: Body, model: str) -> dict[str, Any]:
    return {
        "model": model,
        "role": None,
        "format": _format(body.format),
        "keep_alive": body.keep_alive,
        "options": _options(body.options or {}),
        "think": body.think if body.think != "" else None,
        "truncate": body.truncate,
        "shift": body.shift,
        "logprobs": bool(body.logprobs),
        "top_logprobs": body.top_logprobs or 0,
    }


def _message(given: dict[str, Any]) -> ChatMessage:
    known = {key: value for key, value in given.items() if value is not None}
    if isinstance(known.get("role"), str):
        known["role"] = known["role"].lower()
    if isinstance(known.get("images"), list):
        known["images"] = _images(known["images"])
    return valid(ChatMessage, **known)


def _images(images: list[str] | None) -> tuple[str, ...]:
    for image in images or ():
        check_base64(image)
    return tuple(images or ())


def _format(given: Any) -> Any:
    if given is None or given == "":
        return None
    if given == "json" or isinstance(given, dict):
        return given
    raise BadRequest(f'invalid format: {_quoted(given)}; expected "json" or a valid JSON Schema object')


def _check_keep_alive(given: Any) -> None:
    if isinstance(given, str):
        if not _DURATION.fullmatch(given):
            raise BadRequest(f"time: invalid duration {_quoted(given)}")
    elif given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
        raise BadRequest(f'keep_alive must be seconds or a duration such as "5m", not {_quoted(given)}')


def _check_think(given: Any) -> None:
    if given is None or given == "" or isinstance(given, bool) or (isinstance(given, str) and given in _THINK_LEVELS):
        return
    raise BadRequest(f'invalid think value: {_quoted(given)} (must be "high", "medium", "low", "max", true, or false)')


def _options(given: dict[str, Any]) -> Options:
    """Options of the right types. A fraction where a whole number belongs is cut off, as Ollama does."""
    # `max_tokens` is no option of Ollama's, but another name of `num_predict` with us.
    known = {key: _option(key, value) for key, value in given.items() if value is not None and key != "max_tokens"}
    return valid(Options, **known)


def _option(key: str, value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if key in _WHOLE:
        if not is_number:
            raise BadRequest(f'option "{key}" must be of type integer')
        return int(value)
    if key in _FRACTIONS and not is_number:
        raise BadRequest(f'option "{key}" must be of type float32')
    if key == "use_mmap" and not isinstance(value, bool):
        raise BadRequest(f'option "{key}" must be of type boolean')
    if key == "stop" and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
        raise BadRequest(f'option "{key}" must be of type array' + (" of strings" if isinstance(value, list) else ""))
    return value


def _quoted(value: Any) -> str:
    return msgspec.json.encode(value)[:100].decode(errors="replace")
