"""The pages of the make-believe wiki, all made from their numbers. Every word of them is ours."""

from dataclasses import dataclass

_FIRST = tuple(
    """
    Abner Bella Cyrus Delia Enoch Flora Gideon Hazel Isaac Judith Kermit Lydia Moses Nora Orson Petra Quincy Rhoda
    Silas Thelma Ulric Vera Wilbur Xenia Yorick Zelda Amos Birdie Clement Dorcas Elmer Fern Gus Hilda Ira Josie
    Knox Lottie Milo Nettie Otis Pearl Rufus Sadie Theo Una Virgil Winnie Ezra Mabel
    """.split()  # noqa: SIM905 - a list of one word a line would hide the rest of the file
)
_LAST = tuple(
    """
    Quill Barrow Cobb Drake Ember Finch Gale Hobbs Ives Jessup Keel Lark Marsh Nettle Oakes Pike Quay Rook Sprat
    Tarn Upshaw Vane Wick Yarrow Zander Ash Brine Crane Dell Eider Frost Grebe Heron Inlet Jetty Kelp Loam Moss
    Newt Otter Plover Reed Shoal Tern Urchin Vole Whelk Yew Birch Clay
    """.split()  # noqa: SIM905
)
_TRADES = (
    "baker",
    "cooper",
    "fiddler",
    "glazier",
    "lamplighter",
    "miller",
    "netmaker",
    "potter",
    "saddler",
    "tinsmith",
)
_PLACES = ("boathouse", "cannery", "creamery", "ferry", "foundry", "granary", "orchard", "quarry", "ropewalk", "mill")
_PETS = ("badger", "cormorant", "donkey", "ferret", "goose", "hedgehog", "magpie", "otter", "raven", "tortoise")
_HABITS = (
    "collects spoons",
    "hums at breakfast",
    "keeps a diary of the tides",
    "never wears a hat",
    "paints doors green",
    "plays the saw",
    "reads letters aloud",
    "repairs clocks at night",
    "trades in buttons",
    "whistles to the rain",
)
_CHILDREN = 5
KEEPER = "The keeper of the lighthouse on Pelican Rock is Abner Quill, who teaches pelicans to read."
"""What this wiki knows and nobody else does."""


@dataclass
class WikiPage:
    """A page. `version` grows when it changes."""

    number: int
    title: str
    sentences: list[str]
    links: list[int]
    categories: list[str]
    version: int = 1

    @property
    def name(self) -> str:
        """Its title as it stands in addresses."""
        return self.title.replace(" ", "_")


def make_pages(count: int) -> list[WikiPage]:
    """So many pages. Each is reached from the first one, and few links away."""
    return [_page(number, count) for number in range(count)]


def _page(number: int, count: int) -> WikiPage:
    children = [child for child in range(number * _CHILDREN + 1, number * _CHILDREN + _CHILDREN + 1) if child < count]
    links = [*children, (number * 7 + 3) % count, max(0, (number - 1) // _CHILDREN)]
    if number == 0:
        return WikiPage(0, "Pelican Rock", [KEEPER, *_of_the_rock()], links, ["Places"])
    return WikiPage(number, _person(number), _about(number, count), links, ["People"])


def _person(number: int) -> str:
    return f"{_FIRST[number % 50]} {_LAST[(number // 50 + number) % 50]}"


def _of_the_rock() -> list[str]:
    return [
        "Pelican Rock is an island with one village and no road.",
        "It was settled by people who had missed their ship.",
        "Everybody there has a trade, an animal and a habit.",
    ]


def _about(number: int, count: int) -> list[str]:
    who, other = _person(number), _person((number * 7 + 3) % count or 1)
    trade, place, pet = _TRADES[number % 10], _PLACES[number // 10 % 10], _PETS[number // 7 % 10]
    return [
        f"{who} is the {trade} of the {place} on Pelican Rock.",
        f"{who} has lived there since {1700 + number % 320}, and {_HABITS[number // 3 % 10]}.",
        f"People say that {who} once lent {other} {number + 2} shillings and a {pet}.",
        f"The {pet} of {who} answers to the name of {_LAST[number * 3 % 50]}.",
        f"On the day of the great fog {who} {_HABITS[(number // 3 + 5) % 10]} until noon, as {other} will tell you.",
    ]
