"""What each service is made of, in one visible place; and the application that serves all of them, or one."""

from greenroom.app.house import House

__all__ = ["House"]
