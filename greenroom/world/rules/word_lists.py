"""The words by which the rules tell what kind of thing is spoken of. English only."""

import re

from greenroom.model import EntityType


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


KIN = (
    r"(?:mother|father|mom|mum|dad|sister|brother|son|daughter|wife|husband|girlfriend|boyfriend|partner|fianc[ée]e?|"
    r"aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|godfather|godmother|stepmother|stepfather|"
    r"friend|neighbou?r|boss|colleague|co-worker|coworker|roommate|flatmate|landlord|landlady|teacher|doctor|dentist|"
    r"lawyer|therapist|trainer|coach|mentor|apprentice|captain|dog|cat|parrot|horse|hamster|rabbit|goldfish|turtle|"
    r"snake|pony|goat|cow|chicken|ex-wife|ex-husband|ex-girlfriend|ex-boyfriend|ex|stepson|stepdaughter|stepbrother|"
    r"stepsister|twin|kitten|puppy|nanny|editor|agent|gardener|mechanic|barber|hairdresser|accountant|assistant|student|"
    r"manager|supervisor|classmate|bandmate)"
)
TITLES = (
    r"(?:Captain|Doctor|Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Miss|Sir|Lady|Lord|King|Queen|Prince|Princess|Professor|Uncle|Aunt|"
    r"Father|Mother|Sister|Brother|Sergeant|Officer|Mayor|Judge|General|Colonel|Granny|Saint|Baron|Duke|Chef)"
)
_LOCATIONS = _list(
    """
    bar pub inn tavern restaurant cafe café diner bakery shop store market mall school university college library
    museum church temple chapel cathedral monastery castle fortress tower palace keep manor mansion house home
    cottage cabin hut farm barn mill village town city capital country kingdom empire province state county district
    neighbourhood neighborhood street road lane avenue square park garden forest wood woods jungle lake river sea
    ocean bay harbour harbor port dock docks pier beach island mountain hill valley canyon desert swamp cave mine
    bridge gate station airport hospital clinic prison jail office factory warehouse workshop theatre theater cinema
    arena stadium gym hotel motel hostel brewery winery room kitchen cellar basement attic garage lighthouse
    graveyard cemetery planet moon galaxy club gallery studio bookshop bookstore spring ranch camp quarry ruins
    crypt vault mount bakery brewpub butchery dairy smithy
    """
)
_ITEMS = _list(
    """
    sword dagger knife axe bow shield helmet armour armor ring amulet necklace bracelet crown key map letter book
    diary journal scroll note potion flask bottle cup mug goblet lantern lamp torch candle rope bag backpack chest
    box coin coins gem jewel diamond ruby emerald wand staff cloak hat boots gloves coat jacket watch clock compass
    telescope camera phone laptop computer guitar violin piano drum flute trumpet bike bicycle car truck van boat
    ship yacht motorcycle scooter plane painting statue mask mirror photo photograph picture ticket passport wallet
    gun pistol rifle hammer shovel machine robot device chair table couch sofa bed door cake pie recipe medal trophy
    spoon umbrella kite locket vase stone crystal harp orb whistle drink beer ale wine gin rum whisky
    """
)
_CONCEPTS = _list(
    """
    festival holiday feast fair parade guild order brotherhood sisterhood society cult religion faith church-order
    war battle law rule treaty game sport tournament contest song ballad band team company corporation business
    legend myth curse spell ritual prophecy tradition language dialect plan project operation disease plague magic
    party movement newspaper magazine show series film movie programme program scandal theory philosophy dance dish
    """
)
_PEOPLE = _list(
    """
    man woman boy girl child baby kid person guy lady king queen prince princess knight wizard witch ghost thief spy
    nurse cook chef guard priest monk nun pirate captain soldier sailor farmer smith blacksmith baker butcher barber
    carpenter plumber doctor lawyer judge teacher student professor mayor president sheriff detective journalist
    poet author artist musician pianist mechanic engineer pilot accountant dentist vet librarian bartender waiter
    waitress barista cashier clerk architect scientist chemist electrician firefighter paramedic fisherman hunter
    merchant dragon goblin elf dwarf giant troll orc barkeep innkeeper shopkeeper dog cat parrot horse wolf bear
    twin orphan widow widower goat pony kitten puppy hamster rabbit turtle chicken cow hen duck
    """
) | _list("brother sister mother father friend neighbour neighbor boss landlord landlady cousin uncle aunt")
_PERSON_ENDING = re.compile(r"(?:[^aeiou]er|[aiou]tor|[aeiou]logist|ist|ician|woman|man)$")
_NO_PERSON = _list(
    "water number letter paper computer timer river winter summer dinner supper member cover order matter"
)

