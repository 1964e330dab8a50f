"""Settings: which source wins, what is said of a wrong one, and that secrets stay secret."""

from pathlib import Path

import pytest

from greenroom.config import SECRETS, SEED_NAMES, Backoff, Ports, leaf_settings, load, value_of, variable_of
from greenroom.errors import WrongSetting


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    loaded = load(environment={}, folder=tmp_path)
    assert (loaded.settings.host, loaded.settings.port) == ("127.0.0.1", 5732)
    assert loaded.origin == {}


def test_the_stronger_source_wins_and_each_value_knows_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text('port = 1000\nhost = "0.0.0.0"\n[llm]\nollama_url = "http://toml"\n')
    (tmp_path / ".env").write_text("GREENROOM_PORT=2000\nOLLAMA_BASE_URL=http://dotenv\n")
    loaded = load({"port": 4000}, {"GREENROOM_PORT": "3000", "OLLAMA_MODEL": "llama3"}, tmp_path)
    assert loaded.settings.port == 4000
    assert loaded.settings.llm.ollama_url == "http://dotenv"
    assert loaded.origin == {
        "port": "command line",
        "host": "greenroom.toml",
        "llm.ollama_url": ".env: OLLAMA_BASE_URL",
        "llm.generation.model": "environment: OLLAMA_MODEL",
    }


def test_every_name_of_the_older_programs_means_a_setting_that_exists() -> None:
    known = dict(leaf_settings())
    assert set(SEED_NAMES.values()) <= set(known)


def test_every_setting_can_be_given_by_its_variable_and_has_a_line_of_help(tmp_path: Path) -> None:
    for path, field in leaf_settings():
        assert field.description, path
        if path in {"llm.compatible", "llm.routing.policies"} or path in SECRETS:
            continue
        value = value_of(load(environment={}, folder=tmp_path).settings, path)
        text = (
            ",".join(value)
            if isinstance(value, tuple)
            else str(getattr(value, "get_secret_value", lambda v=value: v)())
        )
        again = load(environment={variable_of(path): text}, folder=tmp_path)
        assert value_of(again.settings, path) == value, path


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("one.example, two.example", ("one.example", "two.example")),
        (' ["one.example", "two.example"]', ("one.example", "two.example")),
        ("[::1],[fe80::1]", ("[::1]", "[fe80::1]")),
        ("", ()),
        ("[]", ()),
    ],
)
def test_a_list_in_a_variable_is_written_with_commas_or_as_json(text: str, hosts: object, tmp_path: Path) -> None:
    loaded = load(environment={"GREENROOM_WIRE__ALLOWED_HOSTS": text}, folder=tmp_path)
    assert loaded.settings.wire.allowed_hosts == hosts


def test_a_policy_of_the_owners_can_be_given_by_variables_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text('[llm.routing.policies.writing]\nmedium = "cloud"\n')
    variables = {"GREENROOM_LLM__ROUTING__POLICIES__WRITING__CLOUD": "far/big"}
    policy = load(environment=variables, folder=tmp_path).settings.llm.routing.policies["writing"]
    assert (policy.low, policy.medium, policy.cloud) == ("local", "cloud", "far/big")


def test_a_compatible_server_can_be_given_by_variables_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text(
        '[llm.compatible.local]\nbase_url = "http://one/v1"\nmodels = ["a", "b"]\n'
    )
    variables = {
        "GREENROOM_LLM__COMPATIBLE__OPENROUTER__BASE_URL": "http://two/v1",
        "GREENROOM_LLM__COMPATIBLE__OPENROUTER__API_KEY_ENV": "MY_KEY",
        "MY_KEY": "sk-123",
    }
    loaded = load(environment=variables, folder=tmp_path)
    servers = loaded.settings.llm.compatible
    assert servers["local"].models == ("a", "b")
    assert loaded.secret(servers["openrouter"].api_key_env).get_secret_value() == "sk-123"


def test_one_value_of_a_part_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    variables = {"GREENROOM_LLM__ANALYSIS__MODEL": "small", "GREENROOM_TURN__BACKOFF__MAX_S": "9"}
    settings = load(environment=variables, folder=tmp_path).settings
    analysis, backoff = settings.llm.analysis, settings.turn.backoff
    assert (analysis.model, analysis.temperature, analysis.num_predict) == ("small", 0.3, 2000)
    assert (backoff.max_s, backoff.attempts, backoff.base_s, backoff.jitter) == (9, 10, 1, True)


@pytest.mark.parametrize(
    ("variables", "toml", "words"),
    [
        ({"GREENROOM_PORT": "99999"}, "", ["port = '99999'", "less than or equal to 65535", "GREENROOM_PORT"]),
        ({"GREENROOM_PROT": "1"}, "", ["unknown setting GREENROOM_PROT", "did you mean GREENROOM_PORT?"]),
        ({"GREENROOM_LLM__UNDERSTUDY": "maybe"}, "", ["llm.understudy = 'maybe'", "'auto', 'always' or 'never'"]),
        ({}, "prot = 1", ["unknown setting prot", "did you mean port?", "greenroom.toml"]),
        ({}, "[llm]\nolama_url = 'x'", ["unknown setting llm.olama_url", "did you mean llm.ollama_url?"]),
        ({}, "port = ", ["greenroom.toml cannot be read"]),
        ({}, "[llm]\ncompatible = 3", ["llm.compatible = 3"]),
        ({}, "llm = 3", ["llm = 3"]),
        ({"GREENROOM_LLM__ANALYSIS__MODEL": "small"}, "llm = 3", ["llm = 3"]),
        ({}, "[storage]\ndatabase_url = 'postgresql://u:p@h/d'", ["storage.database_url is a secret"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(
    tmp_path: Path, variables: dict[str, str], toml: str, words: list[str]
) -> None:
    (tmp_path / "greenroom.toml").write_text(toml)
    with pytest.raises(WrongSetting) as caught:
        load(environment=variables, folder=tmp_path)
    for word in words:
        assert word in caught.value.detail


def test_a_file_of_variables_that_cannot_be_read_is_named_but_not_quoted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=postgresql://me:hunter2\xff@db/x")
    with pytest.raises(WrongSetting, match=r"\.env cannot be read") as caught:
        load(environment={}, folder=tmp_path)
    assert "hunter2" not in caught.value.detail


def test_a_secret_does_not_show(tmp_path: Path) -> None:
    loaded = load(environment={"DATABASE_URL": "postgresql://me:hunter2@db/x"}, folder=tmp_path)
    assert "hunter2" not in repr(loaded)
    assert "hunter2" not in str(loaded.settings)


def test_settings_cannot_be_changed_after_loading(tmp_path: Path) -> None:
    settings = load(environment={}, folder=tmp_path).settings
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_the_ports_are_those_of_the_contract() -> None:
    assert Ports().model_dump() == {
        "llm": 6001,
        "coordinator": 6002,
        "quality": 6003,
        "tuning": 6004,
        "router": 6005,
        "characters": 6006,
        "retriever": 6007,
        "world": 6008,
        "crawler": 6009,
        "web": 6010,
        "discord": 6011,
    }


def test_pauses_grow_up_to_their_limit_and_vary_only_with_jitter() -> None:
    backoff = Backoff(attempts=10, base_s=1, factor=2, max_s=30)
    assert [backoff.pause_s(n) for n in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff.pause_s(100_000) == 30
    assert Backoff(base_s=4, factor=1, jitter=True).pause_s(1, chance=0.5) == 3
