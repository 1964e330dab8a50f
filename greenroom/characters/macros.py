"""Card macros in an author's text. They are replaced by text, never evaluated, and always in the same way."""

import re

from greenroom.text import fill

_CHOICE = re.compile(r"\{\{\s*(?:random|pick)\s*::?([^{}]*)\}\}", re.IGNORECASE)
_REMARK = re.compile(r"\{\{\s*(?://|comment\s*:|hidden_key\s*:)[^{}]*\}\}", re.IGNORECASE)


def filled(text: str, values: dict[str, str]) -> str:
    """The text with `{{char}}`, `{{user}}` and the like filled in.

    Of a choice (`{{random:tea,coffee}}`) the first stands, so that a prompt stays the same from turn to turn; remarks
    go. Macros that are not known stay as they are.
    """
    if "{{" not in text:
        return text
    text = _REMARK.sub("", text)
    text = _CHOICE.sub(lambda m: re.split(r"::|,", m[1])[0].strip(), text)
    return fill(text, values)
