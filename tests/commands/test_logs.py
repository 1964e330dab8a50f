"""The log: what must never be read in it."""

import json
import logging
from collections.abc import Callable
from typing import Literal

import pytest
import structlog

from greenroom.commands.logs import configure_logs
from greenroom.config import LogSettings

FORMATS: tuple[Literal["console", "json"], ...] = ("console", "json")


def break_with(token: str, log: Callable[[str], None]) -> None:
    try:
        raise RuntimeError("it broke")
    except RuntimeError:
        log("inner_error")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("ours", [True, False])
def test_a_traceback_shows_where_it_broke_but_no_values(
    format_: Literal["console", "json"], ours: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(LogSettings(format=format_))
    break_with("hun" + "ter2", structlog.get_logger().exception if ours else logging.getLogger("other").exception)
    written = capsys.readouterr().err
    assert "it broke" in written
    assert "break_with" in written
    assert "hunter2" not in written


@pytest.mark.parametrize("format_", FORMATS)
def test_text_from_outside_can_neither_begin_a_line_nor_move_the_cursor(
    format_: Literal["console", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(LogSettings(format=format_))
    structlog.get_logger().info("said", one="a\nfake", two="\x1b[2Jb")
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "\x1b[2J" not in written


def test_programs_read_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json"))
    structlog.get_logger().info("turn_ended", seconds=1.5)
    logging.getLogger("other").warning("said %s", "this")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["seconds"], ours["level"]) == ("turn_ended", 1.5, "info")
    assert theirs["event"] == "said this"
