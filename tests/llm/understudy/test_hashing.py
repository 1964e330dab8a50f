import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from greenroom.llm.understudy.hashing import HashingEmbedder


def similarity(first: str, second: str) -> float:
    one, other = HashingEmbedder().embed([first, second])
    return float(one @ other)


def test_rows_have_length_one_and_are_float32() -> None:
    rows = HashingEmbedder(64).embed(["The lamp is lit.", "Weather decides."])

    assert rows.shape == (2, 64)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_text_without_words_gives_a_row_of_zeros() -> None:
    rows = HashingEmbedder().embed(["", "  ?! ", "🎉"])

    assert not rows.any()


def test_no_texts_give_no_rows() -> None:
    assert HashingEmbedder(16).embed([]).shape == (0, 16)


def test_texts_about_the_same_are_closer_than_others() -> None:
    lamp = "Who lights the lamp of the lighthouse?"

    assert similarity(lamp, "The keeper lights the lamp at dusk.") > similarity(lamp, "Goats give milk.") + 0.2


def test_an_inflected_word_stays_close() -> None:
    assert similarity("sailing boats", "a boat sails") > similarity("sailing boats", "a goat sleeps")


def test_common_words_count_little() -> None:
    assert similarity("what is the storm", "what is the cheese") < 0.3


def test_another_process_gives_the_same_vector() -> None:
    made = "HashingEmbedder(8).embed(['storm at sea']).tolist()"
    script = f"from greenroom.llm.understudy.hashing import HashingEmbedder; print({made})"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == str(HashingEmbedder(8).embed(["storm at sea"]).tolist())


@given(st.lists(st.text(max_size=80), max_size=4), st.integers(1, 700))
def test_any_text_has_a_finite_row_of_length_one_or_zero(texts: list[str], dimensions: int) -> None:
    lengths = np.linalg.norm(HashingEmbedder(dimensions).embed(texts), axis=1)

    assert all(np.isclose(length, 1, atol=1e-5) or length == 0 for length in lengths)
