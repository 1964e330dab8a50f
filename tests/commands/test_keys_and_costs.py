"""Keys and costs from the command line, of a Greenroom that runs."""

import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from greenroom.__main__ import app
from greenroom.errors import GreenroomError
from greenroom.testing import free_ports
from tests.commands.running import Running, up

CHAT = {"model": "understudy", "messages": [{"role": "user", "content": "hello"}], "stream": False}


def command(*words: str, **variables: str) -> Result:
    """One command, in this process: what is under test is what it says and asks, not how it starts."""
    return CliRunner().invoke(app, words, env={"COLUMNS": "200", **variables})


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    with up(tmp_path) as house:
        at = ["--url", house.url]
        limits = ["--budget", "5", "--period", "week", "--requests-per-minute", "60", "--models", "understudy/[a-z]*"]
        made = command("keys", "add", "ann", *limits, *at)
        assert made.exit_code == 0, made.output
        secret = made.output.split()[0]
        assert re.fullmatch(r"gr-[0-9a-f]{12}-[\w-]{43}", secret)
        listed = command("keys", "list", *at).output
        assert secret not in listed
        assert all(word in listed for word in ("ann", "$0.00 of $5.00 a week", "60 requests", "understudy/[a-z]*"))
        _ask(house)
        costs = command("costs", "--by", "caller", *at).output
        assert re.search(r"anyone +│ +1 ", costs), costs
        assert "opens nothing" in command("keys", "revoke", "ann", *at).output
        assert "revoked on" in command("keys", "list", *at).output


def test_the_books_lose_at_most_the_last_seconds_when_greenroom_is_killed(tmp_path: Path) -> None:
    with up(tmp_path) as house:
        _ask(house)
        while not (figures := house.get("/llm/metrics"))["paid_calls_total"] or figures["books_waiting"]:
            time.sleep(0.1)  # they are written by themselves
        house.kill()
    with up(tmp_path) as house:
        assert house.get("/api/stats")["by_caller"]["anyone"]["requests"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["keys", "add", "=1+1"], "name: String should match pattern"),
        (["keys", "add", "ann", "--budget", "-1"], "budget_usd: Input should be greater than or equal to 0"),
        (["keys", "add", "ann", "--period", "year"], "period: Input should be 'day', 'week', 'month' or 'ever'"),
    ],
)
def test_what_makes_no_sense_is_named(words: list[str], said: str) -> None:
    ended = command(*words)
    assert isinstance(ended.exception, GreenroomError)
    assert said in ended.exception.detail


def test_costs_are_grouped_by_what_there_is() -> None:
    assert "none of model, caller, day" in command("costs", "--by", "colour").output


@pytest.mark.parametrize("words", [["keys", "list"], ["keys", "add", "ann"], ["costs"]])
def test_without_a_greenroom_it_says_what_to_do(words: list[str]) -> None:
    port, other = (str(port) for port in free_ports(2))
    ended = command(*words, GREENROOM_PORT=port, GREENROOM_PORTS__LLM=other)
    assert isinstance(ended.exception, GreenroomError)
    assert f"no Greenroom answers at http://127.0.0.1:{port} or http://127.0.0.1:{other}" in ended.exception.detail
    assert "greenroom up" in ended.exception.detail


def _ask(house: Running) -> None:
    status, _ = house.ask("POST", "/api/chat", CHAT)
    assert status == 200


def test_where_keys_are_required_the_terminal_gets_in_with_the_owners_token(tmp_path: Path) -> None:
    boss = {"GREENROOM_WIRE__ADMIN_TOKEN": "boss"}
    with up(tmp_path, GREENROOM_LLM__KEYS_REQUIRED="true", **boss) as house:
        talk = ["chat", "brian", "--url", house.url]
        assert "only the owner" in str(CliRunner().invoke(app, talk, input="/quit\n").exception)
        assert CliRunner().invoke(app, talk, input="/quit\n", env=boss).exit_code == 0
        assert command("costs", "--url", house.url, **boss).exit_code == 0
