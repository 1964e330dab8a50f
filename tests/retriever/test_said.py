"""What chunks say, counted for many of them at once."""

import pytest

from greenroom.retriever.said import Said, Saying, Vocabulary

VOCABULARY = Vocabulary()
MILL = Saying.of((["mill"], ["lamp", "mill"], ["barley", "mill", "barley"]), VOCABULARY)
LAMP = Saying.of(([], [], ["lamp", "storm"]), VOCABULARY)
STORM = Saying.of((["storm"], [], ["lamp", "rum"]), VOCABULARY)
SAID = Said({7: MILL, 3: LAMP, 9: STORM}, VOCABULARY)


def test_a_term_counts_as_often_as_it_comes_and_half_where_it_went_before() -> None:
    assert SAID.times(["barley", "mill", "lamp", "kraken"]).tolist() == [[2, 2.5, 0.5, 0], [0, 0, 1, 0], [0, 0, 1, 0]]


def test_a_chunk_is_as_long_as_all_that_it_is_found_by() -> None:
    assert SAID.lengths().tolist() == [6, 2, 3]


def test_what_chunks_share_is_told_with_how_many_of_them_say_it_themselves() -> None:
    terms, held, everywhere = SAID.shared([3, 9], ["rum", "kraken"])

    told = {VOCABULARY[term]: counts for term, *counts in zip(terms.tolist(), held, everywhere, strict=True)}
    assert told == {"lamp": [2, 2], "storm": [1, 1]}


def test_how_common_words_are_is_told_the_commonest_first() -> None:
    common = SAID.common()

    assert common == {"lamp": 3, "storm": 2, "mill": 1, "barley": 1, "rum": 1}
    assert list(common)[:2] == ["lamp", "storm"]


def test_a_word_has_one_number_and_one_that_nobody_said_has_none() -> None:
    vocabulary = Vocabulary()
    assert vocabulary.learn(["clam", "beer", "clam"]) == [0, 1, 0]
    assert vocabulary.known(["beer", "kraken"]) == {"beer": 1}
    assert [vocabulary[0], vocabulary[1], len(vocabulary)] == ["clam", "beer", 2]


@pytest.mark.parametrize("said", [{}, {1: Saying.of(([], [], []), VOCABULARY)}])
def test_nothing_said_is_nothing_counted(said: dict[int, Saying]) -> None:
    nothing = Said(said, VOCABULARY)
    assert nothing.common() == {}
    assert nothing.times(["clam"]).sum() == 0
    assert [len(each) for each in nothing.shared(said, [])] == [0, 0, 0]


def test_a_word_that_is_said_without_end_is_counted_as_far_as_there_is_room() -> None:
    endless = Said({1: Saying.of(([], [], ["ha"] * 40_000), VOCABULARY)}, VOCABULARY)
    assert endless.times(["ha"])[0, 0] == (2**16 - 1) / 2
