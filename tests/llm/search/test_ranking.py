from greenroom.llm.search.ranking import ranked
from greenroom.model import SearchResult


def result(title: str, snippet: str = "") -> SearchResult:
    return SearchResult(title=title, url=f"https://example.com/{title}", snippet=snippet, score=0, source="test")


def titles(results: list[SearchResult]) -> list[str]:
    return [one.title for one in results]


def test_words_of_the_query_count_and_rare_ones_more() -> None:
    found = [
        result("weather", "clams today"),
        result("beer", "beer and clams"),
        result("Quahog", "the clams of Quahog"),
    ]
    assert titles(ranked("clams quahog", found, None))[0] == "Quahog"


def test_a_word_in_the_title_counts_more_than_one_in_the_text() -> None:
    found = [result("a page", "quahog is far"), result("quahog", "a page is far")]
    first, second = (next(r.score for r in ranked("quahog", found, None) if r.title == t) for t in ("quahog", "a page"))
    words_of_first, words_of_second = first - 0.5 * 0.25 / 0.65, second - 1.0 * 0.25 / 0.65
    assert words_of_first > words_of_second


def test_closeness_of_meaning_counts_where_words_say_nothing() -> None:
    found = [result("one"), result("two"), result("three")]
    vectors = [(1.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 0.0)]
    assert titles(ranked("clams", found, vectors)) == ["three", "one", "two"]


def test_where_nothing_speaks_the_order_of_the_engine_stands_and_scores_stay_within_bounds() -> None:
    found = [result(str(number)) for number in range(20)]
    order = ranked("clams", found, None)
    assert titles(order) == [str(number) for number in range(20)]
    assert all(0 <= one.score <= 1 for one in order)
    assert ranked("clams", [], None) == []


def test_the_same_input_gives_the_same_order() -> None:
    found = [result(f"{number} clams", "clams " * number) for number in range(10)]
    assert ranked("clams", found, None) == ranked("clams", found, None)


def test_a_query_without_words_of_its_own_ranks_by_place() -> None:
    assert titles(ranked("what is the", [result("what"), result("is")], None)) == ["what", "is"]
