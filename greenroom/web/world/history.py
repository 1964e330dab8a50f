"""What happened to a world of late, newest first."""

from greenroom.web.look import box, text
from greenroom.web.world.happening import Happenings
from greenroom.web.world.view import View

_SHOWN = 40


class HistoryCard:
    """The last events, also those that count no more and those that were refused."""

    def __init__(self, happenings: Happenings) -> None:
        self._happenings = happenings
        with box("g-card g-happened", "section", "history"):
            text("What happened", tag="h2")
            self._body = box("g-card-body")

    def show(self, view: View) -> None:
        """Show the events of a world."""
        self._body.clear()
        with self._body:
            if not view.events:
                text(
                    "Nothing yet. Each change stands here, with the words that caused it and a way to undo it.", "g-dim"
                )
            for event in list(reversed(view.events))[:_SHOWN]:
                self._happenings.draw(event, view)
