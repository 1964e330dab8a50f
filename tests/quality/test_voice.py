"""How somebody talks, from the lines of a sheet and from those of a conversation."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from greenroom.quality.line import Line
from greenroom.quality.voice import listen, overheard, pieces_of
from greenroom.text import words

texts = st.one_of(
    st.text(st.sampled_from("ab ’'İß*().!\n"), max_size=40),
    st.sampled_from(["", " ", "a", "Haha *laughs* haha!", "(sighs) My dear fellow...", "so so so " * 400]),
)


@given(st.lists(texts, max_size=6), texts)
def test_of_a_conversation_those_pieces_and_words_are_counted_that_are_looked_for(lines: list[str], reply: str) -> None:
    pieces, tokens = set(pieces_of(reply)), set(words(reply))
    heard = overheard([Line("Sam", line, own=False) for line in lines], pieces, tokens)
    known = listen(lines)
    assert heard.pieces.of == Counter({piece: known.pieces.of[piece] for piece in pieces & known.pieces.of.keys()})
    assert heard.words.of == Counter({word: known.words.of[word] for word in tokens & known.words.of.keys()})
    assert (heard.pieces.total, heard.words.total) == (known.pieces.total, known.words.total)
