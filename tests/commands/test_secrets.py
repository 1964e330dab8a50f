"""No secret is written to the log, at any level; nor do errors, health, metrics and settings tell one."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.commands.running import Running, greenroom, up

SECRETS = {
    "GREENROOM_WIRE__SERVICE_TOKEN": "canary-service",
    "GREENROOM_WIRE__ADMIN_TOKEN": "canary-admin",
    "GREENROOM_LLM__OLLAMA_URL": "http://somebody:canary-address@127.0.0.1:1",
    "CLOUD_KEY": "canary-cloud",
    "REDIS_URL": "redis://somebody:canary-redis@127.0.0.1:1/0",
}
SETTINGS = """
[llm.compatible.cloud]
base_url = "http://127.0.0.1:1/v1"
api_key_env = "CLOUD_KEY"
models = ["big"]
"""
ASKED: tuple[tuple[str, str, object], ...] = (
    ("GET", "/api/tags", None),
    ("POST", "/api/chat", {"model": "cloud/big", "messages": [{"role": "user", "content": "hello"}]}),
    ("POST", "/api/embed", {"model": "ollama/big", "input": "hello"}),
    ("POST", "/v1/chat/completions", {"model": "understudy", "messages": [{"role": "user", "content": "hello"}]}),
    ("POST", "/v1/messages", {"model": "understudy"}),
    ("POST", "/api/pull", {"model": "llama3.2"}),
    ("POST", "/llm/keys", {"name": "ann"}),
    ("POST", "/llm/cache/clear", {}),
    ("GET", "/llm/models", None),
    ("GET", "/api/stats", None),
    ("GET", "/health", None),
    ("GET", "/llm/health", None),
    ("GET", "/metrics", None),
    ("GET", "/nowhere?key=canary-asked", None),
    ("GET", "/characters/characters/peter?api_key=canary-asked", None),
)


def call(house: Running, method: str, path: str, body: object, headers: dict[str, str]) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(house.url + path, data, headers, method=method)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            return str(response.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.read().decode()


def test_no_secret_gets_into_the_log_nor_into_an_answer(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text(SETTINGS)
    said = []
    with up(tmp_path, **SECRETS, GREENROOM_LOG__LEVEL="debug", GREENROOM_LOG__FORMAT="json") as house:
        made = json.loads(call(house, "POST", "/llm/keys", {"name": "ben"}, {"Authorization": "Bearer canary-admin"}))
        key = made["secret"]
        shown = [{}, {"x-api-key": key}, {"x-api-key": "canary-shown"}]
        shown += [{"Authorization": f"Bearer {one}"} for one in ("canary-service", "canary-admin", "canary-shown", key)]
        shown += [{"Authorization": "Basic canary-shown"}, {"Cookie": "greenroom=canary-cookie"}]
        for headers in shown:
            for method, path, body in ASKED:
                said.append(call(house, method, path, body, {"Content-Type": "application/json", **headers}))
    log = (tmp_path / "log.txt").read_text()
    assert log
    for text in (log, *said):
        found = text.find("canary")
        assert found < 0, text[max(0, found - 300) : found + 100]
    assert key not in log
    assert not [text for text in said if key in text]


def test_no_secret_is_shown_with_the_settings_nor_by_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text(SETTINGS)
    for command in ("config", "doctor"):
        ended = greenroom(command, folder=tmp_path, GREENROOM_PORT="1", **SECRETS)
        text = ended.stdout + ended.stderr
        found = text.find("canary")
        assert found < 0, text[max(0, found - 300) : found + 100]


@pytest.mark.parametrize("address", ["http://me:canary@127.0.0.1/v1", "http://127.0.0.1/v1?key=canary"])
def test_a_secret_in_the_address_of_a_server_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    (tmp_path / "greenroom.toml").write_text(f'[llm.compatible.cloud]\nbase_url = "{address}"\n')
    ended = greenroom("config", folder=tmp_path)
    assert ended.returncode == 1
    assert "name the variable of the key in api_key_env" in " ".join(ended.stderr.split())
    assert "canary" not in ended.stdout + ended.stderr
