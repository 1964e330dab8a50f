"""What a request in OpenAI's words means, and which are refused."""

import json
from typing import Any

import pytest

from greenroom.errors import BadRequest
from greenroom.llm.asked import decoded
from greenroom.llm.openai_request import (
    ChatBody,
    CompletionBody,
    EmbeddingsBody,
    chat_request,
    completion_request,
    texts,
)
from greenroom.model import ChatRequest, GenerateRequest, Texts, ToolCall, ToolFunction

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def chat(**fields: Any) -> ChatRequest:
    said = {"messages": [{"role": "user", "content": "hi"}]}
    return chat_request(decoded(ChatBody, json.dumps({"model": "m", **said, **fields}).encode()))


def completion(**fields: Any) -> GenerateRequest:
    return completion_request(decoded(CompletionBody, json.dumps({"model": "m", "prompt": "x", **fields}).encode()))


def embedding(**fields: Any) -> Texts:
    return texts(decoded(EmbeddingsBody, json.dumps({"model": "m", **fields}).encode()))


def message(**fields: Any) -> ChatRequest:
    return chat(messages=[{"role": "user", **fields}])


def picture(url: object) -> ChatRequest:
    return message(content=[{"type": "image_url", "image_url": {"url": url}}])


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, {}),
        ({"temperature": 0, "top_p": 0.5}, {"temperature": 0, "top_p": 0.5}),
        ({"max_tokens": 9}, {"num_predict": 9}),
        ({"max_tokens": 9, "max_completion_tokens": 5}, {"num_predict": 5}),
        ({"stop": "END", "seed": 7}, {"stop": ("END",), "seed": 7}),
        ({"stop": ["A", "", "B"]}, {"stop": ("A", "B")}),
        ({"stop": "", "seed": None}, {}),
        ({"frequency_penalty": 0.5, "presence_penalty": -1}, {"frequency_penalty": 0.5, "presence_penalty": -1}),
        ({"n": 3, "logit_bias": {"1": 1}, "user": "me", "tool_choice": "none", "unheard_of": [1]}, {}),
    ],
)
def test_what_is_not_said_has_openais_value_and_unknown_fields_are_passed_over(
    given: dict[str, Any], options: dict[str, Any]
) -> None:
    assert chat(**given).options.given() == {"temperature": 1, "top_p": 1, **options}


def test_no_roles_sampling_is_pressed_on_these_clients() -> None:
    assert (chat().role, completion().role) == (None, None)


@pytest.mark.parametrize(
    ("given", "think"),
    [
        ({}, None),
        ({"reasoning_effort": ""}, None),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": "minimal"}, "low"),
        ({"reasoning_effort": "high"}, "high"),
        ({"reasoning_effort": "xhigh"}, "max"),
        ({"reasoning": {"effort": "ultra"}, "reasoning_effort": "low"}, "max"),
        ({"reasoning": {"effort": None}, "reasoning_effort": "low"}, "low"),
    ],
)
def test_effort_says_how_much_to_think(given: dict[str, Any], think: object) -> None:
    assert chat(**given).think == think


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, "json"),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}, {"type": "object"}),
    ],
)
def test_the_form_of_the_answer_is_given_on(given: object, wanted: object) -> None:
    assert chat(response_format=given).format == wanted


@pytest.mark.parametrize("start", ["data:image/png;base64,", "data:image/jpeg;base64,", "data:;base64,"])
def test_parts_of_a_message_are_one_message(start: str) -> None:
    parts = [
        {"type": "text", "text": "What is this,"},
        {"type": "image_url", "image_url": {"url": start + PIXEL, "detail": "low"}},
        {"type": "text", "text": "and this?"},
        {"type": "image_url", "image_url": start + PIXEL},
    ]
    (user,) = message(content=parts).messages
    assert (user.content, user.images) == ("What is this,\nand this?", (PIXEL, PIXEL))


def test_a_developers_message_is_the_systems() -> None:
    assert message(role="developer", content="Be brief.").messages[0].role == "system"


