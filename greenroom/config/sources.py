"""Where settings come from, each source read once, and what is said of a value that is not allowed."""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from greenroom.config.settings import PREFIX, SECRETS, SEED_NAMES, Settings, is_part, leaf_settings, variable_of
from greenroom.errors import WrongSetting
from greenroom.text import without_secrets

TOML_FILE = "greenroom.toml"
DOTENV_FILE = ".env"

_TABLES = frozenset({"llm.compatible", "llm.routing.policies"})
"""Settings whose parts have names of the owner's choice."""

Given = dict[str, tuple[Any, str]]
"""What the sources say: a setting's dotted path, its value, and where it was found."""


@dataclass(frozen=True)
class Loaded:
    """Settings in force. `origin` maps the dotted path of each that is not a default to where it came from."""

    settings: Settings
    origin: dict[str, str]
    environment: Mapping[str, str] = dataclass_field(repr=False)

    def secret(self, variable: str) -> SecretStr:
        """The value of an environment variable that a setting names; empty when there is none."""
        return SecretStr(self.environment.get(variable, "") if variable else "")

    def secrets(self, prefix: str) -> dict[str, SecretStr]:
        """The values of all environment variables that begin so, by the rest of their names; empty ones are none."""
        found = self.environment.items()
        return {
            name.removeprefix(prefix): SecretStr(value) for name, value in found if name.startswith(prefix) and value
        }


def load(
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Loaded:
    """Read all sources once. `overrides` are dotted paths from the command line; `folder` holds the two files.

    Raises: WrongSetting, naming the setting, its value and what is allowed.
    """
    folder = folder or Path.cwd()
    environ = dict(os.environ if environment is None else environment)
    dotenv = _from_dotenv(folder / DOTENV_FILE)
    given: Given = {}
    for source in (
        _from_toml(folder / TOML_FILE),
        _from_seed_names(dotenv, DOTENV_FILE),
        _from_variables(dotenv, DOTENV_FILE),
        _from_seed_names(environ, "environment"),
        _from_variables(environ, "environment"),
        {path: (value, "command line") for path, value in (overrides or {}).items()},
    ):
        given |= source
    return Loaded(_validated(given), {path: origin for path, (_, origin) in given.items()}, {**dotenv, **environ})


def _from_dotenv(file: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}
    except (UnicodeDecodeError, OSError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"  # its text may be secret
        raise WrongSetting(f"{file} cannot be read: {reason}") from None


def _from_toml(file: Path) -> Given:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise WrongSetting(f"{file} cannot be read: {exc}") from exc
    given = {path: (value, TOML_FILE) for path, value in _leaves(tree, Settings)}
    for path in given:
        if path in SECRETS:
            raise WrongSetting(f"{path} is a secret and does not belong into {TOML_FILE}; set {variable_of(path)}")
    return given


def _from_variables(variables: Mapping[str, str], origin: str) -> Given:
    known = {variable_of(path): path for path, _ in leaf_settings()}
    given: Given = {}
    for name, value in variables.items():
        if not name.upper().startswith(PREFIX):
            continue
        path = known.get(name.upper()) or _inside_table(name)
        if path is None:
            near = get_close_matches(name.upper(), known, 1)
            raise WrongSetting(f"unknown setting {name} ({origin})" + (f"; did you mean {near[0]}?" if near else ""))
        given[path] = (_read(value, path), f"{origin}: {name}")
    return given


def _from_seed_names(variables: Mapping[str, str], origin: str) -> Given:
    return {
        path: (_read(variables[name], path), f"{origin}: {name}")
        for name, path in SEED_NAMES.items()
        if variables.get(name)
    }


def _inside_table(name: str) -> str | None:
    """A setting inside a table whose parts the owner names: GREENROOM_LLM__COMPATIBLE__OPENROUTER__BASE_URL."""
    path = name[len(PREFIX) :].casefold().replace("__", ".")
    return path if path.rpartition(".")[0].rpartition(".")[0] in _TABLES else None


def _read(text: str, path: str) -> Any:
    """A variable's text; lists are written with commas or as JSON, tables as JSON."""
    field = dict(leaf_settings()).get(path)
    if field is not None and get_origin(field.annotation) is dict:
        return _table(text)
    listed = path.endswith(".models") or (field is not None and get_origin(field.annotation) is tuple)
    return _list(text) if listed else text


def _list(text: str) -> Any:
    written = _table(text) if text.lstrip().startswith("[") else None
    return written if isinstance(written, list) else [part.strip() for part in text.split(",") if part.strip()]


def _table(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _validated(given: Given) -> Settings:
    tree: dict[str, Any] = Settings().model_dump()  # whole, so that one value of a part leaves the others as they are
    for path, (value, _) in given.items():
        *parents, last = path.split(".")
        branch: Any = tree
        for parent in parents:
            branch = branch.setdefault(parent, {}) if isinstance(branch, dict) else branch
        if isinstance(branch, dict):  # else the part itself was given as something that it cannot be
            branch[last] = value
    try:
        return Settings.model_validate(tree)
    except ValidationError as exc:
        raise WrongSetting("\n".join(_complaint(error, given) for error in exc.errors())) from exc


def _complaint(error: Any, given: Given) -> str:
    path = ".".join(str(part) for part in error["loc"])
    origin = next((o for p, (_, o) in given.items() if p == path or p.startswith(path + ".")), "")
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path, [p for p, _ in leaf_settings()], 1)
        return f"unknown setting {path} ({origin or TOML_FILE})" + (f"; did you mean {near[0]}?" if near else "")
    given_value = error.get("input")
    shown = repr(without_secrets(given_value) if isinstance(given_value, str) else given_value)
    value = "(hidden)" if path in SECRETS else shown
    return f"{path} = {value}: {error['msg']}" + (f" ({origin})" if origin else "")


def _leaves(tree: Mapping[str, Any], part: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a tree with their dotted paths, as deep as our settings go."""
    for name, value in tree.items():
        inner = part.model_fields[name].annotation if is_part(part) and name in part.model_fields else None
        if isinstance(value, dict) and (is_part(inner) or before + name in _TABLES or inner is None):
            yield from _leaves(value, inner, f"{before}{name}.")
        else:
            yield before + name, value
