"""Fakes that ship: one per port, scripted by the test, so that no test needs a patch."""

from greenroom.testing.fixed_cast import FixedCast
from greenroom.testing.frozen_clock import FrozenClock
from greenroom.testing.serving import serving

__all__ = ["FixedCast", "FrozenClock", "serving"]
