"""The key of a request changes with everything that could change the answer, and with nothing else."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.llm.cache.key import DOES_NOT_MATTER, answer_key, prefix_of_name
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest, ModelCard, Options, ToolCall, ToolFunction
from tests.sizes import sized

CARD = ModelCard(name="llama3.2:latest", provider="ollama", digest="aa")
THINKER = ModelCard(name="qwen3:latest", provider="ollama", digest="bb", capabilities=("completion", "thinking"))

words = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
options = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0.0, 0.5]),
        "seed": st.integers(0, 3),
        "num_ctx": st.sampled_from([2048, 4096]),
        "num_predict": st.integers(1, 3),
        "stop": st.lists(words, max_size=2),
        "mirostat": st.integers(0, 2),
    },
)
common = {
    "options": options,
    "format": st.none() | st.just("json") | st.dictionaries(words, json_values, max_size=2),
    "think": st.sampled_from([None, False, True, "low", "high"]),
    "truncate": st.sampled_from([None, True, False]),
    "shift": st.sampled_from([None, True, False]),
    "logprobs": st.booleans(),
    "top_logprobs": st.integers(0, 2),
    "character": st.sampled_from([None, "peter", "brian"]),
    "namespace": st.sampled_from(["", "a", "b"]),
}
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": words},
    optional={
        "thinking": words,
        "images": st.lists(st.sampled_from(["aGk=", "aG8="]), max_size=2),
        "tool_calls": st.lists(
            st.fixed_dictionaries(
                {
                    "function": st.fixed_dictionaries(
                        {"name": words, "arguments": st.dictionaries(words, json_values, max_size=2)}
                    )
                }
            ),
            max_size=2,
        ),
        "tool_name": words,
    },
)
chats = st.fixed_dictionaries(
    {
        **common,
        "messages": st.lists(messages, min_size=1, max_size=3),
        "tools": st.lists(st.dictionaries(words, json_values, max_size=2), max_size=2),
    }
)
of_prompts = {
    **common,
    "prompt": words,
    "system": st.none() | words,
    "template": st.none() | words,
    "suffix": st.none() | words,
    "raw": st.booleans(),
    "images": st.lists(st.sampled_from(["aGk=", "aG8="]), max_size=2),
    "context": st.none() | st.lists(st.integers(0, 3), max_size=2),
}
prompts = st.fixed_dictionaries(of_prompts)


def chat_key(fields: dict[str, Any], card: ModelCard = CARD) -> str:
    return answer_key(ChatRequest.model_validate(fields), card)


def prompt_key(fields: dict[str, Any], card: ModelCard = CARD) -> str:
    return answer_key(GenerateRequest.model_validate(fields), card)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(item, chance)) for key, item in value.items()]
        chance.shuffle(items)
        return dict(items)
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(chats, st.data())
def test_a_change_of_any_field_of_a_chat_is_another_key(fields: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(fields)))
    strategy = {**common, "messages": st.lists(messages, min_size=1, max_size=3), "tools": TOOLS}[name]
    changed = {**fields, name: data.draw(strategy)}
    same = ChatRequest.model_validate(fields) == ChatRequest.model_validate(changed)
    assert (chat_key(fields) == chat_key(changed)) is (same or _equal_but_for_order(fields, changed))


TOOLS = st.lists(st.dictionaries(words, json_values, max_size=2), max_size=2)


def _equal_but_for_order(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = (json.dumps(ChatRequest.model_validate(f).model_dump(), sort_keys=True) for f in (one, other))
    return first == second


@settings(max_examples=150, deadline=None)
@given(prompts, prompts)
def test_two_prompts_have_one_key_only_when_they_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    for name in one:
        mixed = {**one, name: other[name]}
        same = (
            GenerateRequest.model_validate(one).model_dump_json()
            == GenerateRequest.model_validate(mixed).model_dump_json()
        )
        assert (prompt_key(one) == prompt_key(mixed)) is (same or _equal_options(one, mixed, name))


def _equal_options(one: dict[str, Any], other: dict[str, Any], name: str) -> bool:
    """Whether two fields are the same object, written in another order."""
    return json.dumps(one[name], sort_keys=True) == json.dumps(other[name], sort_keys=True)


IN_OPTIONS: dict[str, tuple[Any, ...]] = {
    "temperature": (0.0, 0.5),
    "seed": (0, 1),
    "num_ctx": (2048, 4096),
    "stop": (["a"], ["b"]),
}
SCHEMAS = [{"type": "object", "properties": {key: {} for key in keys}} for keys in ("ab", "ba", "a")]
IN_PROMPTS: dict[str, tuple[Any, ...]] = {
    "format": (None, "json", *SCHEMAS),
    "think": (None, False, True, "low", "high"),
    "top_logprobs": (0, 1, 2),
    "character": (None, "peter", "brian"),
    "namespace": ("", "a", "b"),
    "prompt": ("", "a", "b", "a b", "a  b", "ä"),
    "images": ([], ["aGk="], ["aG8="], ["aGk=", "aG8="]),
    "context": (None, [], [1], [1, 2]),
    **dict.fromkeys(("truncate", "shift"), (None, True, False)),
    **dict.fromkeys(("logprobs", "raw"), (True, False)),
    **dict.fromkeys(("system", "template", "suffix"), (None, "", "a", "b")),
}


def rolled(die: random.Random, name: str) -> Any:
    """A value for a field of a prompt."""
    if name == "options":
        return {key: die.choice(values) for key, values in IN_OPTIONS.items() if die.random() < 0.4}
    return die.choice(IN_PROMPTS[name])


def test_very_many_prompts_that_differ_in_one_field_have_one_key_only_when_they_are_the_same() -> None:
    """The same with a plain die, which is a hundred times as quick."""
    die = random.Random(14)
    for _ in range(sized(2_000, 100_000)):
        one = {name: rolled(die, name) for name in of_prompts}
        name = die.choice(sorted(of_prompts))
        other = {**one, name: rolled(die, name)}
        same = GenerateRequest.model_validate(one) == GenerateRequest.model_validate(other)
        if name == "format":
            same = json.dumps(one[name]) == json.dumps(other[name])
        assert (prompt_key(one) == prompt_key(other)) is same, (one, other)


@settings(max_examples=100, deadline=None)
@given(chats, st.integers())
def test_the_order_of_keys_and_white_space_do_not_matter(fields: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    again = json.loads(json.dumps(shuffled(fields, chance), indent=chance.choice([None, 1, 4])))
    assert chat_key(fields) == chat_key(again)


def test_white_space_inside_a_text_matters() -> None:
    assert prompt_key({"prompt": "a b"}) != prompt_key({"prompt": "a  b"})


def test_the_model_its_digest_and_the_verb_matter() -> None:
    asked = {"prompt": "hi"}
    said = {"messages": [{"role": "user", "content": "hi"}]}
    cards = [CARD, CARD.model_copy(update={"digest": "ab"}), CARD.model_copy(update={"name": "llama3.2:1b"})]
    assert len({prompt_key(asked, card) for card in cards} | {chat_key(said, card) for card in cards}) == 6


def test_how_long_the_model_stays_and_the_role_do_not_matter() -> None:
    plain = prompt_key({"prompt": "hi"})
    for field in ({"keep_alive": "5m"}, {"role": "analysis"}, {"use_cache": True}, {"cache_control": "no-cache"}):
        assert prompt_key({"prompt": "hi", **field}) == plain


@pytest.mark.parametrize(("card", "same"), [(THINKER, True), (CARD, False)])
def test_a_model_that_can_think_does_so_unless_told_otherwise(card: ModelCard, same: bool) -> None:
    assert (prompt_key({"prompt": "hi"}, card) == prompt_key({"prompt": "hi", "think": True}, card)) is same
    assert prompt_key({"prompt": "hi"}, THINKER) != prompt_key({"prompt": "hi", "think": False}, THINKER)


def test_the_properties_of_a_schema_have_an_order_in_which_the_model_writes_them() -> None:
    def asking_for(*names: str) -> str:
        return prompt_key({"prompt": "hi", "format": {"type": "object", "properties": {name: {} for name in names}}})

    assert asking_for("reason", "answer") != asking_for("answer", "reason")


def test_text_that_is_not_unicode_has_a_key_too() -> None:
    request = ChatRequest(messages=(ChatMessage(role="user", content="\ud800"),))
    assert answer_key(request, CARD) != answer_key(
        request.model_copy(update={"messages": (ChatMessage(role="user", content="?"),)}), CARD
    )


def test_arguments_of_a_tool_call_matter() -> None:
    def calling(**arguments: Any) -> str:
        call = ToolCall(function=ToolFunction(name="look", arguments=arguments))
        message = ChatMessage(role="assistant", tool_calls=(call,))
        return answer_key(ChatRequest(messages=(message,), options=Options(seed=1)), CARD)

    assert calling(at="beer", deep=True) == calling(deep=True, at="beer") != calling(at="wine", deep=True)


def test_all_keys_of_a_model_begin_alike() -> None:
    assert prompt_key({"prompt": "hi"}).startswith(prefix_of_name(CARD.full_name))
    assert not prompt_key({"prompt": "hi"}).startswith(prefix_of_name(THINKER.full_name))


def test_every_field_of_a_request_is_in_the_key_or_left_out_on_purpose() -> None:
    """A new field changes all keys, unless it is named among those that change no answer: decide, and say so here."""
    in_the_key = {
        *("format", "truncate", "shift", "logprobs", "top_logprobs", "character", "namespace", "messages", "tools"),
        *("prompt", "system", "template", "suffix", "raw", "images", "context"),
    }
    assert {*ChatRequest.model_fields, *GenerateRequest.model_fields} == in_the_key | DOES_NOT_MATTER
