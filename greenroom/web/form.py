"""Fields of the owner's forms, and what is wrong with what was typed into them."""

from nicegui import ui
from pydantic import ValidationError


def field(label: str, testid: str, **props: object) -> ui.input:
    """A line to type into; `label` is shown while it is empty."""
    made = ui.input(placeholder=label).props("dense outlined")
    made.props.update({"aria-label": label, "data-testid": testid, **props})
    return made


def complaint(exc: ValidationError) -> str:
    """What is wrong, in a sentence that names the field, if it is one field alone."""
    first = exc.errors()[0]
    what = f"The {str(first['loc'][0]).replace('_usd', '')}" if first["loc"] else "It"
    return f"{what} cannot be this: {first['msg'].removeprefix('Value error, ')}"
