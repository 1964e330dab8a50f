"""What the first hits share with others speaks for these."""

from collections.abc import Sequence

from greenroom.retriever.feedback import heard_again, shared_words, weights
from greenroom.retriever.said import Said, Saying, Vocabulary

LIBRARY = {"camp": 3, "tent": 4, "fire": 5, "abner": 300, "soup": 40}
VOCABULARY = Vocabulary()


def says(*body: str, speaker: str = "abner") -> Saying:
    return Saying.of(([speaker], [], list(body)), VOCABULARY)


def hear(asked: dict[str, float], first: Sequence[int], sayings: dict[int, Saying]) -> dict[int, float]:
    said = Said(sayings, VOCABULARY)
    shared = shared_words(first, said, {*asked, "abner"})
    return heard_again(said, said.times([*asked, *shared]), weights(asked, shared, LIBRARY, 1000))


def test_what_shares_words_with_the_first_hits_is_heard_but_less_than_what_was_asked_for() -> None:
    said = {1: says("camp", "tent", "abner"), 2: says("camp", "tent"), 3: says("tent", "soup"), 4: says("abner")}

    heard = hear({"camp": 1.0}, [1, 2], said)

    assert sorted(heard) == [1, 2, 3]
    assert heard[3] < heard[1]


def test_what_was_asked_for_counts_in_a_chunk_that_only_its_meaning_found() -> None:
    said = {1: says("camp"), 2: says("soup"), 9: says("fire", "camp")}

    assert sorted(hear({"camp": 1.0, "fire": 0.5}, [1], said)) == [1, 9]


def test_a_word_of_less_weight_in_the_query_says_less() -> None:
    said = {1: says("camp"), 2: says("camp")}

    assert hear({"camp": 0.5}, [1], said)[2] < hear({"camp": 1.0}, [1], said)[2]


def test_the_first_hits_share_a_few_words_however_many_they_have() -> None:
    said = Said({1: says(*(f"word{number}" for number in range(100, 600)))}, VOCABULARY)

    assert list(shared_words([1], said, set())) == [f"word{number}" for number in range(100, 130)]


def test_words_that_say_the_same_come_in_one_order_in_whichever_the_database_tells_them() -> None:
    told, otherwise = (Said({1: says(*body)}, VOCABULARY) for body in (("clam", "beer"), ("beer", "clam")))

    assert list(shared_words([1], told, set())) == list(shared_words([1], otherwise, set())) == ["beer", "clam"]


def test_of_words_that_say_the_same_those_of_the_best_hit_come_first() -> None:
    said = Said({1: says("anchor"), 2: says("zebra"), 3: says("soup")}, VOCABULARY)

    assert list(shared_words([2, 1], said, set())) == ["zebra", "anchor"]


def test_words_that_most_of_the_first_hits_have_come_before_those_of_one_and_those_of_all_say_less() -> None:
    said = Said({1: says("tent", "rope"), 2: says("tent", "rope"), 3: says("rope"), 4: says("rope")}, VOCABULARY)

    assert shared_words([1, 2], said, {"abner"}) == {"tent": 2, "rope": 2}
    assert list(shared_words([1, 2], said, {"abner"})) == ["tent", "rope"]


def test_a_word_that_the_library_lost_meanwhile_counts_nothing() -> None:
    assert weights({"camp": 1.0, "kraken": 1.0}, {"lost": 2}, LIBRARY, 1000)[1:] == [0.0, 0.0]


def test_where_nothing_was_found_nothing_is_heard() -> None:
    assert hear({"camp": 1.0}, [], {}) == {}


def test_in_chunks_without_a_word_nothing_is_heard() -> None:
    assert hear({"camp": 1.0}, [], {1: Saying.of(([], [], []), VOCABULARY)}) == {}
