"""Asking once more before something is done that cannot be undone."""

from collections.abc import Awaitable, Callable

from greenroom.web.look import box, button, text


def asking_first(label: str, question: str, act: Callable[[], Awaitable[None]]) -> None:
    """A button that opens a question, and does what it says when the answer is yes."""
    asked = box("g-question", testid="sure")

    def show(is_asked: bool) -> None:
        asked.set_visibility(is_asked)

    with asked:
        text(question)
        with box("g-row"):
            button(f"Yes, {label.casefold()}", act, testid="yes")
            button("No", lambda: show(False), "g-quiet", "no")
    button(f"{label} …", lambda: show(True), testid="act")
    show(False)
