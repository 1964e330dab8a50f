"""Work that is done in the background, once each, also over the end of the process."""

from greenroom.background.handling import Handler, TaskQueue
from greenroom.background.work import BackgroundWork

__all__ = ["BackgroundWork", "Handler", "TaskQueue"]
