"""Names and digests that would lead elsewhere do not reach Ollama."""

import json
from typing import Any

import pytest

from greenroom.errors import BadRequest
from greenroom.llm.safe_names import check_digest, check_name, check_names_in

DIGEST = "sha256:" + "a" * 64
ELSEWHERE = ["../x", "a/../b", "a/..", "..", "./x", "/etc/passwd", "a\\b", "..\\b", "%2e%2e/x", "a%2fb", "a\0b", "a\nb"]


@pytest.mark.parametrize(
    "name",
    ["llama3.2", "llama3.2:latest", "hf.co/some.body/Model-GGUF:Q4_K_M", "localhost:5000/me/m", "x..y", "", None],
)
def test_a_name_is_taken(name: str | None) -> None:
    check_name(name)


@pytest.mark.parametrize("name", [*ELSEWHERE, 7, ["x"], {}])
def test_what_leads_elsewhere_is_no_name(name: Any) -> None:
    with pytest.raises(BadRequest, match="invalid model name"):
        check_name(name)


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:" + "g" * 64, DIGEST + "a", DIGEST + "\n", "../" + DIGEST])
def test_what_is_not_a_digest_is_refused(digest: str) -> None:
    check_digest(DIGEST)
    with pytest.raises(BadRequest, match="invalid digest format"):
        check_digest(digest)


@pytest.mark.parametrize("field", ["model", "name", "source", "destination", "from", "MODEL", "ſource"])
@pytest.mark.parametrize("name", ELSEWHERE)
def test_every_field_that_ollama_takes_for_a_name_is_checked(field: str, name: str) -> None:
    with pytest.raises(BadRequest):
        check_names_in(json.dumps({"model": "fine", field: name}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"{",
        b"[]",
        b'"x"',
        b'{"model":"\xff"}',
        b"[" * 100_000,
        b'{"model":"a"}{"model":"../b"}',
        b'{"model":"../a","model":"b"}',
        b'{"files":{"x":"sha256:00"}}',
        b'{"files":["x"]}',
        b'{"files":{"../x":"' + DIGEST.encode() + b'"}}',
        b'{"adapters":{"x":7}}',
    ],
)
def test_a_body_that_cannot_be_trusted_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        check_names_in(body)


def test_texts_may_say_what_they_like() -> None:
    said: dict[str, Any] = {
        "model": "mine",
        "from": "llama3.2",
        "system": "100 % \\ ../",
        "template": "{{ .Prompt }}\n",
        "files": {"a model.gguf": DIGEST},
        "adapters": None,
        "parameters": {"name": "../x"},
    }
    check_names_in(json.dumps(said).encode())
