"""Addresses of pages, pages that say the same, and texts in any charset."""

import pytest

from greenroom.crawler.places import is_page, place, shape, trap
from greenroom.crawler.prints import Print, Prints
from greenroom.crawler.reading import decoded, read_html


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("b", "http://host/a/b"),
        ("/b#part", "http://host/b"),
        ("//other.example:80/x", "http://other.example/x"),
        ("?page=2&utm_source=x&PHPSESSID=1", "http://host/a/?page=2"),
        ("HTTP://HOST/B", "http://host/B"),
        ("mailto:a@b.example", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("http://a:b@host/", None),
    ],
)
def test_each_page_has_one_address(link: str, leads_to: str | None) -> None:
    assert place("http://host/a/", link) == leads_to


@pytest.mark.parametrize(
    "url",
    [
        "http://h/a/a/a",
        "http://h/" + "x" * 500,
        "http://h/" + "/".join("abcdefghijklmnopqr"),
        "http://h/?a=1&b=2&c=3&d=4&e=5&f=6&g=7",
        "http://h/wiki/X?action=edit",
        "http://h/wiki/X?oldid=3",
    ],
)
def test_addresses_that_look_like_a_trap_are_known(url: str) -> None:
    assert trap(url)


def test_addresses_of_pages_are_no_traps() -> None:
    for url in ("http://h/", "http://h/wiki/Peter_Griffin", "http://h/w/index.php?title=X", "http://h/2026/11/21/news"):
        assert not trap(url)
        assert is_page(url)
    assert not is_page("http://h/a.PNG")
    assert shape("http://h/c/2026/11?view=day&m=3") == shape("http://h/c/1999/1?m=4&view=week") == "/c/#/#?m&view"


def page(*different: str) -> Print:
    said = [f"Sentence number {number} is about {number * 7} boats." for number in range(30)]
    return Print.of(" ".join([*said, *different]))


def test_pages_that_say_nearly_the_same_are_told() -> None:
    prints = Prints([("first", page("Printed on the first of May."))])
    assert prints.same_as("second", page("Printed on the second of June.")) == "first"
    assert not prints.same_as("first", page("Printed on the second of June."))
    assert not prints.same_as("third", page(*(f"But {n} is different here." for n in range(8))))
    prints.remove("first")
    assert not prints.same_as("second", page("Printed on the second of June."))


def test_short_pages_from_one_template_stay_two() -> None:
    def stub(who: str) -> Print:
        return Print.of(f"{who} is a baker. {who} lives here. {who} has a goose. It is grey. It sings. It is old.")

    assert not Prints([("a", stub("Abner"))]).same_as("b", stub("Bella"))
    assert Prints([("a", stub("Abner"))]).same_as("b", stub("Abner")) == "a"


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("Größe".encode("iso-8859-1"), "text/html; charset=ISO-8859-1", "Größe"),
        (b'<meta charset="windows-1252">' + "für".encode("cp1252"), "text/html", '<meta charset="windows-1252">für'),
        ("für".encode(), "text/html", "für"),
        (b"\xff\0a", "text/html; charset=unicode_escape", "�a"),
        (b"a", "text/html; charset=no-such-thing", "a"),
    ],
)
def test_a_text_is_read_in_its_charset(body: bytes, kind: str, text: str) -> None:
    assert decoded(body, {"Content-Type": kind}) == text


def test_a_page_that_is_nested_without_end_takes_no_time() -> None:
    deep = b"<html><body>" + b"<div>" * 100_000 + b"<p>Deep down is a text that nobody can see.</p>"
    assert read_html(deep, "http://h/", {}).links == ()


def test_what_is_no_page_at_all_has_no_text() -> None:
    for body in (b"", b"\0\0\0", b"<", b"\xff\xfe", b"<html><script>alert(1)</script></html>"):
        assert read_html(body, "http://h/", {}).text == ""
