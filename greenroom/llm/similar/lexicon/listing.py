"""How the word lists are written down."""


def listed(text: str) -> tuple[str, ...]:
    """The words of a list, which are set apart by white space."""
    return tuple(text.split())
