import pytest

from greenroom.llm.search.discretion import without_keys, without_private_details
from greenroom.llm.search.formulation import query, query_of
from greenroom.model import ChatMessage, ChatRequest, GenerateRequest


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Who wrote the Brandenburg Concertos?", "Who wrote the Brandenburg Concertos"),
        ("Hi there! Can you tell me who won the 2022 World Cup, please?", "who won the 2022 World Cup, please"),
        ("Hello, could you please explain to me how tides work?", "how tides work"),
        ("good morning", ""),
        ("Thanks! What about Peter Griffin's house?", "What about Peter Griffin's house"),
        ("Search the web for clam prices in Rhode Island", "clam prices in Rhode Island"),
        ("hey", ""),
        ("", ""),
        ("?!", ""),
        ("Wer hat den Faust geschrieben?", "Wer hat den Faust geschrieben"),
        ("東京の人口は？", "東京の人口は"),
    ],
)
def test_greetings_and_politeness_are_left_out(said: str, asked: str) -> None:
    assert query(said) == asked


def test_of_a_long_text_the_question_stays_with_quoted_phrases_and_names() -> None:
    said = (
        'I read an article yesterday that I found rather confusing in places. It said that "dark matter" was found by '
        "Vera Rubin in the seventies, and I always thought that it was somebody else entirely. It went on and on. "
        "When was the first evidence published? I need it for a talk next week."
    )
    assert query(said) == "When was the first evidence published? dark matter Vera Rubin"


def test_without_a_question_the_sentence_that_says_more_is_taken() -> None:
    said = "Summarise the latest findings about the Voyager 2 probe and its instruments. " + "It is for me. " * 10
    assert query(said).startswith("Summarise the latest findings about the Voyager 2 probe")


def test_code_is_not_searched_for_and_a_query_is_never_long() -> None:
    assert query("What does this raise?\n```python\nraise ValueError('secret things')\n```") == "What does this raise"
    assert len(query("Why? " + "Xylophone Quartet. " * 5000)) <= 200


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("mail brian@quahog.example about clams", "mail about clams"),
        ("call +1 (401) 555-0123 today", "call today"),
        ("card 4111 1111 1111 1111 stolen", "card stolen"),
        ("pay DE89 3704 0044 0532 0130 00 now", "pay now"),
        ("my password is hunter2 and it fails", "my and it fails"),
        ("token=abcdef fails", "fails"),
        ("Authorization: Bearer: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc is refused", "Authorization: is refused"),
        ("key AKIAIOSFODNN7EXAMPLE leaked", "key leaked"),
        ("use a1b2c3d4e5f6a7b8c9d0e1f2 here", "use here"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- works?", "works?"),
        ("https://me:hunter2@git.example/x fails", "https:// git.example/x fails"),
    ],
)
def test_keys_and_private_details_are_taken_out(said: str, left: str) -> None:
    assert " ".join(without_private_details(said).split()) == left


@pytest.mark.parametrize(
    "said",
    [
        "the war of 1939-1945 and its end",
        "population of Rhode Island in 2020",
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
        "an-adjective-made-of-many-words-since-2019",
        "python 3.14.1 and pydantic 2.14",
        "what is a bearer of bad news",
        "the secret of Monkey Island",
        "a groundbreaking book for great-grandfathers and granddaughters",
    ],
)
def test_ordinary_words_and_numbers_stay(said: str) -> None:
    assert without_private_details(said) == said


def test_a_key_that_is_cut_in_two_is_not_half_searched_for() -> None:
    said = "Why is it refused? " + "x " * 1986 + "AKIAIOSFODNN7EXAMPLE" + " y" * 4000
    assert query(said) == "Why is it refused"


def test_an_address_of_e_mail_that_somebody_searches_for_himself_stays() -> None:
    assert without_keys("who owns brian@quahog.example") == "who owns brian@quahog.example"


def test_the_last_message_is_what_is_asked() -> None:
    messages = (
        ChatMessage(role="system", content="You are Brian."),
        ChatMessage(role="user", content="Who is Lois?"),
        ChatMessage(role="assistant", content="Peter's wife."),
        ChatMessage(role="user", content="And who is Meg?"),
    )
    assert query_of(ChatRequest(messages=messages)) == "And who is Meg"
    assert query_of(ChatRequest(messages=messages[:3])) == ""
    assert query_of(GenerateRequest(prompt="Who is Meg?")) == "Who is Meg"


def test_nothing_is_searched_for_one_who_can_act_or_has_no_place_for_quotations() -> None:
    """Whoever reads text of strangers has no tools: it could be told to use them."""
    asked = (ChatMessage(role="user", content="Who is Meg?"),)
    assert query_of(ChatRequest(messages=asked, tools=({"type": "function"},))) == ""
    for given in ({"raw": True}, {"suffix": "."}, {"template": "{{ .Prompt }}"}, {"context": (1, 2)}):
        assert query_of(GenerateRequest.model_validate({"prompt": "Who is Meg?", **given})) == ""
