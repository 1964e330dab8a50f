"""A model comes whole, or not at all."""

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from greenroom.errors import GreenroomError, InvalidInput, StorageFailed, Unavailable
from greenroom.llm.minilm.adding import Adding
from greenroom.llm.minilm.recipe import Recipe
from greenroom.llm.minilm.shelf import Shelf
from greenroom.testing import FrozenClock, serving
from tests.llm.minilm.tiny import WIDTH, write_files

FILES = {"model.onnx", "tokenizer.json", "minilm.json"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def recipe(source: Path) -> Recipe:
    return write_files(source)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data" / "models" / "minilm")


def adding(shelf: Shelf, recipe: Recipe) -> Adding:
    return Adding(shelf, FrozenClock(), recipe)


def wheel_of(source: Path) -> Path:
    path = source.parent / "weights-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/__init__.py", "raise AssertionError('run')")
        for name in ("model.safetensors", "tokenizer.json"):
            archive.write(source / name, f"weights/model/{name}")
    return path


def kept(shelf: Shelf) -> set[str]:
    """Everything below the folder of models, also what begins with a dot."""
    folder = shelf.folder.parent
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()


def beside_a_graph(source: Path) -> Path:
    (source / "model.onnx").write_bytes(b"made by somebody else")
    return source


@pytest.mark.parametrize("arranged", [lambda source: source, beside_a_graph, wheel_of])
def test_a_model_is_added_from_what_people_have(
    shelf: Shelf, recipe: Recipe, source: Path, arranged: Callable[[Path], Path]
) -> None:
    added = adding(shelf, recipe).from_path(arranged(source))
    assert (added.name, added.dimensions) == ("all-minilm-l6-v2", WIDTH)
    assert shelf.added() == added
    assert kept(shelf) == {"minilm", *(f"minilm/{name}" for name in FILES)}
    shelf.check(added)


def half_of(name: str) -> Callable[[Path], None]:
    def halve(source: Path) -> None:
        content = (source / name).read_bytes()
        (source / name).write_bytes(content[: len(content) // 2])

    return halve


def one_bit_off(source: Path) -> None:
    content = bytearray((source / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (source / "model.safetensors").write_bytes(content)


def longer(source: Path) -> None:
    (source / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes() + b" ")


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (half_of("model.safetensors"), "model.safetensors ends after"),
        (half_of("tokenizer.json"), "tokenizer.json ends after"),
        (one_bit_off, "model.safetensors has SHA-256"),
        (longer, "tokenizer.json is longer than"),
        (lambda source: (source / "tokenizer.json").unlink(), "needs tokenizer.json; it has model.safetensors"),
        (shutil.rmtree, "neither a folder nor a wheel"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_left_behind(
    shelf: Shelf, recipe: Recipe, source: Path, spoilt: Callable[[Path], None], said: str
) -> None:
    spoilt(source)
    with pytest.raises(InvalidInput, match=said):
        adding(shelf, recipe).from_path(source)
    assert kept(shelf) == set()


def test_a_wheel_that_broke_off_is_refused(shelf: Shelf, recipe: Recipe, source: Path) -> None:
    wheel = wheel_of(source)
    content = wheel.read_bytes()
    wheel.write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidInput, match="neither a folder nor a wheel"):
        adding(shelf, recipe).from_path(wheel)
    spoilt = content.replace(b'"version"', b'"versiom"', 1)
    wheel.write_bytes(spoilt)
    with pytest.raises(InvalidInput, match=r"tokenizer\.json"):
        adding(shelf, recipe).from_path(wheel)
    assert kept(shelf) == set()


def test_a_file_with_the_right_checksum_that_holds_no_model_is_refused(
    shelf: Shelf, recipe: Recipe, source: Path
) -> None:
    """A recipe that pins the wrong files: nothing that was not tried once is put on the shelf."""
    swapped = replace(recipe, weights=replace(recipe.tokenizer, path="model.safetensors"))
    shutil.copy(source / "tokenizer.json", source / "model.safetensors")
    with pytest.raises(InvalidInput, match="not a file of safetensors"):
        adding(shelf, swapped).from_path(source)
    swapped = replace(recipe, tokenizer=replace(recipe.weights, path="tokenizer.json"))
    write_files(source)
    shutil.copy(source / "model.safetensors", source / "tokenizer.json")
    with pytest.raises(InvalidInput, match="holds no model that can be run"):
        adding(shelf, swapped).from_path(source)
    assert kept(shelf) == set()


def hub(source: Path) -> Starlette:
    async def broken(request: object) -> Response:
        return Response("away", 503)

    return Starlette(routes=[Route("/away/{path:path}", broken), Mount("/", StaticFiles(directory=source))])


async def test_a_model_is_fetched_from_the_hub(shelf: Shelf, recipe: Recipe, source: Path) -> None:
    told: list[tuple[int, int]] = []
    async with serving(hub(source)) as url:
        added = await adding(shelf, replace(recipe, hub=f"{url}/")).from_hub(lambda *figures: told.append(figures))
    assert shelf.added() == added
    whole = recipe.weights.size_bytes + recipe.tokenizer.size_bytes
    assert told[-1] == (whole, whole)


async def test_a_hub_that_is_away_or_has_something_else_leaves_nothing_behind(
    shelf: Shelf, recipe: Recipe, source: Path
) -> None:
    async def refused(url: str, kind: type[GreenroomError], said: str) -> None:
        with pytest.raises(kind, match=said):
            await adding(shelf, replace(recipe, hub=url)).from_hub(lambda *figures: None)
        assert kept(shelf) == set()

    await refused("http://127.0.0.1:1/", Unavailable, "give their folder with --from")
    async with serving(hub(source)) as url:
        await refused(f"{url}/away/", Unavailable, "the answer is 503")
        await refused(f"{url}/nothing/", Unavailable, "the answer is 404")
        half_of("model.safetensors")(source)
        await refused(f"{url}/", InvalidInput, "run the same command again")


def test_a_damaged_model_is_noticed_and_can_be_added_again(shelf: Shelf, recipe: Recipe, source: Path) -> None:
    added = adding(shelf, recipe).from_path(source)
    content = shelf.graph.read_bytes()
    shelf.graph.write_bytes(content[:-1] + b"?")
    assert shelf.added() == added, "at a glance, it is as it was"
    with pytest.raises(StorageFailed, match="damaged; `greenroom models add minilm`"):
        shelf.check(added)
    shelf.graph.write_bytes(content[:-1])
    with pytest.raises(StorageFailed, match="not as it was added"):
        shelf.added()
    (shelf.folder / "minilm.json").write_text("{")
    with pytest.raises(StorageFailed, match="not a whole model"):
        shelf.added()
    adding(shelf, recipe).from_path(source)
    assert shelf.added() == added
    assert kept(shelf) == {"minilm", *(f"minilm/{name}" for name in FILES)}


def test_what_a_killed_command_left_is_swept_away(shelf: Shelf, recipe: Recipe, source: Path) -> None:
    left = shelf.folder.parent / ".minilm-abc"
    left.mkdir(parents=True)
    (left / "model.onnx").write_bytes(b"half")
    assert shelf.added() is None
    adding(shelf, recipe).from_path(source)
    assert not left.exists()
    assert shelf.remove()
    assert kept(shelf) == set()
    assert not shelf.remove()