ANIMATE = re.compile(
    r"(?:says?|said|tells?|told|thinks?|thought|knows?|knew|loves?|loved|hates?|hated|likes?|liked|adores?|fears?|"
    r"lives|lived|moved|works?|worked|married|divorced|died|quit|retired|arrived|left|returned|"
    r"laughs?|cries|cried|sings?|sang|plays?|played|owns?|owned|runs?|ran|bought|sold|stole|found|lost|gave|took|built|"
    r"broke|became|becomes|teaches|taught|studies|studied|speaks?|spoke|drinks?|eats?|sleeps?|wears?|writes|wrote|"
    r"drives?|drove|collects?|paints?|painted|cooks?|bakes?|sells?|keeps?|kept|has|had|met|joined|won|escaped|killed|"
    r"betrayed|saved|rescued|promised|refuses?|refused|needs?|wants?|wanted|plans?|planned|turned|graduated|inherited|"
    r"discovered|invented|founded|opened|repairs?|repaired|snores?|"
    r"borrowed|lent|owes?|owed|hid|stays?|stayed|visits?|visited|grew|swims?|dances?|fights?|fought|named|adopted|gets|got)"
)
"""Verbs, in the forms that he and she have, that say something worth keeping of somebody."""

INANIMATE = re.compile(
    r"(?:stands?|stood|lies|lay|burned|burnt|collapsed|closed|closes|opened|opens|sank|exploded|broke|vanished|"
    r"disappeared|belongs?|belonged|costs?|glows?|contains?|holds?|held|has|had|serves?|served|sells?|sold|begins?|"
    r"began|starts?|started|ends?|ended|happens?|happened|takes place|took place|was|is|smells?|overlooks?|connects?|"
    r"meets?|met|gathers?|gathered|performs?|performed|wins?|won|loses|lost|offers?|needs?|"
    r"leads?|flooded|froze|reopened|moved|celebrates?|honou?rs?|forbids?|requires?|makes?)"
)
"""The same for things, places and ideas."""


def kind_of(phrase: str) -> EntityType | None:
    """What kind of thing a description speaks of, by its head: "a bar at the harbour" is a location."""
    head = re.split(
        r"\s+(?:of|at|in|on|for|from|with|near|by|to|who|that|which|where|called|named)\b|,", phrase, maxsplit=1
    )
    found = re.findall(r"[\w'-]+", head[0].casefold())
    return _kind_of_word(found[-1]) if found else None


def kind_of_name(name: str) -> EntityType | None:
    """What kind of thing a name says that it is: Harbour Street is a location."""
    parts = re.findall(r"[\w'-]+", re.split(r"\s+of\s+", name.casefold().removeprefix("the "))[0])
    listed = (kind for word in (*parts[-1:], *parts[:1]) if (kind := _listed(word)))
    return next(listed, None)


def _kind_of_word(word: str) -> EntityType | None:
    """Of a word that stands in no list, by its ending: who plumbs is a plumber."""
    by_ending = _PERSON_ENDING.search(word) and word not in _NO_PERSON
    return _listed(word) or ("character" if by_ending else None)


def _listed(word: str) -> EntityType | None:
    single = word.removesuffix("s")
    kinds: tuple[tuple[frozenset[str], EntityType], ...] = (
        (_PEOPLE, "character"),
        (_LOCATIONS, "location"),
        (_ITEMS, "item"),
        (_CONCEPTS, "concept"),
    )
    for words, kind in kinds:
        if word in words or single in words:
            return kind
    return None