def test_what_was_thought_and_called_before_is_given_on() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": [1]}'}}
    assistant, tool = chat(
        messages=[
            {"role": "assistant", "content": None, "reasoning": "hm", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "done"}]},
        ]
    ).messages
    assert (assistant.content, assistant.thinking) == ("", "hm")
    assert assistant.tool_calls == (ToolCall(id="c1", function=ToolFunction(name="f", arguments={"a": [1]})),)
    assert (tool.content, tool.tool_name, tool.tool_call_id) == ("done", "f", "c1")


def test_a_completion_asks_for_alternatives_by_their_number() -> None:
    assert (completion().logprobs, completion(logprobs=0).logprobs) == (False, True)
    assert (completion(logprobs=2).top_logprobs, completion(suffix="y").suffix) == (2, "y")


@pytest.mark.parametrize(("given", "wanted"), [("", ("",)), ("a", ("a",)), (["a", "b"], ("a", "b"))])
def test_one_text_or_many_are_embedded(given: object, wanted: tuple[str, ...]) -> None:
    assert embedding(input=given).texts == wanted
    assert (embedding(input=given, dimensions=0).dimensions, embedding(input=given, dimensions=3).dimensions) == (
        None,
        3,
    )


@pytest.mark.parametrize(
    ("read", "given", "words"),
    [
        (chat, {"messages": []}, "[] is too short - 'messages'"),
        (chat, {"messages": None}, "[] is too short - 'messages'"),
        (chat, {"top_logprobs": 21}, "top_logprobs must be between 0 and 20"),
        (chat, {"temperature": -1}, "invalid temperature: "),
        (chat, {"max_tokens": 10**30}, "invalid num_predict: "),
        (chat, {"max_tokens": 1.5}, "Expected `int | null`, got `float` - at `$.max_tokens`"),
        (chat, {"stop": [1]}, "Expected `str`, got `int` - at `$.stop[0]`"),
        (chat, {"response_format": {"type": "xml"}}, "invalid response_format: 'xml'"),
        (chat, {"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema is missing"),
        (chat, {"reasoning_effort": "hard"}, "invalid reasoning value: 'hard' (must be \"high\", "),
        (message, {"content": "hi", "role": "robot"}, "invalid role: "),
        (message, {"content": None}, "invalid message content type: <nil>"),
        (message, {"content": 7}, "invalid message content type: int"),
        (message, {"content": ["hi"]}, "invalid message format: "),
        (message, {"content": [{"type": "text"}]}, "invalid message format: "),
        (message, {"content": [{"type": "input_audio", "input_audio": {}}]}, "audio is not supported; "),
        (message, {"content": "", "tool_calls": [{"type": "custom"}]}, "invalid tool call: "),
        (message, {"content": "", "tool_calls": [{"function": {"arguments": "{"}}]}, "invalid tool call arguments: "),
        (message, {"content": "", "tool_calls": [{"function": {"arguments": "[]"}}]}, "invalid tool call arguments: "),
        (picture, {"url": "https://example.com/cat.png"}, "image URLs are not currently supported, please use base64 "),
        (picture, {"url": "data:image/gif;base64,R0lG"}, "invalid image input: "),
        (picture, {"url": "data:image/png;base64,!"}, "illegal base64 data in an image: "),
        (picture, {"url": None}, "invalid message format: an image_url has a url"),
        (completion, {"prompt": ["x"]}, "Expected `str | null`, got `array` - at `$.prompt`"),
        (completion, {"logprobs": 21}, "top_logprobs must be between 0 and 20"),
        (embedding, {}, "invalid input"),
        (embedding, {"input": []}, "invalid input"),
        (embedding, {"input": [[1, 2]]}, "invalid input type: "),
        (embedding, {"input": {"text": "x"}}, "invalid input type: "),
        (embedding, {"input": "x", "dimensions": 10**9}, "Expected `int` <= 65536"),
        (embedding, {"input": "x", "encoding_format": "hex"}, "Invalid value for 'encoding_format' = hex. Supported "),
    ],
)
def test_a_wrong_request_is_refused_in_clear_words(read: Any, given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**given)
    assert refused.value.detail.startswith(words)
