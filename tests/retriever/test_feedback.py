"""What the first hits share with others speaks for these."""

from collections.abc import Sequence

from greenroom.retriever.feedback import heard_again
from greenroom.retriever.said import Said, Saying, Vocabulary

LIBRARY = {"camp": 3, "tent": 4, "fire": 5, "abner": 300, "soup": 40}
VOCABULARY = Vocabulary()


def says(*body: str, speaker: str = "abner") -> Saying:
    return Saying.of(([speaker], [], list(body)), VOCABULARY)


def count(wanted: Sequence[str]) -> dict[str, int]:
    return {term: LIBRARY[term] for term in wanted if term in LIBRARY}


def hear(asked: dict[str, float], first: Sequence[int], said: dict[int, Saying]) -> dict[int, float]:
    return heard_again(asked, first, Said(said, VOCABULARY), {"abner"}, 1000, count)


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


def test_the_database_is_asked_for_a_few_words_however_many_the_first_hits_have() -> None:
    wanted: list[str] = []

    def counting(some: Sequence[str]) -> dict[str, int]:
        wanted.extend(some)
        return {}

    said = {1: says(*(f"word{number}" for number in range(500)))}

    heard_again({"camp": 1.0}, [1], Said(said, VOCABULARY), set(), 1000, counting)

    assert len(wanted) == 31


def test_where_nothing_was_found_nothing_is_heard() -> None:
    assert hear({"camp": 1.0}, [], {}) == {}


def test_in_chunks_without_a_word_nothing_is_heard() -> None:
    assert hear({"camp": 1.0}, [], {1: Saying.of(([], [], []), VOCABULARY)}) == {}
