"""Words that are each other's opposites, or exclude each other. Every word by its stem; see `opposed`."""

from greenroom.llm.similar.stems import stem

_PAIRS = """
accept reject | accept decline | accept refuse | accept deny | approve reject | approve deny | approve decline
allow forbid | allow prohibit | allow ban | allow block | permit forbid | permit prohibit | legal illegal
add remove | add delete | add subtract | add deduct | attach detach | include exclude | insert remove
insert extract | increase decrease | increase reduce | increase lower | raise lower | raise reduce | rise fall
rise drop | grow shrink | grow decline | gain lose | gain loss | win lose | win loss | profit loss | expand shrink
expand contract | extend shorten | lengthen shorten | widen narrow | strengthen weaken | improve worsen
improve deteriorate | upgrade downgrade | benefit drawback | benefit disadvantage | benefit risk | benefit downside
benefit cost | benefit harm | advantage disadvantage | advantage drawback | advantage downside | pro con
merit flaw | merit drawback | strength weakness | opportunity threat | virtue vice | upside downside | reward punish
reward penalty | bonus penalty | buy sell | purchase sell | lend borrow | rent own | rent buy | lease own | let rent
pay receive | pay earn | pay owe | spend save | spend earn | deposit withdraw | credit debit | income expense
income outgoing | asset liability | revenue cost | import export | send receive | give take | give receive
upload download | push pull | pick drop | enable disable | activate deactivate | start stop | start end
start finish | begin end | begin finish | begin stop | open close | open shut | lock unlock | install uninstall
connect disconnect | subscribe unsubscribe | follow unfollow | mute unmute | encrypt decrypt | encode decode
compress decompress | zip unzip | pack unpack | load unload | join leave | join quit | enter exit | enter leave
arrive depart | arrive leave | arrival departure | come go | grant revoke | grant deny | grant withdraw | hire fire
hire dismiss | employ dismiss | appoint dismiss | assign unassign | create delete | create destroy | make destroy
build demolish | save delete | keep delete | keep discard | keep remove | show hide | appear disappear
reveal conceal | visible hidden | visible invisible | public private | public secret | accelerate decelerate
accelerate brake | attack defend | attack retreat | advance retreat | invade defend | ask answer | question answer
teach learn | speak listen | read write | cause prevent | cause cure | cause effect | cause symptom
symptom treatment | symptom cure | disease cure | prevent treat | treat cause | help hinder | help harm | love hate
like dislike | like hate | agree disagree | support oppose | support criticize | praise criticize
encourage discourage | admit deny | confirm deny | confirm cancel | succeed fail | success failure | pass fail
remember forget | find lose | find hide | catch release | catch throw | push pull | lift drop | float sink
freeze melt | freeze thaw | boil freeze | heat cool | warm cool | warm cold | hot cold | hot cool | wet dry
damp dry | moist dry | big small | large small | large little | huge tiny | tall short | long short | high low
deep shallow | wide narrow | thick thin | fat thin | fat slim | heavy light | dark light | dark bright | bright dim
black white | loud quiet | loud silent | noisy quiet | busy quiet | busy empty | busy idle | busy free | full empty
crowded empty | fast slow | quick slow | rapid slow | early late | old new | old young | old modern | ancient modern
fresh stale | ripe unripe | hard soft | hard easy | difficult easy | difficult simple | complex simple
complicated simple | rough smooth | sharp blunt | sharp dull | tight loose | strong weak | rich poor | wealthy poor
cheap expensive | cheap dear | expensive inexpensive | free paid | clean dirty | clean contaminated | safe dangerous
safe unsafe | safe harmful | safe risky | safe toxic | healthy unhealthy | healthy ill | healthy sick | well ill
alive dead | awake asleep | live die | birth death | born die | marry divorce | married single | married unmarried
married divorced | married widowed | good bad | good evil | good poor | right wrong | right left | correct incorrect
correct wrong | true false | real fake | real imaginary | genuine fake | guilty innocent | fair unfair
lawful unlawful | moral immoral | polite rude | kind cruel | happy sad | happy unhappy | happy angry | glad sad
calm angry | brave afraid | brave cowardly | proud ashamed | smart stupid | clever stupid | wise foolish
positive negative | plus minus | optimist pessimist | hope despair | top bottom | front back | front rear
head tail | north south | east west | northern southern | eastern western | left right | upstairs downstairs
indoor outdoor | inside outside | internal external | inner outer | interior exterior | inbound outbound
incoming outgoing | input output | outward return | one-way return | up down | above below | over under | on off
in out | before after | with without | for against | upper lower | ahead behind | near far | close far
local remote | local foreign | local global | local national | domestic foreign | domestic international
national international | home away | native foreign | rural urban | urban suburban | city countryside | land sea
day night | morning evening | morning night | sunrise sunset | dawn dusk | noon midnight | summer winter
weekday weekend | today tomorrow | today yesterday | yesterday tomorrow | past future | previous next | first last
always never | temporary permanent | permanent casual | part-time full-time | short-term long-term | fixed variable
fixed flexible | static dynamic | constant variable | manual automatic | analog digital | online offline
wired wireless | active passive | active inactive | active retired | employed unemployed | employed self-employed
employed retired | available unavailable | male female | man woman | boy girl | husband wife | son daughter
brother sister | father mother | uncle aunt | king queen | nephew niece | actor actress | bride groom | he she
him her | his her | sir madam | gentleman lady | waiter waitress | adult child | adult kid | adult minor
adult infant | parent child | grandparent grandchild | baby adult | senior junior | teacher student | teacher pupil
doctor patient | employer employee | boss employee | manager employee | landlord tenant | landlord lodger
lender borrower | buyer seller | buyer vendor | customer supplier | client server | guest host | driver passenger
pedestrian driver | winner loser | attacker victim | author reader | sender recipient | sender receiver
plaintiff defendant | prosecutor defendant | predator prey | friend enemy | ally enemy | hero villain
leader follower | majority minority | minimum maximum | most least | more less | more fewer | best worst
better worse | all none | many few | everybody nobody | everyone nobody | everything nothing | some none
both neither | single double | single multiple | single joint | single couple | single shared | individual group
individual company | personal business | private commercial | residential commercial | retail wholesale | gross net
simple compound | basic advanced | beginner expert | standard premium | free premium | economy business | odd even
prime composite | singular plural | horizontal vertical | clockwise anticlockwise | parallel perpendicular
convex concave | acid base | acid alkali | solid liquid | liquid gas | metal nonmetal | organic inorganic
raw cooked | sweet sour | sweet bitter | sweet savory | vegetarian meat | vegan meat | alcoholic non-alcoholic
still sparkling | red blue | red green | red white | gas electric | petrol diesel | diesel electric
petrol electric | theory practice | mandatory optional | compulsory optional | compulsory voluntary
required optional | necessary unnecessary | major minor | primary secondary | ascending descending
increase decline | ascend descend | climb descend | import smuggle | arrest release | war peace | victory defeat
democracy dictatorship | capitalism communism | buyer renter | owner renter | owner tenant | sunny rainy
sunny cloudy | flood drought | high-rise low-rise | formal informal | formal casual | literal figurative
natural artificial | natural synthetic | human animal | plant animal | mind body | introvert extrovert
question statement
"""

