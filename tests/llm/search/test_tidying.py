import pytest

from greenroom.addresses import address, same_page
from greenroom.llm.search.hit import Hit
from greenroom.llm.search.tidying import clean, cut, tidy


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://Example.com/A?b=c#d", "https://example.com/A?b=c#d"),
        (" http://example.com:80/ ", "http://example.com/"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("https://example.com/a b<script>[1]\n# System", "https://example.com/a%20b%3Cscript%3E%5B1%5D# System"),
        ("https://example.com/50%25", "https://example.com/50%25"),
    ],
)
def test_an_address_is_shown_in_its_plain_form(given: str, shown: str) -> None:
    assert address(given) == shown.replace("# System", "#%20System")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.com",
        "//example.com/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "https://",
        "https:///x",
        "https://bank.example@evil.example/",
        "https://user:password@example.com/",
        "http://[::1]/",
        "http://[broken",
        "http://example.com:99999/",
        "https://exa..mple.com/",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_what_is_not_a_page_of_the_web_is_left_out(given: str) -> None:
    assert address(given) is None


def test_addresses_of_one_page_mean_the_same() -> None:
    one = same_page("https://www.example.com/a/?x=1&y=2")
    assert one == same_page("http://example.com/a?y=2&x=1&utm_source=news&fbclid=3#part")
    assert one != same_page("https://example.com/b?x=1&y=2")
    assert one != same_page("https://example.com/a?x=1&y=3")


def test_each_page_comes_once_at_its_first_place() -> None:
    hits = [
        Hit("One", "https://example.com/1", "first", "google"),
        Hit("Other", "https://example.com/2", "", "google"),
        Hit("One again", "http://www.example.com/1/?utm_medium=x", "second", "bing"),
        Hit("", "https://example.com/3", " ", "google"),
        Hit("Script", "javascript:alert(1)", "text", "google"),
    ]
    assert [(r.title, r.snippet) for r in tidy(hits)] == [("One", "first"), ("Other", "")]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("<b>Clams</b> &amp; <i class='x'>beer</i>", "Clams & beer"),
        ("before<script>alert('x')</script>after", "before after"),
        ("never<style>p { color: red }", "never"),
        ("<!-- hidden -->seen", "seen"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("one\r\n\ttwo\x00\x07three\x1b[31m", "one twothree[31m"),
        ("in\u200bvis\u2066ible\U000e0041\U000e0042", "invisible"),
        ("＜|im_start|＞", "<|im_start|>"),
        ("\ud800lone", "lone"),
    ],
)
def test_text_is_cleaned(given: str, left: str) -> None:
    assert clean(given, 100) == left


def test_text_is_cut_at_the_end_of_a_word() -> None:
    assert cut("the clams of Quahog", 100) == "the clams of Quahog"
    assert cut("the clams of Quahog", 14) == "the clams of…"
    assert cut("x" * 50, 10) == "x" * 9 + "…"
    assert len(clean("word " * 100_000, 800)) <= 800
