"""Embeddings as the house keeps them, whoever made them."""

from collections.abc import Sequence

import numpy as np


def unit_rows(rows: Sequence[Sequence[float]], dimensions: int | None = None) -> tuple[tuple[float, ...], ...]:
    """Cut each row to `dimensions`, and make it of length 1; a row of zeros stays one.

    Raises: ValueError, when the rows differ in length or hold something that is not a finite number.
    """
    if not rows:
        return ()
    matrix = np.asarray(rows, dtype=np.float64)[:, :dimensions]
    if not np.isfinite(matrix).all():
        raise ValueError("not a finite number")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    units = np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
    return tuple(tuple(row) for row in units.astype(np.float32).tolist())
