"""Reading turns by rules, where no model is asked."""

from greenroom.world.rules.mind import Finding, Line
from greenroom.world.rules.reading import read

__all__ = ["Finding", "Line", "read"]
