"""What no single module can keep: layers, imports without effects, and the promises of the ports and of the errors."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel

import greenroom
from greenroom import errors, ports
from greenroom.at import routes
from greenroom.errors import GreenroomError, every_error
from greenroom.wire.verbs import verbs

PACKAGE = Path(greenroom.__file__).parent
PORTS = [port for port in vars(ports).values() if inspect.isclass(port)]

N = TypeVar("N", bound=ast.AST)

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys, threading

LEAVES_TRACES = ("socket.", "sqlite3.connect", "os.mkdir", "os.remove", "os.rename", "os.system", "os.fork",
                 "tempfile.", "shutil.", "_thread.start_new_thread", "signal.")

def watch(event, details):
    written = event == "open" and set(str(details[1])) & set("wax+")
    if written or event.startswith(LEAVES_TRACES):
        print(event, details)

sys.addaudithook(watch)
import greenroom
for module in pkgutil.walk_packages(greenroom.__path__, "greenroom."):
    importlib.import_module(module.name)
if threading.active_count() > 1:
    print(threading.enumerate())
"""


def test_imports_point_downwards_and_services_do_not_know_each_other() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([linter, "--no-cache"], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_importing_writes_nothing_connects_to_nothing_and_starts_nothing(tmp_path: Path) -> None:
    importing = [sys.executable, "-B", "-c", IMPORT_EVERYTHING]
    found = subprocess.run(importing, cwd=tmp_path, capture_output=True, text=True)
    assert (found.returncode, found.stdout, list(tmp_path.iterdir())) == (0, "", []), found.stderr


def test_only_config_reads_the_environment() -> None:
    environment = {"os.environ", "os.environb", "os.getenv"}
    touching = {file for file, node in _nodes(ast.Attribute) if ast.unparse(node) in environment}
    importing = {file for file, tree in _trees().items() if environment & set(_imported(tree))}
    assert touching | importing == {"config/sources.py"}


def test_nothing_that_can_run_what_it_reads_is_imported() -> None:
    dangerous = {"pickle", "shelve", "marshal", "dill", "cloudpickle"}
    assert {
        (file, name) for file, tree in _trees().items() for name in _imported(tree) if name.split(".")[0] in dangerous
    } == set()


def test_no_value_is_written_into_the_text_of_sql() -> None:
    """Values are bound, or they are what an attacker wishes them to be."""
    pasted = [
        f"{file}:{call.lineno}"
        for file, call in _nodes(ast.Call)
        if _speaks_sql(file, call.func) and any(_is_pasted(argument) for argument in call.args[:1])
    ]
    assert pasted == []


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_verb_of_a_port_has_a_route_a_help_and_one_value(port: type) -> None:
    public = [name for name in vars(port) if not name.startswith("_")]
    assert public == list(routes(port))
    for verb in verbs(port):
        assert verb.help, f"{port.__name__}.{verb.name} has no docstring"
        assert issubclass(verb.takes, BaseModel)
        assert verb.takes.model_config.get("frozen"), f"{verb.takes.__name__} can be changed on its way"


def test_the_drawn_tree_of_errors_is_the_tree_of_errors() -> None:
    below_root = {name: kind for name, kind in every_error().items() if kind is not GreenroomError}
    real = {name: (kind.__bases__[0].__name__, kind.status, kind.retryable) for name, kind in below_root.items()}
    assert dict(_drawn()) == real


def test_every_error_has_a_sentence_for_the_person_who_reads_it() -> None:
    for kind in every_error().values():
        assert re.fullmatch(r"[A-Z].+\.", kind().detail), kind.__name__


@cache
def _trees() -> dict[str, ast.Module]:
    """What each file of the package says; not at import, where every worker would read all of them."""
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def _nodes(*kinds: type[N]) -> Iterator[tuple[str, N]]:
    return ((file, node) for file, tree in _trees().items() for node in ast.walk(tree) if isinstance(node, kinds))


def _imported(tree: ast.AST) -> Iterator[str]:
    """The names of what is imported, as `module` or `module.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from (module + alias.name for alias in node.names)


def _speaks_sql(file: str, function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "text" and "sqlalchemy.text" in _imported(_trees()[file])
    return isinstance(function, ast.Attribute) and function.attr in {"execute", "exec_driver_sql", "scalar", "scalars"}


def _is_pasted(argument: ast.expr) -> bool:
    for node in ast.walk(argument):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "format":
            return True
    return False


def _drawn() -> Iterator[tuple[str, tuple[str, int, bool]]]:
    """Each error of the drawing below its root: its name, and its parent, status and retryability."""
    above = ["GreenroomError"]
    drawn = re.findall(r"^    ([│├└─ ]+)(\w+) +(\d{3})(  yes)?", errors.__doc__ or "", re.MULTILINE)
    for branches, name, status, retryable in drawn:
        above[len(branches) // 4 :] = [name]
        yield name, (above[-2], int(status), bool(retryable))
