"""Chance that comes out the same each time: whoever knows the turn can say what was drawn, and why."""

import hashlib


def drawn(seed: str) -> float:
    """A number from 0 up to 1 that is as good as random, and always the same for a seed."""
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()[:8]) / 2**64