OPPOSITES = frozenset(
    frozenset((stem(a), stem(b)))
    for line in _PAIRS.strip().splitlines()
    for pair in line.split("|")
    for a, b in [pair.split()]
    if stem(a) != stem(b)
)

_NEGATING = ("non", "un", "in", "im", "ir", "il", "dis", "de", "mis", "anti", "counter")
_PAIRED = (
    ("pre", "post"),
    ("over", "under"),
    ("up", "down"),
    ("in", "out"),
    ("intra", "inter"),
    ("hyper", "hypo"),
    ("macro", "micro"),
    ("ex", "im"),
    ("ex", "in"),
    ("pro", "anti"),
    ("multi", "single"),
)


def opposed(a: str, b: str) -> bool:
    """Whether two stems are opposites: by the list, or by how they are made (`lock` and `unlock`)."""
    return a != b and (frozenset((a, b)) in OPPOSITES or _by_prefix(a, b) or _by_prefix(b, a) or _by_ending(a, b))


def _by_prefix(a: str, b: str) -> bool:
    negated = any(b == prefix + a for prefix in _NEGATING)
    return len(a) > 2 and (
        negated or any(a[len(x) :] == b[len(y) :] != "" and a.startswith(x) and b.startswith(y) for x, y in _PAIRED)
    )


def _by_ending(a: str, b: str) -> bool:
    """`useful` and `useless`, `trainer` and `trainee`; the last letter is not in its stem."""
    return any(
        x.endswith(one) and y.endswith(other) and x.removesuffix(one) == y.removesuffix(other) != ""
        for x, y in ((a, b), (b, a))
        for one, other in (("ful", "less"), ("er", "e"), ("or", "e"))
    )
