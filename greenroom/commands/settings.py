"""Showing the settings in force."""

from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from greenroom.config import Loaded, leaf_settings, value_of, variable_of
from greenroom.config.part import Part
from greenroom.text import without_secrets


def show_settings(loaded: Loaded, console: Console) -> None:
    """Print every setting with its value, where that came from, and what it is for."""
    table = Table("setting", "value", "from", "what it is for", title="Settings in force", title_justify="left")
    for path, field in leaf_settings():
        cells = (path, _shown(value_of(loaded.settings, path)), _origin(loaded, path), field.description or "")
        table.add_row(*map(escape, cells))
    console.print(table)
    console.print(f"Set one in greenroom.toml, or as {variable_of('llm.ollama_url')} in the environment or .env.")


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "(set, hidden)" if value.get_secret_value() else "(none)"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "(none)"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(entry)}" for name, entry in value.items()) or "(none)"
    if isinstance(value, Part):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value if name in value.model_fields_set)
    if isinstance(value, str) and ("://" in value or "@" in value):
        return without_secrets(value)
    return str(value) or "(none)"


def _origin(loaded: Loaded, path: str) -> str:
    inside = (origin for name, origin in loaded.origin.items() if name == path or name.startswith(path + "."))
    return next(inside, "default")
