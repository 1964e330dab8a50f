from greenroom.model import Cause
from greenroom.web.cause import why_it_spoke


def test_a_receipt_tells_in_words_why_a_character_spoke_unasked() -> None:
    cause = Cause(
        kind="answer",
        reasons=("cares for what is spoken of", "likes to talk"),
        chances={"Peter": 0.2, "Brian": 0.7},
        silence=0.1,
        weights="shipped",
        mood="excited",
        delay_s=2.5,
    )
    assert why_it_spoke(cause) == {
        "Spoke unasked": "to answer a line that was said to nobody in particular",
        "What counted": "cares for what is spoken of; likes to talk",
        "Chances": "Brian 70%, Peter 20%, nobody 10%",
        "Mood": "excited, after 2.5 s",
        "Weights": "shipped",
    }


def test_a_conversation_that_was_begun_has_its_topic_and_no_chance_of_silence() -> None:
    told = why_it_spoke(Cause(kind="starter", topic="jazz", chances={"Brian": 1.0}))
    assert told["Spoke unasked"] == "to begin a conversation about jazz"
    assert told["Chances"] == "Brian 100%"
    assert told["Mood"] == ""
