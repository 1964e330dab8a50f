import io
from pathlib import Path

from rich.console import Console

from greenroom.commands.discord import check
from greenroom.config import load


def test_without_a_token_it_says_how_to_get_one(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    loaded = load({"data_dir": tmp_path, "port": 1}, environment={}, folder=tmp_path)
    assert check(loaded, console) == 1
    assert isinstance(console.file, io.StringIO)
    assert "No bot token is set" in console.file.getvalue()
