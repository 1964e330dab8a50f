"""How large the tests of faults are: small where all tests run, as large as docs/faults.md says with `make chaos`."""

import os

_FULL = bool(os.environ.get("TESTS_AT_FULL_SIZE"))


def sized(small: int, full: int) -> int:
    """So many, or very many."""
    return full if _FULL else small
