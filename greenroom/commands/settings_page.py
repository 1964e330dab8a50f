"""`docs/settings.md`, made from the settings themselves: `python -m greenroom.commands.settings_page` prints it."""

import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from greenroom.config import SEED_NAMES, Settings, leaf_settings, value_of, variable_of

_HEAD = """\
# Settings

Greenroom runs without any. This page lists all there are. It is made from the code (`make docs`); do not edit it.

## Where a setting is read from

The strongest first:

1. options of the command line: `--host`, `--port`, `--data-dir`;
2. variables of the environment: `GREENROOM_`, then the name in capitals, with two underscores for each dot;
3. variables of the environment under the names of older programs, listed at the end;
4. the file `.env` in the folder where Greenroom is started, with the same variables in the same order;
5. the file `greenroom.toml` in that folder;
6. the default.

These three say the same:

```sh
GREENROOM_TURN__MAX_ATTEMPTS=5 greenroom up
```

```sh
echo GREENROOM_TURN__MAX_ATTEMPTS=5 >> .env
```

```toml
# greenroom.toml
[turn]
max_attempts = 5
```

In a variable a list is written with commas, `GREENROOM_WIRE__ALLOWED_HOSTS=green.example,room.example`, or as JSON.

`greenroom config` shows the settings in force and where each came from. A value that is not allowed, an unknown name in
`greenroom.toml`, and an unknown variable that begins with `GREENROOM_` stop the start, with the name, the value and
what is allowed.

## Secrets

The settings marked *secret* are read from the environment or from `.env` alone; in `greenroom.toml` they stop the
start. The keys of OpenAI-compatible servers are in variables of their own, and the file names the variable
(`api_key_env`). Secrets are never shown, neither by `greenroom config` nor in the log.
"""

_COMPATIBLE = """
`llm.compatible` is a table with one entry for each server; the name is yours (lower case letters, digits, `-`, `_`).

```toml
# greenroom.toml
[llm.compatible.openrouter]
base_url = "https://openrouter.ai/api/v1"
api_key_env = "OPENROUTER_API_KEY"
models = ["meta-llama/llama-3.3-70b-instruct"]

[llm.generation]
model = "openrouter/meta-llama/llama-3.3-70b-instruct"
```

As variables: `GREENROOM_LLM__COMPATIBLE__OPENROUTER__BASE_URL`, and so on.

`llm.prices` has an entry for each pattern of full names, in US dollars for a million tokens; the first that fits
counts.

```toml
# greenroom.toml
[llm.prices]
"vllm/*" = { input = 0, output = 0 }
"openrouter/meta-llama/*" = { input = 0.05, output = 0.08 }
```

As a variable it is JSON: `GREENROOM_LLM__PRICES={"vllm/*": {"input": 0, "output": 0}}`.
"""

_COLUMNS = "| setting | default | allowed | what it is for |\n|---|---|---|---|\n"

_OLDER = """
## Names of older programs

These variables are understood where the setting's own variable is not given.

| variable | setting |
|---|---|
"""

_BOUNDS = ("ge", "gt", "le")
_KINDS = {"bool": "`true`, `false`", "int": "whole number", "float": "number", "tuple": "list", "Path": "folder"}


def settings_page() -> str:
    """The page, in Markdown."""
    older = "".join(f"| `{name}` | `{path}` |\n" for name, path in SEED_NAMES.items())
    return _HEAD + "".join(_sections()) + _OLDER + older


def _sections() -> Iterator[str]:
    """One table for each part of the tree, the settings at its root first."""
    for part, settings in groupby(leaf_settings(), key=lambda leaf: leaf[0].rpartition(".")[0].partition(".")[0]):
        described = Settings.model_fields[part].description if part else "Where it answers, and where things are kept."
        yield f"\n## {f'`{part}`' if part else 'The whole house'}\n\n{described}\n\n{_COLUMNS}"
        yield from (_row(path, field) for path, field in settings)
        if part == "llm":
            yield _COMPATIBLE


def _row(path: str, field: FieldInfo) -> str:
    cells = (f"`{path}`<br>`{variable_of(path)}`", _default(path), _allowed(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(path: str) -> str:
    value = value_of(Settings.model_construct(), path)
    if isinstance(value, SecretStr | tuple | dict):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"


def _allowed(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(kind))
    if kind is SecretStr:
        return "text, *secret*"
    name = (get_origin(kind) or kind).__name__
    return f"{_KINDS.get(name, 'text')}{_range(field)}" if name != "dict" else "table"


def _range(field: FieldInfo) -> str:
    """The bounds of a number in words."""
    bounds = {name: getattr(rule, name) for rule in field.metadata for name in _BOUNDS if hasattr(rule, name)}
    low, above, high = bounds.get("ge"), bounds.get("gt"), bounds.get("le")
    if above is not None:
        return f", above {above}"
    if low is None:
        return ""
    return f", {low} or more" if high is None else f", {low} to {high}"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
