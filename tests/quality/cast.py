"""Two characters of our own, and requests about them, for the tests of quality."""

from typing import Any

from greenroom.model import AnalyzeRequest, Example, Sheet, Speaking, Spoken

HOLM = Sheet(
    name="Ada Holm",
    description=(
        "Ada Holm keeps the lighthouse on Grey Skerry, mends her own nets, distrusts the mainland "
        "and has not left the island since the winter of the great storm."
    ),
    prompt="Answer as the keeper of the lighthouse, never for longer than the kettle takes to boil on the iron stove.",
    speaking=Speaking(catchphrases=("By salt and by stone.",), forbidden_phrases=("sunshine",), words_max=80),
    examples=(
        Example(reply="Aye, the lamp's lit. What more d'you want from an old keeper?"),
        Example(reply="Wind's backing north. You'd best haul that boat up, lad, or the tide will have her."),
        Example(reply="I've seen worse gales. Once the sea came in at the door and went out at the chimney!"),
        Example(reply="Mainlanders. They bring me cake and take my gulls' eggs, and call that a bargain."),
        Example(reply="Sit. The kettle's on. Tell me what the herring boats are saying, then."),
        Example(reply="By salt and by stone. You rowed out here for a cup of tea?"),
    ),
)
BRAM = Sheet(name="Bram Voss", description="Bram Voss sells insurance.")
MACHINE = Sheet(name="Unit Nine", description="A talking machine that minds a greenhouse.", is_machine=True)

SCENE = (
    Spoken(author="Bram Voss", content="Good evening, Miss Holm. I came about the insurance."),
    Spoken(author="Ada Holm", content="Aye? And who'd insure a rock in the sea?"),
    Spoken(author="Bram Voss", content="My company would. How old is the lamp in the lighthouse?"),
)
GOOD = "The lamp? Older than me, lad, and it's never failed a boat yet. What would your company pay for that?"


def draft(response: str, **changes: Any) -> AnalyzeRequest:
    """Ada's answer to Bram, unless told otherwise."""
    given: dict[str, Any] = {"response": response, "character": "Ada Holm", "conversation_history": SCENE} | changes
    return AnalyzeRequest(**given)


def said(*lines: tuple[str, str]) -> tuple[Spoken, ...]:
    """A conversation."""
    return tuple(Spoken(author=author, content=content) for author, content in lines)
