"""Vectors for fakes: alike when texts share words, and the same everywhere."""

from zlib import crc32

from greenroom.text import words


def bag_of_words(text: str, dimensions: int) -> tuple[float, ...]:
    """A vector of length 1 that counts the words of a text; zeros for a text without any."""
    counts = [0.0] * dimensions
    for word in words(text):
        counts[crc32(word.encode()) % dimensions] += 1.0
    length = sum(count * count for count in counts) ** 0.5
    return tuple(count / length for count in counts) if length else tuple(counts)
