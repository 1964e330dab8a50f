"""Whatever an outsider sends below /v1/, what comes back is an answer or an error object."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from greenroom.config import SearchSettings, WireSettings
from greenroom.llm import anthropic_request, ollama_request
from greenroom.llm.anthropic_api import anthropic_routes
from greenroom.llm.ollama_api import ollama_routes
from greenroom.llm.openai_api import openai_routes
from greenroom.llm.openai_request import ChatBody, CompletionBody, EmbeddingsBody
from greenroom.llm.responses_api import responses_routes
from greenroom.llm.responses_request import ResponsesBody
from greenroom.llm.understudy import Understudy
from greenroom.testing import FrozenClock
from greenroom.wire.application import application
from tests.llm.search.searching import no_search

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
)
WORDS = ["user", "tool", "text", "image_url", "image", "tool_use", "message", "json_schema", "low", 2**70, -1]
KEYS = [
    "role",
    "content",
    "type",
    "text",
    "image_url",
    "url",
    "function",
    "name",
    "arguments",
    "source",
    "id",
    "output",
]
anything = st.recursive(
    st.one_of(scalars, st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4),
    ),
    max_leaves=12,
)
OLLAMAS = (ollama_request.ChatBody, ollama_request.GenerateBody, ollama_request.EmbedBody, ollama_request.ShowBody)
BODIES = (ChatBody, CompletionBody, EmbeddingsBody, ResponsesBody, anthropic_request.Body, *OLLAMAS)
FIELDS = [field for kind in BODIES for field in kind.__struct_fields__]
proper = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["understudy", "understudy/hash"]),
        "messages": st.just([{"role": "user", "content": "hi"}]),
        "prompt": st.just("x"),
        "input": st.just("x"),
        "max_tokens": st.just(9),
    }
)
bodies = st.one_of(
    anything, st.builds(lambda a, b: {**a, **b}, proper, st.dictionaries(st.sampled_from(FIELDS), anything, max_size=2))
)


@pytest.fixture(scope="module")
def alone() -> TestClient:
    """The understudy's models only, without a network."""
    clock = FrozenClock()
    app, stand_in = application("Gateway", WireSettings(), ()), Understudy(clock)
    app.router.routes.extend(ollama_routes(stand_in, clock))
    app.router.routes.extend(
        [*anthropic_routes(stand_in, no_search(stand_in), SearchSettings(), clock), *responses_routes(stand_in, clock)]
    )
    app.router.routes.extend(openai_routes(stand_in, clock))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=True)


PATHS = [
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/responses",
]
FIELDS_OF_AN_ERROR = {"openai": {"message", "type", "param", "code"}, "anthropic": {"message", "type"}}


@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
@given(path=st.sampled_from(PATHS), body=bodies)
def test_any_json_gives_an_answer_or_an_error_that_clients_can_read(alone: TestClient, path: str, body: Any) -> None:
    response = alone.post(path, content=json.dumps(body).encode())
    assert response.status_code in {200, 400, 404}
    if response.status_code != 200:
        error = response.json()["error"]
        if not path.startswith("/api/"):
            assert error.keys() == FIELDS_OF_AN_ERROR["anthropic" if "messages" in path else "openai"]
            error = error["message"]
        assert error
        assert isinstance(error, str)
