"""The documents say what is so: links lead somewhere, what is named exists, and examples run."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from greenroom.__main__ import app
from greenroom.commands.settings_page import settings_page
from greenroom.config import SEED_NAMES, SERVICES, Ports, Settings, leaf_settings, load, variable_of
from greenroom.model import Attempt, Receipt
from tests.commands.running import Running, up
from tests.documents import DOCUMENTS, ROOT, Block, anchors, blocks, links, spans

ADDRESS = "http://127.0.0.1:5732"
PATHS_OF_A_MACHINE = re.compile(r"(?<![\w.:])/(?:work|root|home|tmp|Users)/")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The Greenroom that the examples talk to."""
    with up(tmp_path_factory.mktemp("docs")) as running:
        yield running


# What stands there exists ---------------------------------------------------------------------------------------------


def test_the_page_of_settings_is_what_the_code_says() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == settings_page(), "docs/settings.md is out of date; `make docs` writes it anew"


@pytest.mark.parametrize(("document", "link"), [pytest.param(p, t, id=f"{p.name}: {t}") for p, t in links()])
def test_a_link_leads_somewhere(document: Path, link: str) -> None:
    file, _, anchor = link.partition("#")
    target = document.parent / file if file else document
    assert target.exists()
    assert not anchor or anchor in anchors(target)


def test_commands_and_their_options_exist() -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    for where, words in _uses_of(r"(?:^|[\s/])greenroom (?=[a-z])"):
        assert words[0] in known, f"{where}: greenroom {words[0]}"
        command = known[words[0]]
        if hasattr(command, "commands") and len(words) > 1:
            assert words[1] in command.commands, f"{where}: greenroom {words[0]} {words[1]}"
            command = command.commands[words[1]]
        options = {option for param in command.params for option in param.opts}
        unknown = [word for word in words[1:] if word.startswith("-") and word not in options]
        assert not unknown, f"{where}: greenroom {words[0]} has no option {unknown}"


def test_options_of_the_make_believe_ollama_exist() -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "greenroom.testing.fake_ollama", "--help"], capture_output=True, text=True, check=True
    )
    used = [word for _, words in _uses_of(r"python -m greenroom\.testing\.fake_ollama") for word in words]
    assert used
    assert all(word in helped.stdout for word in used if word.startswith("-"))


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {words[0] for _, words in _uses_of(r"^make (?=[a-z])")} <= targets


def test_benchmarks_that_are_named_exist() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"-m benchmarks\.([a-z_]+)", path.read_text("utf-8"))}
    assert named
    assert not {name for name in named if not (ROOT / "benchmarks" / f"{name}.py").exists()}


def test_files_of_the_package_that_are_named_exist() -> None:
    named = {span for _, span in spans() if re.fullmatch(r"[a-z_/]+/[a-z_]+\.py", span)}
    assert named
    assert not {file for file in named if not (ROOT / file).exists() and not (ROOT / "greenroom" / file).exists()}


def test_the_map_has_every_module() -> None:
    page = (ROOT / "docs" / "structure.md").read_text("utf-8")
    named = {name for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    modules = {path.stem for path in (ROOT / "greenroom").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert named == modules - {"__init__", "__pycache__"}


def test_the_table_of_services_has_each_with_its_port() -> None:
    page = (ROOT / "docs" / "running.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)
    assert {name: int(port) for name, port in told} == Ports().model_dump()


def test_settings_that_are_named_exist() -> None:
    paths = {path for path, _ in leaf_settings()}
    groups = {".".join(path.split(".")[:count]) for path in paths for count in (1, 2)}
    parts = "|".join(name for name in Settings.model_fields)
    named = {span for _, span in spans() if re.fullmatch(rf"({parts})\.[a-z_.]+", span)}
    assert not {name for name in named - paths - groups if not name.endswith((".db", ".py"))}  # files, not settings


def test_variables_that_are_named_exist() -> None:
    known = {variable_of(path) for path, _ in leaf_settings()} | set(SEED_NAMES)
    text = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    named = set(re.findall(r"\bGREENROOM_[A-Z_]+[A-Z]\b", text))
    assert not {name for name in named - known if "__COMPATIBLE__" not in name}


def test_no_document_names_a_path_of_somebodys_machine() -> None:
    assert not [path.name for path in DOCUMENTS if PATHS_OF_A_MACHINE.search(path.read_text("utf-8"))]


# Examples are right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [b for b in blocks("toml") if b.text.startswith("# greenroom.toml")], ids=str)
def test_an_example_of_settings_is_accepted(block: Block, tmp_path: Path) -> None:
    (tmp_path / "greenroom.toml").write_text(block.text, "utf-8")
    assert load(environment={}, folder=tmp_path).origin


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_an_example_in_json_is_json(block: Block) -> None:
    assert json.loads(block.text)


def test_the_example_of_a_receipt_has_the_form_of_one() -> None:
    receipt = next(found for block in blocks("json") if "attempts" in (found := json.loads(block.text)))
    assert set(receipt) <= set(Receipt.model_fields)
    assert set(receipt["attempts"][0]) <= set(Attempt.model_fields)


@pytest.mark.parametrize("block", [b for b in blocks("sh") if b.mark.startswith("runs: ")], ids=str)
def test_an_example_with_curl_prints_what_is_promised(block: Block, house: Running) -> None:
    assert block.mark.removeprefix("runs: ") in _printed(block, house)


@pytest.mark.parametrize("block", [b for b in blocks("sh") if b.mark == "prints"], ids=str)
def test_an_example_with_curl_prints_what_stands_below_it(block: Block, house: Running) -> None:
    below = next(b for b in blocks("json") if b.document == block.document and b.line > block.line)
    printed, shown = json.loads(_printed(block, house)), json.loads(below.text)
    assert {**printed, "trace_id": ""} == {**shown, "trace_id": ""}


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_an_example_in_python_runs(block: Block, house: Running) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", block.text.replace(ADDRESS, house.url)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def test_addresses_in_examples_have_a_route(house: Running) -> None:
    described = [re.sub(r"{\w+}", "[^/]+", path) for path in house.get("/openapi.json")["paths"]]
    other = ["/?", "/gateway", "/docs", "/openapi.json", "/api/(version|tags|chat|generate|show|embed)"]
    other += [
        "/v1",
        "/v1/(chat/completions|completions|embeddings|messages|models(/.+)?|responses)",
        *(f"/{name}" for name in SERVICES),
    ]
    route = re.compile("|".join([*other, *described]))
    text = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    used = set(re.findall(re.escape(ADDRESS) + r"([^\s'\"`<>?)|;]*)", text))
    assert not {path for path in used if not route.fullmatch(path.rstrip(".,"))}


def _printed(block: Block, house: Running) -> str:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = block.text.replace(ADDRESS, house.url)
    ran = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _uses_of(command: str) -> Iterator[tuple[str, list[str]]]:
    """Each use of a command in a block of shell or inside a sentence: where, and the words that follow it."""
    lines = [(str(block), line) for block in blocks("sh") for line in block.text.splitlines()]
    for where, line in [*lines, *spans()]:
        found = re.search(command, line)
        if found:
            yield where, shlex.split(line[found.end() :], comments=True)
