"""The command line, as a person meets it."""

import os
import pty
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from tests.commands.running import environment, greenroom, up

_SETTINGS = """
turn.max_attempts = 4
llm.prices."vllm/*".input = 0
llm.routing.policies.thrifty.high = "search + local"
crawler.folders.town = "/srv/notes"
discord.command_roles.quiet = ["Keeper", "Regular"]
discord.opt_out_role = "[/no bots]"
"""

ASKING = {"character_name": "peter", "input_text": "What is your favorite beer?", "channel_id": "den"}


def test_config_shows_what_is_in_force_and_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text(_SETTINGS)
    shown = greenroom("config", folder=tmp_path, DATABASE_URL="postgresql://me:hunter2@db/x", GREENROOM_PORT="6000")
    assert shown.returncode == 0
    lines = {line.split("│")[1].strip(): line for line in shown.stdout.splitlines() if line.count("│") > 3}
    assert "greenroom.toml" in lines["turn.max_attempts"]
    assert "environment: GREENROOM_PORT" in lines["port"]
    assert "(set, hidden)" in lines["storage.database_url"]
    assert "hunter2" not in shown.stdout + shown.stderr
    assert "vllm/*: input 0.0" in lines["llm.prices"]
    assert "thrifty: high search + local" in lines["llm.routing.policies"]
    assert "town: /srv/notes" in lines["crawler.folders"]
    assert "quiet: Keeper, Regular" in lines["discord.command_roles"]
    assert "[/no bots]" in lines["discord.opt_out_role"]


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (["config"], {"GREENROOM_PORT": "99999"}, "port = '99999': Input should be less than or equal to 65535"),
        (["up"], {"GREENROOM_QUALITY__WRAM": "1"}, "did you mean GREENROOM_QUALITY__WARM?"),
        (["up", "--data-dir", "/proc/nothing"], {}, "choose one with --data-dir"),
        (["up"], {"GREENROOM_CHARACTERS__CAST": "no-such-cast"}, "characters.cast"),
        (["serve", "nothing"], {}, "unknown service 'nothing'; known: llm"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_without_a_traceback(
    tmp_path: Path, words: list[str], variables: dict[str, str], said: str
) -> None:
    ended = greenroom(*words, folder=tmp_path, **variables)
    assert ended.returncode != 0
    assert said in " ".join((ended.stdout + ended.stderr).split())
    assert "Traceback" not in ended.stderr


def test_a_taken_port_says_so_and_how_to_choose_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = greenroom("up", "--port", str(port), folder=tmp_path)
    assert ended.returncode == 1
    said = " ".join(ended.stderr.split())
    assert f"port {port} on 127.0.0.1 is in use; choose another with --port, or set GREENROOM_PORT" in said


def test_a_whole_evening(tmp_path: Path) -> None:
    """Start, talk, kill, start again: the conversation is there, and the folder is nobody else's meanwhile."""
    with up(tmp_path) as house:
        assert house.get("/health")["status"] == "healthy"
        status, reply = house.ask("POST", "/router/orchestrate", ASKING)
        assert (status, reply["success"]) == (200, True)
        second = greenroom("up", "--port", "0", folder=tmp_path)
        assert "another Greenroom uses the data folder" in " ".join(second.stderr.split())
        asked = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1")
        assert "another Greenroom uses the data folder" in asked.stdout
        talk = greenroom("chat", "Brian", "--url", house.url, folder=tmp_path, said="Hello Brian!\n/to Stewie\n/quit\n")
        assert talk.returncode == 0
        assert "→ Stewie:" in talk.stdout
        assert "understudy/understudy, 1 attempt" in talk.stdout
        house.kill()
    with up(tmp_path) as house:
        messages = house.get("/router/channels/den/messages")["messages"]
        assert [m["content"] for m in messages] == [ASKING["input_text"], reply["response"]]
        assert house.get("/router/dead-letters")["total"] == 0
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"data", "log.txt"}, "everything that it keeps lives in one folder"
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0, "which nobody else may look into"


def test_a_turn_under_way_is_not_lost_when_greenroom_is_stopped(tmp_path: Path) -> None:
    slow = {"GREENROOM_LLM__UNDERSTUDY_WORDS_PER_S": "0.5"}
    with up(tmp_path, **slow) as house, ThreadPoolExecutor() as person:
        answer = person.submit(house.ask, "POST", "/router/orchestrate", ASKING)
        while not house.get("/router/turns")["turns"]:
            pass
        house.process.send_signal(signal.SIGINT)
        status, problem = answer.result()
        house.process.wait(20)
    assert (status, problem["type"]) == (503, "urn:greenroom:turn-failed")
    assert "Greenroom stopped" in problem["detail"]
    with up(tmp_path) as house:
        (letter,) = house.get("/router/dead-letters")["letters"]
        assert (letter["id"], letter["error"]) == (problem["extra"]["dead_letter"], "Interrupted")
        assert house.ask("POST", f"/router/dead-letters/{letter['id']}/replay")[0] == 200


def test_chat_opens_a_house_of_its_own_when_none_runs_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    person, terminal = pty.openpty()
    words, own = [sys.executable, "-m", "greenroom", "chat"], environment({"GREENROOM_PORT": "1"})
    chat = subprocess.Popen(words, cwd=tmp_path, env=own, stdin=terminal, stdout=subprocess.PIPE)
    os.close(terminal)
    assert chat.stdout is not None
    with chat.stdout as shown, open(person, "wb", buffering=0) as keyboard:
        assert "The understudy stands in" in _read_until(shown, "→ Brian:")
        keyboard.write(b"Tell me about beer.\n/cast\n")
        assert "understudy/understudy, 1 attempt" in _read_until(shown, "Stewie")
        chat.send_signal(signal.SIGINT)
        assert chat.wait(60) == 0
    unknown = greenroom("chat", "Petra", folder=tmp_path, GREENROOM_PORT="1")
    assert "unknown character 'Petra'" in unknown.stderr


def _read_until(shown: IO[bytes], words: str) -> str:
    read = b""
    while words.encode() not in read:
        read += (more := os.read(shown.fileno(), 1000))
        assert more, read
    return read.decode(errors="replace")


def test_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    well = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1")
    assert well.returncode == 0
    assert "the understudy writes the characters' lines, because no model server was found" in well.stdout
    assert "the cast: Brian, Peter, Stewie" in well.stdout
    ill = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1", GREENROOM_LLM__UNDERSTUDY="never")
    assert ill.returncode == 1
    assert "no model writes the characters' lines" in ill.stdout
    away = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1", GREENROOM_LLM__OLLAMA_URL="http://127.0.0.1:1")
    assert "ollama does not answer" in away.stdout


def test_the_doctor_tells_whether_the_web_can_be_searched(tmp_path: Path) -> None:
    off = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1")
    assert "nobody is asked about the web; llm.search.provider may name" in off.stdout
    keyless = greenroom("doctor", folder=tmp_path, GREENROOM_PORT="1", GREENROOM_LLM__SEARCH__PROVIDER="brave")
    assert "the web cannot be searched with brave" in keyless.stdout
    assert "environment variable BRAVE_API_KEY" in keyless.stdout


def test_the_key_of_a_search_engine_is_never_shown(tmp_path: Path) -> None:
    variables = {"GREENROOM_LLM__SEARCH__PROVIDER": "brave", "BRAVE_API_KEY": "hunter2", "GREENROOM_PORT": "1"}
    shown = greenroom("config", folder=tmp_path, **variables)
    assert "hunter2" not in shown.stdout + shown.stderr
